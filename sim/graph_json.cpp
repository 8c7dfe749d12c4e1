#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "sim/graph_file.hpp"
#include "sim/number_text.hpp"

namespace thicket::sim {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxIdBytes = 200;

// The value, or where its text goes wrong and how.
Result<json, std::string> parse_json(std::string_view text, std::string_view name) {
  bool too_deep = false;
  const auto check_depth = [&](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > static_cast<int>(kMaxDepth);
    return !too_deep;
  };
  try {
    json value = json::parse(text, check_depth);
    if (!too_deep) return value;
    return failure(fmt::format("{}: nests more than {} levels deep", name, kMaxDepth));
  } catch (const json::parse_error& error) {
    const std::string_view before = text.substr(0, std::min<std::size_t>(error.byte, text.size()));
    return failure(fmt::format("{}:{}: expected JSON: {}", name,
                               1 + std::ranges::count(before, '\n'), error.what()));
  } catch (const json::exception& error) {
    return failure(fmt::format("{}: expected JSON: {}", name, error.what()));
  }
}

class GraphJsonReader {
 public:
  explicit GraphJsonReader(std::string_view name) : name_(name) {}

  Result<Graph, std::string> read(const json& root) {
    for (const auto& [key, limit] :
         {std::pair("nodes", kMaxNodes), std::pair("links", kMaxEdges)}) {
      if (!root.contains(key)) continue;
      if (!root[key].is_array()) return wrong(key, "expected a list");
      if (root[key].size() > limit) return wrong(key, fmt::format("more than {}", limit));
    }
    if (!root.contains("links")) return wrong("links", "expected a list of links, found none");
    const json none = json::array();
    const json& nodes = root.contains("nodes") ? root["nodes"] : none;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (const auto ok = add_node(nodes[i], fmt::format("nodes[{}]", i)); !ok) {
        return failure(ok.error());
      }
    }
    nodes_come_from_links_ = nodes.empty();
    const json& links = root["links"];
    for (std::size_t i = 0; i < links.size(); ++i) {
      if (const auto ok = add_link(links[i], fmt::format("links[{}]", i)); !ok) {
        return failure(ok.error());
      }
    }
    if (graph_.positions.size() != graph_.nodes) graph_.positions.clear();
    normalise(graph_);
    return std::move(graph_);
  }

 private:
  using Status = Result<void, std::string>;

  tl::unexpected<std::string> wrong(std::string_view where, std::string_view what) const {
    return failure(fmt::format("{}: {}: {}", name_, where, what));
  }

  static std::optional<std::string> id_of(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return std::nullopt;
    if (found->is_number_integer()) return found->dump();
    if (!found->is_string()) return std::nullopt;
    const auto& text = found->get_ref<const std::string&>();
    if (text.empty() || text.size() > kMaxIdBytes) return std::nullopt;
    return text;
  }

  static std::optional<std::int64_t> coordinate_of(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number()) return std::nullopt;
    const double mm = found->get<double>() * 1000;
    if (!(std::abs(mm) <= static_cast<double>(kMaxCoordinateMm))) return std::nullopt;
    return static_cast<std::int64_t>(std::llround(mm));
  }

  Status add_node(const json& node, const std::string& where) {
    if (!node.is_object()) return wrong(where, "expected an object with an \"id\"");
    const auto id = id_of(node, "id");
    if (!id) {
      return wrong(
          where + ".id",
          fmt::format("expected a string of 1 to {} bytes or a whole number", kMaxIdBytes));
    }
    const auto index = static_cast<std::uint32_t>(graph_.nodes);
    if (!index_.emplace(*id, index).second) {
      return wrong(where + ".id",
                   fmt::format("{} is the id of another node, too", json(*id).dump()));
    }
    ++graph_.nodes;
    for (const char* key : {"x", "y"}) {
      if (!node.contains(key) || node[key].is_null() || coordinate_of(node, key)) continue;
      return wrong(fmt::format("{}.{}", where, key),
                   fmt::format("expected a number of metres within ±{}", kMaxCoordinateMm / 1000));
    }
    const auto x = coordinate_of(node, "x");
    const auto y = coordinate_of(node, "y");
    if (x && y) graph_.positions.push_back({*x, *y});
    return {};
  }

  Result<std::uint32_t, std::string> end_of(const json& link, const char* key,
                                            const std::string& where) {
    const std::string place = fmt::format("{}.{}", where, key);
    const auto id = id_of(link, key);
    if (!id) return wrong(place, "expected the id of a node");
    if (const auto found = index_.find(*id); found != index_.end()) return found->second;
    if (!nodes_come_from_links_) {
      return wrong(place,
                   fmt::format("{} is not in the list of nodes: add it there", json(*id).dump()));
    }
    if (graph_.nodes == kMaxNodes)
      return wrong(place, fmt::format("more than {} nodes", kMaxNodes));
    return index_.emplace(*id, static_cast<std::uint32_t>(graph_.nodes++)).first->second;
  }

  Status add_link(const json& link, const std::string& where) {
    if (!link.is_object()) return wrong(where, "expected an object with \"source\" and \"target\"");
    const auto source = end_of(link, "source", where);
    if (!source) return failure(source.error());
    const auto target = end_of(link, "target", where);
    if (!target) return failure(target.error());
    if (*source == *target) return wrong(where, "a link from a node to itself: remove it");
    Edge edge{*source, *target, std::nullopt};
    if (const auto found = link.find("latency_ms"); found != link.end()) {
      const double ns = found->is_number() ? found->get<double>() * 1'000'000 : 0;
      if (!(ns >= 1 && ns <= static_cast<double>(kMaxFileLatency.count()))) {
        return wrong(where + ".latency_ms", "expected milliseconds above 0 and up to 3600000");
      }
      edge.latency = Duration(std::llround(ns));
    }
    graph_.edges.push_back(edge);
    return {};
  }

  std::string_view name_;
  std::map<std::string, std::uint32_t> index_;
  bool nodes_come_from_links_ = false;
  Graph graph_;
};

}  // namespace

Result<Graph, std::string> parse_graph_json(std::string_view text, std::string_view name) {
  const auto root = parse_json(text, name);
  if (!root) return failure(root.error());
  if (!root->is_object()) {
    return failure(fmt::format("{}: expected an object with \"nodes\" and \"links\"", name));
  }
  return GraphJsonReader(name).read(*root);
}

std::string to_graph_json(const Graph& graph) {
  std::string text = "{\n\"nodes\": [";
  const auto out = std::back_inserter(text);
  for (std::size_t node = 0; node < graph.nodes; ++node) {
    fmt::format_to(out, "{}\n{{\"id\": \"{}\"", node == 0 ? "" : ",", node);
    if (!graph.positions.empty()) {
      const Position& position = graph.positions[node];
      fmt::format_to(out, ", \"x\": {}, \"y\": {}", format_decimal(position.x_mm, 3),
                     format_decimal(position.y_mm, 3));
    }
    text += '}';
  }
  text += "\n],\n\"links\": [";
  const char* separator = "";
  for (const Edge& edge : graph.edges) {
    fmt::format_to(out, "{}\n{{\"source\": \"{}\", \"target\": \"{}\"", separator, edge.a, edge.b);
    if (edge.latency) {
      fmt::format_to(out, ", \"latency_ms\": {}", format_decimal(edge.latency->count(), 6));
    }
    text += '}';
    separator = ",";
  }
  return text + "\n]\n}\n";
}

}  // namespace thicket::sim
