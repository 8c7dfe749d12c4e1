#include "transport/name_lookup.hpp"

#include <netdb.h>

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "transport/limits.hpp"

namespace thicket::transport {

struct NameLookup::Shared {
  using Work = asio::executor_work_guard<asio::io_context::executor_type>;
  explicit Shared(asio::io_context& context) : io(context), work(context.get_executor()) {}

  std::mutex mutex;  // the lookup's thread may only touch io before it is cancelled
  asio::io_context& io;
  std::optional<Work> work;  // empty: cancelled
  std::function<void(Addresses)> done;
};

void NameLookup::start(asio::io_context& io, std::string host, std::uint16_t port,
                       std::function<void(Addresses)> done) {
  cancel();
  shared_ = std::make_shared<Shared>(io);
  shared_->done = std::move(done);
  const auto look = [shared = shared_, host = std::move(host), port] {
    Addresses addresses = look_up(host, port);
    const std::lock_guard lock(shared->mutex);
    if (!shared->work) return;
    asio::post(shared->io, [shared, addresses = std::move(addresses)]() mutable {
      if (!shared->work) return;
      shared->work.reset();
      const auto call = std::move(shared->done);
      call(std::move(addresses));
    });
  };
  try {
    std::thread(look).detach();
  } catch (const std::system_error&) {
    asio::post(io, [shared = shared_] {
      if (!shared->work) return;
      shared->work.reset();
      const auto call = std::move(shared->done);
      call(failure(std::string("cannot look the name up: no more threads")));
    });
  }
}

void NameLookup::cancel() {
  if (!shared_) return;
  std::function<void(Addresses)> dropped;
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->work.reset();
    dropped = std::move(shared_->done);
  }
  shared_.reset();
}

Addresses look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    return failure("cannot find the host " + host + ": " + ::gai_strerror(error));
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (at->ai_addrlen > sizeof(sockaddr_storage) || addresses.size() == kMaxAddressesPerName) {
      continue;
    }
    SocketAddress& address = addresses.emplace_back();
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
  }
  ::freeaddrinfo(found);
  return addresses;
}

}  // namespace thicket::transport
