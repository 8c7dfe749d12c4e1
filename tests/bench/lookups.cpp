// Lookups by filters, by the DHT and by whichever is cheaper, on a preferential-attachment graph:
// link transmissions per lookup, the answer included; how many succeed; how long they take.
//   lookups NODES LOOKUPS SETTLE_SECONDS [SEED] [POLICY ...]
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "routing/dht/dht.hpp"
#include "routing/dht/message.hpp"
#include "routing/frame.hpp"
#include "sim/simulation.hpp"
#include "sim/topology.hpp"

using namespace thicket;
using namespace thicket::sim;
using namespace std::chrono_literals;

namespace {

struct Watcher final : Observer {
  explicit Watcher(Simulation& of) : simulation(of) {}

  void frame_sent(const FrameEvent& event) override {
    if (event.type == routing::FrameType::path_lookup) ++lookup_frames;
    if (event.type == routing::FrameType::path_notify) ++notify_frames;
    if (event.type != routing::FrameType::traffic) return;
    const auto traffic = routing::decode_traffic(event.body);
    const auto datagram =
        routing::dht::decode_datagram(event.body.subspan(traffic->payload_offset));
    if (!datagram) return;
    dht_bytes += event.wire_bytes;
    bytes_by_kind[datagram->body.index()] += event.wire_bytes;
    if (const auto* find = std::get_if<routing::dht::Find>(&datagram->body)) {
      const auto& origin = find->origin ? find->origin : datagram->sender;
      if (origin && origin->id() != find->target) {
        lookups.insert(datagram->txid);
        ++find_frames;
      }
    }
    if (std::holds_alternative<routing::dht::Found>(datagram->body) &&
        lookups.contains(datagram->txid)) {
      ++found_frames;
    }
  }
  void path_found(Time now, NodeIndex node, const PublicKey& key) override {
    const auto asked = open.find({node, key});
    if (asked == open.end()) return;
    times.push_back(now.steady - asked->second);
    open.erase(asked);
  }

  Simulation& simulation;
  std::uint64_t lookup_frames = 0;
  std::uint64_t notify_frames = 0;
  std::uint64_t find_frames = 0;
  std::uint64_t found_frames = 0;
  std::uint64_t dht_bytes = 0;
  std::array<std::uint64_t, 8> bytes_by_kind{};
  std::set<routing::dht::TransactionId> lookups;
  std::map<std::pair<NodeIndex, PublicKey>, Instant> open;
  std::vector<Duration> times;
};

struct Options {
  std::size_t nodes;
  std::size_t lookups;
  long settle_seconds;
  std::uint64_t seed;
};

void settle(Simulation& simulation, const Options& options) {
  Prng random = Prng(options.seed).fork(77);
  TopologyOptions topology;
  topology.kind = TopologyKind::barabasi_albert;
  topology.nodes = options.nodes;
  const auto graph = generate(topology, random);
  for (std::size_t i = 0; i < options.nodes; ++i) simulation.add_node();
  for (const Edge& edge : graph->edges) simulation.add_link(edge.a, edge.b, {.latency = 5ms});
  for (std::size_t i = 0; i < options.nodes; ++i) simulation.start(static_cast<NodeIndex>(i));
  simulation.run_for(std::chrono::seconds(options.settle_seconds));
}

void measure(const Options& options, const std::string& name, routing::LookupPolicy policy) {
  SimulationOptions simulated;
  simulated.seed = options.seed;
  simulated.cryptography = CryptographyKind::fast;
  simulated.router.lookup = policy;
  simulated.dht = policy != routing::LookupPolicy::bloom;
  simulated.invariant_interval = 1'000'000;
  Simulation simulation(simulated);
  settle(simulation, options);
  Watcher watcher(simulation);
  simulation.add_observer(watcher);
  simulation.run_for(20s);
  const double idle =
      static_cast<double>(watcher.dht_bytes) / 20 / static_cast<double>(options.nodes);
  if (simulated.dht) {
    for (std::size_t kind = 0; kind < 8; ++kind) {
      fmt::print("  kind {}: {:.2f} bytes/s/node\n", kind,
                 static_cast<double>(watcher.bytes_by_kind[kind]) / 20 /
                     static_cast<double>(options.nodes));
    }
  }
  watcher.lookup_frames = watcher.notify_frames = watcher.find_frames = watcher.found_frames = 0;
  Prng random = Prng(options.seed).fork(78);
  for (std::size_t i = 0; i < options.lookups; ++i) {
    const auto from = static_cast<NodeIndex>(random.below(options.nodes));
    const auto to = static_cast<NodeIndex>(random.below(options.nodes));
    if (from == to) continue;
    watcher.open[{from, simulation.key(to)}] = simulation.now().steady;
    simulation.lookup(from, simulation.key(to));
    simulation.run_for(10ms);
  }
  simulation.run_for(5s);
  std::sort(watcher.times.begin(), watcher.times.end());
  const auto count = static_cast<double>(watcher.times.size() + watcher.open.size());
  const auto per = [count](std::uint64_t frames) { return static_cast<double>(frames) / count; };
  std::size_t table = 0;
  std::uint64_t records = 0;
  for (NodeIndex node = 0; node < simulation.nodes(); ++node) {
    table += simulation.router(node).dht().table().size();
    records += simulation.router(node).dht().store().size();
  }
  const auto mean = [&](std::uint64_t sum) {
    return static_cast<double>(sum) / static_cast<double>(simulation.nodes());
  };
  fmt::print(
      "{:10} transmissions {:.1f} (lookup {:.1f} notify {:.1f} find {:.1f} found {:.1f}) success "
      "{:.4f} p50 {:.0f} ms p99 {:.0f} ms table {:.0f} records {:.0f} idle {:.1f} bytes/s/node\n",
      name,
      per(watcher.lookup_frames + watcher.notify_frames + watcher.find_frames +
          watcher.found_frames),
      per(watcher.lookup_frames), per(watcher.notify_frames), per(watcher.find_frames),
      per(watcher.found_frames), static_cast<double>(watcher.times.size()) / count,
      watcher.times.empty()
          ? 0.0
          : static_cast<double>(watcher.times[watcher.times.size() / 2].count()) / 1e6,
      watcher.times.empty()
          ? 0.0
          : static_cast<double>(watcher.times[watcher.times.size() * 99 / 100].count()) / 1e6,
      mean(table), mean(records), idle);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const Options options{std::strtoul(argv[1], nullptr, 10), std::strtoul(argv[2], nullptr, 10),
                        std::strtol(argv[3], nullptr, 10),
                        argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 1};
  const std::map<std::string, routing::LookupPolicy> policies{
      {"auto", routing::LookupPolicy::automatic},
      {"bloom", routing::LookupPolicy::bloom},
      {"both", routing::LookupPolicy::both},
      {"dht", routing::LookupPolicy::dht}};
  for (const auto& [name, policy] : policies) {
    const bool wanted = argc <= 5 || std::any_of(argv + 5, argv + argc, [&](const char* argument) {
                          return name == argument;
                        });
    if (wanted) measure(options, name, policy);
  }
}
