#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "crypto/result.hpp"
#include "crypto/time.hpp"
#include "sim/graph.hpp"
#include "sim/topology.hpp"

namespace cxxopts {
class Options;
class ParseResult;
}  // namespace cxxopts

namespace thicket::sim {

/// Where a graph comes from, as the command line says: a file or a generator; at most one is set.
struct GraphOptions {
  std::optional<std::string> file;
  std::optional<TopologyOptions> topology;
  std::optional<Duration> latency;  ///< for links that get none from the file or generator
  bool largest_component = false;   ///< leave out what is not linked to the largest component

  bool given() const { return file || topology; }
};

/// Adds --graph, --topology, --nodes, --latency and what the topologies need to a command.
void add_graph_options(cxxopts::Options& options);

/// What was given of the options of add_graph_options. Fails with a sentence about the command
/// line: a value that is none, an option that does not go with the topology.
Result<GraphOptions, std::string> graph_options_of(const cxxopts::ParseResult& parsed);

/// Reads or generates the graph of `options`, which must be given(). The same seed gives the same
/// graph in every command, whatever else is drawn from that seed.
Result<Graph, std::string> make_graph(const GraphOptions& options, std::uint64_t seed);

/// A time as people write it: "20" and "20ms" are milliseconds, also "1.5s", "250us". nullopt: it
/// is none, or longer than a day.
std::optional<Duration> parse_duration(std::string_view text);

}  // namespace thicket::sim
