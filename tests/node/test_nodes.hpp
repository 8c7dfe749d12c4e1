#pragma once

#include <fmt/format.h>

#include <asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crypto/address.hpp"
#include "node/echo_host.hpp"
#include "node/log.hpp"
#include "node/node.hpp"
#include "tun/memory_device.hpp"

namespace thicket::node::testing {

/// A node on loopback with a host behind it that answers pings.
class TestNode {
 public:
  TestNode(asio::io_context& io, Random& random, Config config, bool with_device = true) {
    key = config.identity->public_key();
    address = Address::of(key);
    std::unique_ptr<tun::MemoryDevice> device;
    if (with_device) {
      device = std::make_unique<tun::MemoryDevice>("test", config.interface_mtu);
      host = std::make_unique<EchoHost>(*device, address, [this](const Address& by, auto) {
        last_answer = by;
        ++answers;
      });
    }
    node = std::make_unique<Node>(io, random, std::move(config), std::move(device));
  }

  std::string uri() const { return fmt::format("tcp://127.0.0.1:{}", node->listening_ports()[0]); }
  std::size_t links_up() const {
    std::size_t count = 0;
    for (const auto& peer : node->peers()) count += peer.up ? 1 : 0;
    return count;
  }

  PublicKey key;
  Address address;
  std::unique_ptr<Node> node;
  std::unique_ptr<EchoHost> host;
  std::size_t answers = 0;
  Address last_answer;
};

/// Several nodes on one event loop.
class TestNodes {
 public:
  static constexpr auto kPatience = std::chrono::seconds(20);

  TestNodes() { silence_logging(); }

  Config make_config(std::vector<std::string> peers = {}) {
    Config config;
    config.identity = KeyPair::generate(random);
    config.listen = {"tcp://127.0.0.1:0"};
    config.peers = std::move(peers);
    config.admin_listen = "none";
    config.multicast_interfaces.clear();
    return config;
  }

  std::unique_ptr<TestNode> make(Config config, bool with_device = true) {
    return std::make_unique<TestNode>(io, random, std::move(config), with_device);
  }

  /// Runs the loop until `condition` holds; false: it did not in good time.
  bool run_until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.restart();
      io.run_one_for(std::chrono::milliseconds(10));
    }
    return true;
  }

  /// Runs the loop until a ping from one to the other is answered, sending one each 100 ms.
  bool ping(TestNode& from, const TestNode& to, std::size_t data_size = 0) {
    const std::size_t before = from.answers;
    auto next = std::chrono::steady_clock::now();
    return run_until([&] {
      if (std::chrono::steady_clock::now() >= next) {
        next += std::chrono::milliseconds(100);
        from.host->ping(to.address, data_size);
      }
      return from.answers > before && from.last_answer == to.address;
    });
  }

  asio::io_context io{1};
  SeededRandom random{7};
};

}  // namespace thicket::node::testing
