#include "sim/graph_options.hpp"

#include <fmt/format.h>

#include <cxxopts.hpp>
#include <span>

#include "crypto/invariant.hpp"
#include "sim/graph_components.hpp"
#include "sim/graph_file.hpp"
#include "sim/number_text.hpp"

namespace thicket::sim {

namespace {

constexpr std::uint64_t kGraphStream = 0x6772617068;  // label of the stream that graphs come from

using Problem = std::optional<std::string>;

/// An option that only some topologies take.
struct TopologyOption {
  const char* name;
  const char* argument;
  const char* help;
  std::initializer_list<TopologyKind> kinds;
  const char* expected;
  /// false: `text` is not what is expected.
  bool (*set)(TopologyOptions& options, std::string_view text);
};

template <std::size_t TopologyOptions::*kMember>
bool set_count(TopologyOptions& options, std::string_view text) {
  const auto value = parse_number(text);
  if (!value || *value == 0 || *value > kMaxNodes) return false;
  options.*kMember = static_cast<std::size_t>(*value);
  return true;
}

template <std::optional<std::int64_t> TopologyOptions::*kMember>
bool set_metres(TopologyOptions& options, std::string_view text) {
  options.*kMember = parse_decimal(text, 3);
  return (options.*kMember).value_or(0) > 0 && *(options.*kMember) <= kMaxCoordinateMm;
}

bool set_degree(TopologyOptions& options, std::string_view text) {
  const auto value = parse_decimal(text, 3);
  options.degree_permille = static_cast<std::uint64_t>(value.value_or(0));
  return value.has_value();
}

bool set_rewire(TopologyOptions& options, std::string_view text) {
  const auto value = parse_decimal(text, 6);
  options.rewire_ppm = static_cast<std::uint32_t>(value.value_or(0));
  return value && *value <= 1'000'000;
}

bool set_latency_per_km(TopologyOptions& options, std::string_view text) {
  options.latency_per_km = parse_duration(text);
  return options.latency_per_km && *options.latency_per_km <= std::chrono::seconds(1);
}

const TopologyOption kTopologyOptions[] = {
    {"degree",
     "D",
     "erdos-renyi, geometric: mean number of links of a node (6)",
     {TopologyKind::erdos_renyi, TopologyKind::random_geometric},
     "a number with at most 3 decimals",
     set_degree},
    {"columns",
     "N",
     "grid: nodes in a row (as square as can be)",
     {TopologyKind::grid},
     "a whole number above 0",
     set_count<&TopologyOptions::columns>},
    {"links",
     "N",
     "barabasi-albert: links a newcomer makes (2)",
     {TopologyKind::barabasi_albert},
     "a whole number above 0",
     set_count<&TopologyOptions::links>},
    {"neighbours",
     "N",
     "watts-strogatz: neighbours in the ring, an even number (4)",
     {TopologyKind::watts_strogatz},
     "a whole number above 0",
     set_count<&TopologyOptions::neighbours>},
    {"rewire",
     "P",
     "watts-strogatz: share of links rewired, 0 to 1 (0.1)",
     {TopologyKind::watts_strogatz},
     "a number from 0 to 1 with at most 6 decimals",
     set_rewire},
    {"area",
     "METRES",
     "geometric: side of the square (such that --degree comes out)",
     {TopologyKind::random_geometric},
     "metres above 0",
     set_metres<&TopologyOptions::area_mm>},
    {"range",
     "METRES",
     "geometric: radio range (100, or with --area such that --degree comes out)",
     {TopologyKind::random_geometric},
     "metres above 0",
     set_metres<&TopologyOptions::range_mm>},
    {"latency-per-km",
     "TIME",
     "geometric: latency of a link by its length",
     {TopologyKind::random_geometric},
     "a time of up to 1s, such as 5us",
     set_latency_per_km},
    {"core",
     "N",
     "internet: transit nodes (sqrt(nodes) / 2, in 3 to 64)",
     {TopologyKind::internet},
     "a whole number above 0",
     set_count<&TopologyOptions::core>},
    {"regions",
     "N",
     "internet: regional nodes (a tenth of all)",
     {TopologyKind::internet},
     "a whole number above 0",
     set_count<&TopologyOptions::regions>},
};

bool takes(const TopologyOption& option, TopologyKind kind) {
  return std::ranges::find(option.kinds, kind) != option.kinds.end();
}

std::string text_of(const cxxopts::ParseResult& parsed, const char* name) {
  return parsed[name].as<std::string>();
}

std::string bad_value(std::string_view name, std::string_view found, std::string_view expected) {
  return fmt::format("--{}: found \"{}\", expected {}", name, found, expected);
}

Problem set_topology_options(const cxxopts::ParseResult& parsed, TopologyOptions& options) {
  if (parsed.count("nodes") != 0) {
    const std::string text = text_of(parsed, "nodes");
    if (!set_count<&TopologyOptions::nodes>(options, text)) {
      return bad_value("nodes", text, fmt::format("a whole number from 1 to {}", kMaxNodes));
    }
  }
  options.connected = parsed.count("not-connected") == 0;
  for (const TopologyOption& option : kTopologyOptions) {
    if (parsed.count(option.name) == 0) continue;
    if (!takes(option, options.kind)) {
      return fmt::format("--{} does not go with --topology {}", option.name, name_of(options.kind));
    }
    const std::string text = text_of(parsed, option.name);
    if (!option.set(options, text)) return bad_value(option.name, text, option.expected);
  }
  return std::nullopt;
}

// Without a generator nobody would look at its options.
Problem find_idle_option(const cxxopts::ParseResult& parsed) {
  std::vector<std::string> names{"nodes", "not-connected"};
  for (const TopologyOption& option : kTopologyOptions) names.emplace_back(option.name);
  for (const std::string& name : names) {
    if (parsed.count(name) != 0) return fmt::format("--{} needs --topology KIND", name);
  }
  return std::nullopt;
}

}  // namespace

void add_graph_options(cxxopts::Options& options) {
  const auto text = [] { return cxxopts::value<std::string>(); };
  auto add = options.add_options("Graph");
  add("graph", "Read the graph from an edge list or meshnet-lab JSON; - is standard input", text(),
      "FILE");
  add("topology", "Generate the graph: " + topology_names(), text(), "KIND");
  add("nodes", "Number of nodes to generate (100)", text(), "N");
  for (const TopologyOption& option : kTopologyOptions) {
    add(option.name, option.help, text(), option.argument);
  }
  add("not-connected", "Leave a generated graph in pieces if it falls into pieces");
  add("largest-component", "Keep only the largest component of the graph");
  add("latency", "Latency of links that have none, such as 20ms", text(), "TIME");
}

Result<GraphOptions, std::string> graph_options_of(const cxxopts::ParseResult& parsed) {
  GraphOptions options;
  if (parsed.count("graph") != 0 && parsed.count("topology") != 0) {
    return failure(std::string("--graph and --topology exclude each other"));
  }
  if (parsed.count("graph") != 0) options.file = text_of(parsed, "graph");
  if (parsed.count("topology") != 0) {
    const std::string name = text_of(parsed, "topology");
    const auto kind = parse_topology(name);
    if (!kind) return failure(bad_value("topology", name, "one of " + topology_names()));
    options.topology.emplace().kind = *kind;
  }
  const Problem problem =
      options.topology ? set_topology_options(parsed, *options.topology) : find_idle_option(parsed);
  if (problem) return failure(*problem);
  if (parsed.count("latency") != 0) {
    const std::string text = text_of(parsed, "latency");
    options.latency = parse_duration(text);
    if (!options.latency || *options.latency == Duration::zero()) {
      return failure(bad_value("latency", text, "a time above 0, such as 20ms"));
    }
  }
  options.largest_component = parsed.count("largest-component") != 0;
  return options;
}

Result<Graph, std::string> make_graph(const GraphOptions& options, std::uint64_t seed) {
  INVARIANT(options.given());
  Prng prng = Prng(seed).fork(kGraphStream);
  auto graph = options.file ? read_graph(*options.file) : generate(*options.topology, prng);
  if (!graph) return graph;
  if (options.largest_component) *graph = largest_component(*graph);
  for (Edge& edge : graph->edges) {
    if (!edge.latency) edge.latency = options.latency;
  }
  return graph;
}

std::optional<Duration> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    int decimals;  // that make a nanosecond
  };
  constexpr Unit kUnits[] = {{"ns", 0}, {"us", 3}, {"ms", 6}, {"s", 9}};
  int decimals = 6;
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.name)) continue;
    decimals = unit.decimals;
    text.remove_suffix(unit.name.size());
    break;
  }
  const auto value = parse_decimal(text, decimals);
  if (!value || Duration(*value) > std::chrono::hours(24)) return std::nullopt;
  return Duration(*value);
}

}  // namespace thicket::sim
