#pragma once

#include <optional>
#include <string>

namespace thicket::tun::test {

/// A network namespace of our own, with its loopback up. It has no name outside this process and
/// disappears with it. Used by the thread that enters it; sockets and devices opened within stay
/// there and work from anywhere.
class NetworkNamespace {
 public:
  /// Nothing if the system does not let us.
  static std::optional<NetworkNamespace> make();
  NetworkNamespace(NetworkNamespace&& other) noexcept;
  NetworkNamespace& operator=(NetworkNamespace&& other) noexcept;
  ~NetworkNamespace();

  /// Puts the calling thread into the namespace, and back when it goes.
  class Visit {
   public:
    explicit Visit(const NetworkNamespace& to);
    ~Visit();
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

   private:
    int home_;
  };

 private:
  explicit NetworkNamespace(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace thicket::tun::test
