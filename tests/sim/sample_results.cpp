#include "sim/sample_results.hpp"

#include <algorithm>

#include "sim/prng.hpp"

namespace thicket::sim {

namespace {

constexpr std::uint32_t kRoot = 3;

void draw(Results& results, std::uint32_t nodes, Prng& prng) {
  std::vector<std::uint32_t> in_tree{kRoot};
  results.drawn_nodes.resize(nodes);
  for (std::uint32_t i = 0; i < nodes; ++i) results.drawn_nodes[i].index = i;
  results.drawn_nodes[kRoot].root = true;
  for (std::uint32_t i = 0; i < nodes; ++i) {
    if (i == kRoot) continue;
    DrawnNode& node = results.drawn_nodes[i];
    node.running = i % 37 != 5;
    if (!node.running) continue;
    const std::uint32_t parent = in_tree[static_cast<std::size_t>(
        prng.below(std::min<std::uint64_t>(in_tree.size(), 1 + i / 3)))];
    node.parent = parent;
    node.depth = results.drawn_nodes[parent].depth + 1;
    results.drawn_links.push_back({std::min(i, parent), std::max(i, parent), true});
    const auto other = static_cast<std::uint32_t>(prng.below(nodes));
    if (other != i && other != parent) results.drawn_links.push_back({i, other, false});
    in_tree.push_back(i);
  }
}

void measure(Results& results, Prng& prng) {
  for (std::uint32_t second = 1; second <= 120; ++second) {
    Sample sample;
    const double settled = std::min(1.0, second / 12.0);
    const bool disturbed = second > 60 && second < 75;
    sample.time_s = second;
    sample.running = disturbed ? 150 : 200;
    sample.roots = second < 8 ? 20 - 2 * second : disturbed ? 3 : 1;
    sample.right_coordinates = disturbed ? 0.6 + 0.02 * (second - 60) : settled;
    sample.reachable = sample.right_coordinates * sample.right_coordinates;
    sample.pings_sent = second > 20 ? 10 : 0;
    sample.pings_answered = sample.pings_sent - (disturbed ? prng.below(6) : 0);
    sample.control_bytes_per_node_s = disturbed ? 900 : 3000 / (1.0 + second) + 120;
    sample.traffic_bytes_per_node_s = second > 20 ? 260 : 0;
    sample.state_bytes_per_node = 21000 + 40.0 * second;
    results.series.push_back(sample);
  }
  for (int i = 0; i < 900; ++i) {
    const double extra = static_cast<double>(prng.below(100)) / 100;
    results.stretch_samples.push_back(i % 3 == 0 ? 1.0 : 1.0 + extra * extra * 1.6);
  }
}

}  // namespace

Results sample_results(std::uint32_t nodes) {
  Prng prng(7);
  Results results;
  results.version = "0.1.0";
  results.scenario = "churn <script>alert(1)</script> & \"more\"";
  results.scenario_json = "{\n  \"name\": \"</pre><img src=http://example.net/x.png>\"\n}\n";
  results.topology = "barabasi-albert";
  results.policy = "thicket";
  results.cryptography = "real";
  results.seed = 42;
  results.nodes = nodes;
  results.links = 2 * nodes;
  results.duration_s = 120;
  results.trace_hash = 0x0123456789abcdef;
  results.events = 1'234'567;
  results.wall_s = 3.21;
  results.rss_bytes = 123'456'789;
  results.converged_s = 75.5;
  results.first_converged_s = 12;
  results.control_bytes_per_node_s = 211.5;
  results.state_bytes_per_node = 25'800;
  results.pings_sent = 1000;
  results.pings_answered = 968;
  results.delivery = 0.968;
  results.pings_lost = {{"link_cut", 20}, {"no_route", 9}, {"node_down", 3}};
  results.round_trip_ms = {968, 84, 80, 140, 180, 260};
  results.stretch_hops = {900, 1.24, 1.1, 1.9, 2.3, 2.6};
  results.lookup_transmissions = {300, 21.5, 20, 40, 50, 61};
  results.bytes_by_type = {{"announce", 1'200'000},  {"bloom_filter", 900'000},
                           {"keepalive", 52'000},    {"path_lookup", 310'000},
                           {"path_notify", 420'000}, {"traffic", 2'600'000}};
  measure(results, prng);
  draw(results, nodes, prng);
  return results;
}

}  // namespace thicket::sim
