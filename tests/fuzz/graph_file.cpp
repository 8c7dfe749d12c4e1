#include "sim/graph_file.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "crypto/invariant.hpp"

// A graph file is refused with an error that names it, or gives a normal graph that survives being
// written in both formats.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace thicket::sim;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto graph = parse_graph(text, "fuzz.edges");
  if (!graph) {
    INVARIANT(graph.error().starts_with("fuzz.edges:"));
    return 0;
  }
  // A short first line can announce millions of nodes without links: no need to write those.
  if (graph->nodes > 10'000) return 0;
  INVARIANT(is_normal(*graph));
  INVARIANT(parse_graph_json(to_graph_json(*graph), "again") == graph);
  graph->positions.clear();
  INVARIANT(parse_edge_list(to_edge_list(*graph), "again") == graph);
  return 0;
}
