#include "node/commands/demo_mesh.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "crypto/address.hpp"
#include "node/config/config.hpp"
#include "node/echo_host.hpp"
#include "node/node.hpp"
#include "tun/memory_device.hpp"

namespace thicket::node {
namespace {

constexpr std::uint32_t kMtu = 65535;

/// The earlier nodes that node number `node` dials: its neighbour, and so on around the ring.
std::vector<std::size_t> dialled_by(std::size_t node) {
  std::vector<std::size_t> others;
  if (node > 0) others.push_back(node - 1);
  if (node == DemoMesh::kNodes - 1 || node == DemoMesh::kChordTo) {
    others.push_back(DemoMesh::kChordFrom);
  }
  return others;
}

}  // namespace

class DemoMesh::Host {
 public:
  Host(asio::io_context& io, Random& random, std::vector<std::string> peers,
       EchoHost::AnswerHandler on_answer);

  Result<void, std::string> start();
  void stop() { node_->stop(); }
  void ping(const Address& to) { echo_->ping(to); }
  const PublicKey& key() const { return key_; }
  std::string uri() const { return fmt::format("tcp://127.0.0.1:{}", node_->listening_ports()[0]); }

 private:
  PublicKey key_;
  std::unique_ptr<Node> node_;
  std::unique_ptr<EchoHost> echo_;
};

DemoMesh::Host::Host(asio::io_context& io, Random& random, std::vector<std::string> peers,
                     EchoHost::AnswerHandler on_answer) {
  Config config;
  config.identity = KeyPair::generate(random);
  config.peers = std::move(peers);
  config.listen = {"tcp://127.0.0.1:0"};
  config.admin_listen = "none";
  config.multicast_interfaces.clear();
  key_ = config.identity->public_key();

  auto device = std::make_unique<tun::MemoryDevice>("demo", kMtu);
  echo_ = std::make_unique<EchoHost>(*device, Address::of(key_), std::move(on_answer));
  node_ = std::make_unique<Node>(io, random, std::move(config), std::move(device));
}

Result<void, std::string> DemoMesh::Host::start() {
  if (auto started = node_->start(); !started) return started;
  if (node_->listening_ports()[0] == 0) {
    return failure(std::string("cannot listen on the loopback interface"));
  }
  return {};
}

DemoMesh::DemoMesh(asio::io_context& io, Random& random) : io_(io), random_(random) {}
DemoMesh::~DemoMesh() = default;

Result<void, std::string> DemoMesh::start() {
  started_ = Clock::now();
  for (std::size_t node = 0; node < kNodes; ++node) {
    std::vector<std::string> peers;
    for (const std::size_t other : dialled_by(node)) peers.push_back(hosts_[other]->uri());
    hosts_[node] =
        std::make_unique<Host>(io_, random_, std::move(peers),
                               [this, node](const Address& by, Clock::duration round_trip) {
                                 for (std::size_t to = 0; to < kNodes; ++to) {
                                   if (belongs_to(by, key(to))) answered(node, to, round_trip);
                                 }
                               });
    if (auto started = hosts_[node]->start(); !started) return started;
  }
  return {};
}

void DemoMesh::answered(std::size_t from, std::size_t to, Clock::duration round_trip) {
  Pair& pair = pairs_[from][to];
  ++pair.answered;
  pair.last = round_trip;
  if (!pair.first_after) pair.first_after = Clock::now() - started_;
}

void DemoMesh::ping_all() {
  for (std::size_t from = 0; from < kNodes; ++from) {
    for (std::size_t to = 0; to < kNodes; ++to) {
      if (from != to) hosts_[from]->ping(Address::of(key(to)));
    }
  }
}

void DemoMesh::stop() {
  for (const auto& host : hosts_) {
    if (host) host->stop();
  }
}

std::size_t DemoMesh::answered_pairs() const {
  std::size_t count = 0;
  for (const auto& row : pairs_) {
    for (const Pair& pair : row) count += pair.answered != 0 ? 1 : 0;
  }
  return count;
}

std::uint32_t DemoMesh::fewest_answers() const {
  std::uint32_t fewest = ~std::uint32_t{0};
  for (std::size_t from = 0; from < kNodes; ++from) {
    for (std::size_t to = 0; to < kNodes; ++to) {
      if (from != to) fewest = std::min(fewest, pairs_[from][to].answered);
    }
  }
  return fewest;
}

const PublicKey& DemoMesh::key(std::size_t node) const {
  return hosts_[node]->key();
}

}  // namespace thicket::node
