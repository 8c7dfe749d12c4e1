#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "sim/graph_file.hpp"
#include "sim/number_text.hpp"

namespace thicket::sim {

namespace {

constexpr std::size_t kShownBytes = 40;  // of a line that is wrong

struct ListedEdge {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::optional<Duration> latency;
  std::size_t line = 0;
};

struct EdgeList {
  std::size_t header_line = 0;
  std::uint64_t nodes = 0;
  std::uint64_t announced = 0;
  std::vector<ListedEdge> edges;
};

std::string_view without_comment(std::string_view line) {
  line = line.substr(0, line.find('#'));
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(line.find_first_not_of(" \t", end), line.size()));
  }
  return words;
}

// What an error may quote: printable, and not too long.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, kShownBytes)) out += c >= ' ' && c < 127 ? c : '?';
  return out + (text.size() > kShownBytes ? "…'" : "'");
}

class EdgeListReader {
 public:
  explicit EdgeListReader(std::string_view name) : name_(name) {}

  Result<Graph, std::string> read(std::string_view text) {
    while (!text.empty()) {
      ++line_;
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = without_comment(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.empty()) continue;
      const auto ok = list_.header_line == 0 ? read_header(line) : read_edge(line);
      if (!ok) return failure(ok.error());
    }
    return graph();
  }

 private:
  Result<void, std::string> wrong(std::string_view what) const { return wrong(line_, what); }
  Result<void, std::string> wrong(std::size_t line, std::string_view what) const {
    return failure(fmt::format("{}:{}: {}", name_, line, what));
  }

  Result<void, std::string> read_header(std::string_view line) {
    const auto words = words_of(line);
    const auto nodes = words.size() == 2 ? parse_number(words[0]) : std::nullopt;
    const auto edges = words.size() == 2 ? parse_number(words[1]) : std::nullopt;
    if (!nodes || !edges) {
      return wrong(fmt::format("expected the number of nodes and the number of links, found {}",
                               quoted(line)));
    }
    if (*nodes > kMaxNodes || *edges > kMaxEdges) {
      return wrong(fmt::format("expected at most {} nodes and {} links, found {}", kMaxNodes,
                               kMaxEdges, quoted(line)));
    }
    list_ = {line_, *nodes, *edges, {}};
    return {};
  }

  Result<void, std::string> read_edge(std::string_view line) {
    const auto words = words_of(line);
    ListedEdge edge;
    edge.line = line_;
    const auto a = words.size() >= 2 ? parse_number(words[0]) : std::nullopt;
    const auto b = words.size() >= 2 ? parse_number(words[1]) : std::nullopt;
    if (!a || !b || words.size() > 3) {
      return wrong(fmt::format("expected two node numbers{}, found {}",
                               words.size() > 3 ? " and a latency at most" : "", quoted(line)));
    }
    if (*a == *b) return wrong(fmt::format("a link from node {} to itself: remove it", *a));
    edge.a = std::min(*a, *b);
    edge.b = std::max(*a, *b);
    if (words.size() == 3) {
      const auto latency = parse_decimal(words[2], 6);
      if (!latency || *latency == 0 || Duration(*latency) > kMaxFileLatency) {
        return wrong(
            fmt::format("expected a latency in milliseconds above 0 and up to 3600000, "
                        "found {}",
                        quoted(words[2])));
      }
      edge.latency = Duration(*latency);
    }
    if (list_.edges.size() == kMaxEdges) {
      return wrong(fmt::format("more than {} links", kMaxEdges));
    }
    list_.edges.push_back(edge);
    return {};
  }

  std::vector<std::uint64_t> labels() const {
    std::vector<std::uint64_t> all;
    all.reserve(2 * list_.edges.size());
    for (const ListedEdge& edge : list_.edges) {
      all.push_back(edge.a);
      all.push_back(edge.b);
    }
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

  // The counts of the first line are right, or that line is a link itself.
  Result<void, std::string> check_counts(const std::vector<std::uint64_t>& all) const {
    if (list_.header_line == 0) {
      return wrong(1, "the file is empty: expected a line with the number of nodes and of links");
    }
    if (list_.edges.size() != list_.announced) {
      return wrong(list_.header_line,
                   fmt::format("expected {} links after this line 'nodes links', found {}: correct "
                               "it, or put such a line in front if the file has none",
                               list_.announced, list_.edges.size()));
    }
    if (all.size() > list_.nodes) {
      return wrong(list_.header_line,
                   fmt::format("expected at most {} nodes, as this line 'nodes links' says, found "
                               "{}: correct it, or put such a line in front if the file has none",
                               list_.nodes, all.size()));
    }
    return {};
  }

  Result<void, std::string> check_unique() {
    std::ranges::sort(list_.edges, {},
                      [](const ListedEdge& edge) { return std::tuple(edge.a, edge.b, edge.line); });
    const auto same = std::ranges::adjacent_find(
        list_.edges, {}, [](const ListedEdge& edge) { return std::pair(edge.a, edge.b); });
    if (same == list_.edges.end()) return {};
    return wrong(std::next(same)->line,
                 fmt::format("the link between {} and {} is on line {} already: remove one of them",
                             same->a, same->b, same->line));
  }

  Result<Graph, std::string> graph() {
    const auto all = labels();
    if (const auto ok = check_counts(all); !ok) return failure(ok.error());
    if (const auto ok = check_unique(); !ok) return failure(ok.error());
    Graph result{list_.nodes, {}, {}};
    result.edges.reserve(list_.edges.size());
    const bool are_indices = all.empty() || all.back() < list_.nodes;
    const auto index_of = [&](std::uint64_t label) {
      const auto index =
          static_cast<std::uint64_t>(std::ranges::lower_bound(all, label) - all.begin());
      return static_cast<std::uint32_t>(are_indices ? label : index);
    };
    for (const ListedEdge& edge : list_.edges) {
      result.edges.push_back({index_of(edge.a), index_of(edge.b), edge.latency});
    }
    return result;
  }

  std::string_view name_;
  std::size_t line_ = 0;
  EdgeList list_;
};

}  // namespace

Result<Graph, std::string> parse_edge_list(std::string_view text, std::string_view name) {
  return EdgeListReader(name).read(text);
}

std::string to_edge_list(const Graph& graph) {
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "{} {}\n", graph.nodes, graph.edges.size());
  for (const Edge& edge : graph.edges) {
    fmt::format_to(out, "{} {}", edge.a, edge.b);
    if (edge.latency) fmt::format_to(out, " {}", format_decimal(edge.latency->count(), 6));
    text += '\n';
  }
  return text;
}

}  // namespace thicket::sim
