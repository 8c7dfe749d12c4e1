#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "crypto/result.hpp"
#include "sim/graph.hpp"

namespace thicket::sim {

enum class GraphFormat { edges, json };

/// The most that a graph file may hold, by format.
constexpr std::size_t kMaxEdgeListBytes = std::size_t{512} << 20;
constexpr std::size_t kMaxGraphJsonBytes = std::size_t{128} << 20;
/// The longest latency a file may give to a link.
constexpr Duration kMaxFileLatency = std::chrono::hours(1);

/// Reads an edge list, line by line:
///
///     # a comment, also behind a line
///     nodes edges
///     a b [latency]
///
/// The first line is not optional: without it a file that lost its end would pass as a smaller
/// graph. `a` and `b` are any whole numbers ≥ 0. If all are below `nodes`, they are the indices of
/// the nodes; else the nodes are numbered in the order of these numbers, and those that have no
/// link come last. `latency` is in milliseconds, one way, above 0 and at most an hour, with up to
/// six decimals. A link to itself, or the same link twice, is an error. `name` is what errors call
/// the file: "net.edges:7: expected two node numbers, found 'x y'".
Result<Graph, std::string> parse_edge_list(std::string_view text, std::string_view name);

/// Reads the JSON of meshnet-lab:
///
///     {"nodes": [{"id": "a", "x": 12.5, "y": 3}, …], "links": [{"source": "a", "target": "b"}, …]}
///
/// Identifiers are strings or whole numbers (1 is the same as "1"); nodes are numbered in the order
/// of the list. Without the list, or if it is empty, nodes are those that links name, in the order
/// in which they come up. x and y are metres; they count only if every node has both. A link may
/// have "latency_ms" as in an edge list. Other keys, such as the quality of a link, have no effect.
/// The same link twice, as in files that list both directions, is one link.
Result<Graph, std::string> parse_graph_json(std::string_view text, std::string_view name);

/// Reads either format: JSON if the first character that is no white space is "{".
Result<Graph, std::string> parse_graph(std::string_view text, std::string_view name);
/// Reads a file of either format; "-" is standard input.
Result<Graph, std::string> read_graph(const std::string& path);

/// An edge list, as parse_edge_list reads it into an equal graph; it holds no positions.
std::string to_edge_list(const Graph& graph);
/// JSON, as parse_graph_json reads it into an equal graph; identifiers are the indices as strings.
std::string to_graph_json(const Graph& graph);
std::string to_text(const Graph& graph, GraphFormat format);

}  // namespace thicket::sim
