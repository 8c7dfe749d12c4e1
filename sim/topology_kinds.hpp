#pragma once

#include <string>

#include "crypto/result.hpp"
#include "sim/topology.hpp"

// The generators behind generate(), one a kind. What they return need not be in normal order nor
// connected; `options.nodes` is in [1, kMaxNodes] when they are called.

namespace thicket::sim {

using GeneratedGraph = Result<Graph, std::string>;

GeneratedGraph make_line(const TopologyOptions& options, Prng& prng);
GeneratedGraph make_ring(const TopologyOptions& options, Prng& prng);
GeneratedGraph make_grid(const TopologyOptions& options, Prng& prng);
GeneratedGraph make_random_tree(const TopologyOptions& options, Prng& prng);
GeneratedGraph make_erdos_renyi(const TopologyOptions& options, Prng& prng);
GeneratedGraph make_barabasi_albert(const TopologyOptions& options, Prng& prng);
GeneratedGraph make_watts_strogatz(const TopologyOptions& options, Prng& prng);
GeneratedGraph make_random_geometric(const TopologyOptions& options, Prng& prng);
GeneratedGraph make_internet(const TopologyOptions& options, Prng& prng);

/// Gives every link that has none the latency of its length, at least 1 ns.
void add_latency_by_distance(Graph& graph, Duration per_km);

/// Why there cannot be this many links, or nothing.
Result<void, std::string> check_edge_count(std::string_view kind, std::uint64_t edges);

}  // namespace thicket::sim
