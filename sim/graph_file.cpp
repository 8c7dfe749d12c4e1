#include "sim/graph_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace thicket::sim {

namespace {

bool looks_like_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

Result<void, std::string> check_size(std::string_view text, std::string_view name) {
  const std::size_t limit = looks_like_json(text) ? kMaxGraphJsonBytes : kMaxEdgeListBytes;
  if (text.size() <= limit) return {};
  return failure(fmt::format("{}: the file is larger than {} MiB{}", name, limit >> 20,
                             limit == kMaxGraphJsonBytes ? ": make it an edge list" : ""));
}

Result<std::string, std::string> read_all(std::FILE* file, std::string_view name) {
  std::string text;
  char buffer[65536];
  while (text.size() <= kMaxEdgeListBytes) {
    const std::size_t n = std::fread(buffer, 1, sizeof buffer, file);
    text.append(buffer, n);
    if (n == sizeof buffer) continue;
    if (std::ferror(file) != 0) {
      return failure(fmt::format("{}: cannot be read: {}", name, std::strerror(errno)));
    }
    break;
  }
  return text;
}

}  // namespace

Result<Graph, std::string> parse_graph(std::string_view text, std::string_view name) {
  if (const auto ok = check_size(text, name); !ok) return failure(ok.error());
  return looks_like_json(text) ? parse_graph_json(text, name) : parse_edge_list(text, name);
}

Result<Graph, std::string> read_graph(const std::string& path) {
  if (path == "-") {
    const auto text = read_all(stdin, "standard input");
    if (!text) return failure(text.error());
    return parse_graph(*text, "standard input");
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  if (!file) return failure(fmt::format("{}: cannot be opened: {}", path, std::strerror(errno)));
  const auto text = read_all(file.get(), path);
  if (!text) return failure(text.error());
  return parse_graph(*text, path);
}

std::string to_text(const Graph& graph, GraphFormat format) {
  return format == GraphFormat::json ? to_graph_json(graph) : to_edge_list(graph);
}

}  // namespace thicket::sim
