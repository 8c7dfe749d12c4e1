#include "node/commands/tree_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "node/display_text.hpp"
#include "node/json_fields.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;

/// Levels that are drawn: as many as leave room for an address and a note. What is deeper stands
/// under the last of them, with its depth.
std::size_t most_levels(const Terminal& terminal) {
  constexpr std::size_t kMost = 20;
  constexpr std::size_t kBeside = 59;
  if (terminal.width == 0) return kMost;
  const std::size_t room = terminal.width > kBeside ? terminal.width - kBeside : 0;
  return std::clamp(room / 3, std::size_t{4}, kMost);
}

struct Entry {
  std::string key;
  std::string parent;
  std::string address;
};

struct Lines {
  std::string_view branch;
  std::string_view last;
  std::string_view through;
};
constexpr Lines kDrawn{"\u251c\u2500 ", "\u2514\u2500 ", "\u2502  "};
constexpr Lines kAscii{"|- ", "`- ", "|  "};

class Drawing {
 public:
  Drawing(const json& answer, const TreeMarks& marks, const Terminal& terminal)
      : marks_(marks),
        terminal_(terminal),
        lines_(terminal.utf8 ? kDrawn : kAscii),
        most_levels_(most_levels(terminal)) {
    for (const json& given : field_list(answer, "tree")) {
      Entry entry{field_string(given, "key"), field_string(given, "parent"),
                  field_string(given, "address")};
      std::string key = entry.key;
      entries_.emplace(std::move(key), std::move(entry));
    }
    for (const auto& [key, entry] : entries_) {
      const bool is_root = entry.parent == key || !entries_.contains(entry.parent);
      if (!is_root) children_[entry.parent].push_back(&entry);
    }
  }

  std::string draw() {
    for (const auto& [key, entry] : entries_) {
      if (entry.parent == key) draw_from(entry, "root");
    }
    for (const auto& [key, entry] : entries_) {
      if (!entries_.contains(entry.parent)) draw_from(entry, "its parent is not known");
    }
    // What is left hangs in loops.
    for (const auto& [key, entry] : entries_) {
      if (!drawn_.contains(key)) draw_from(entry, "its parents form a loop");
    }
    return std::move(out_);
  }

 private:
  struct Visit {
    const Entry* entry;
    std::string indent;  // of its own line, without the branch
    std::size_t depth;
    bool is_last;
  };

  void draw_from(const Entry& top, std::string_view note) {
    std::vector<Visit> open{{&top, "", 0, true}};
    while (!open.empty()) {
      const Visit visit = std::move(open.back());
      open.pop_back();
      if (!drawn_.insert(visit.entry->key).second) continue;
      put(visit, visit.depth == 0 ? note : std::string_view());
      const auto below = children_.find(visit.entry->key);
      if (below == children_.end()) continue;
      std::string indent = visit.indent;
      if (visit.depth != 0 && visit.depth < most_levels_) {
        indent += visit.is_last ? std::string_view("   ") : lines_.through;
      }
      for (std::size_t i = below->second.size(); i-- > 0;) {
        open.push_back({below->second[i], indent, visit.depth + 1, i + 1 == below->second.size()});
      }
    }
  }

  void put(const Visit& visit, std::string_view note) {
    const std::string address = displayable(visit.entry->address, terminal_.utf8);
    const bool is_self = visit.entry->key == marks_.self;
    std::vector<std::string> notes;
    if (is_self) notes.emplace_back("this node");
    if (!note.empty()) notes.emplace_back(note);
    if (marks_.peers.contains(visit.entry->key)) notes.emplace_back("peer");
    if (visit.depth > most_levels_) notes.push_back(fmt::format("depth {}", visit.depth));
    std::string text =
        visit.depth == 0 ? "" : std::string(visit.is_last ? lines_.last : lines_.branch);
    text = visit.indent + text;
    const std::size_t used = display_width(text);
    const std::size_t left = terminal_.width > used ? terminal_.width - used : 0;
    const std::string name =
        terminal_.width == 0 ? address : shortened(address, left, terminal_.utf8);
    text += terminal_.styled(name, is_self ? Style::good : Style::plain);
    if (!notes.empty()) {
      const std::string noted = fmt::format("  {}", fmt::join(notes, ", "));
      const bool fits = terminal_.width == 0 || display_width(name) + noted.size() <= left;
      if (fits) text += terminal_.styled(noted, Style::faint);
    }
    out_ += text + "\n";
  }

  const TreeMarks& marks_;
  const Terminal& terminal_;
  const Lines lines_;
  const std::size_t most_levels_;
  std::map<std::string, Entry> entries_;
  std::map<std::string, std::vector<const Entry*>> children_;
  std::set<std::string> drawn_;
  std::string out_;
};

}  // namespace

std::string tree_view(const json& answer, const TreeMarks& marks, const Terminal& terminal) {
  std::string drawing = Drawing(answer, marks, terminal).draw();
  return drawing.empty() ? "No tree: the node has told none.\n" : drawing;
}

}  // namespace thicket::node
