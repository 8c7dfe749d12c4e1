#pragma once

#include <asio/io_context.hpp>
#include <memory>

#include "crypto/random.hpp"
#include "node/config.hpp"
#include "tun/device.hpp"

namespace thicket::node {

/// One running node: links, endpoint, gateway and device wired together on one event loop.
class Node {
 public:
  /// `config.identity` must be set. `device` may be null: no IPv6 side. References must outlive it.
  Node(asio::io_context& io, Random& random, Config config, std::unique_ptr<tun::Device> device);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Listens, dials, opens the administration socket. A peer URI that cannot be used is an error;
  /// a listener that cannot be opened is only logged (admin.md §13).
  Result<void, std::string> start();
  /// Closes everything; afterwards the io_context runs out of work.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thicket::node
