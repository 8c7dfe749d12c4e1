#include "node/commands/node_info_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "node/bounded_json.hpp"
#include "node/display_text.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;

constexpr std::size_t kLongestName = 24;

void add_member(std::string& out, const std::string& name, const json& value, std::size_t width,
                const Terminal& terminal) {
  const std::string text = value.is_string() ? value.get<std::string>() : to_text(value, false);
  const std::string shown = shortened(displayable(name, terminal.utf8), width, terminal.utf8);
  out += fmt::format("  {}", terminal.styled(shown, Style::title));
  out.append(width - std::min(width, display_width(shown)) + 2, ' ');
  out += displayable(text, terminal.utf8) + "\n";
}

}  // namespace

std::string node_info_view(const json& answer, const Terminal& terminal) {
  std::string out;
  if (!answer.is_object()) return "The answer is not one of getNodeInfo.\n";
  for (const auto& [key, info] : answer.items()) {
    out += displayable(key, terminal.utf8) + "\n";
    std::size_t width = 0;
    if (!info.is_object() || info.empty()) {
      out += "  It says nothing about itself.\n";
      continue;
    }
    for (const auto& member : info.items()) {
      width = std::max(width, display_width(displayable(member.key(), terminal.utf8)));
    }
    width = std::min(width, kLongestName);
    for (const auto& member : info.items()) {
      add_member(out, member.key(), member.value(), width, terminal);
    }
  }
  return out;
}

}  // namespace thicket::node
