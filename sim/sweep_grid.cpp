#include "sim/sweep_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/number_text.hpp"

namespace thicket::sim {

namespace {

constexpr std::size_t kLongestName = 180;  // file systems end at 255 bytes

// At commas that stand neither in brackets nor in quotes.
std::vector<std::string> split_values(std::string_view text) {
  std::vector<std::string> out(1);
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\' && i + 1 < text.size()) {
      out.back() += c;
      out.back() += text[++i];
      continue;
    }
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '[' || c == '{')) ++depth;
    if (!quoted && (c == ']' || c == '}')) --depth;
    if (c == ',' && !quoted && depth <= 0) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._-=+").find(c) != std::string_view::npos;
}

std::string folder_name(const Overrides& overrides, bool with_seed) {
  std::string out;
  for (const auto& [key, value] : overrides) {
    if (key == "seed" && !with_seed) continue;
    if (!out.empty()) out += '_';
    for (const char c : fmt::format("{}={}", key, value)) out += is_plain(c) ? c : '-';
  }
  if (out.size() > kLongestName) out.resize(kLongestName);
  return out.empty() ? "run" : out;
}

void multiply(std::vector<Overrides>& combinations, const std::string& key,
              const std::vector<std::string>& values) {
  std::vector<Overrides> out;
  for (const Overrides& combination : combinations) {
    for (const std::string& value : values) {
      out.push_back(combination);
      out.back().emplace_back(key, value);
    }
  }
  combinations = std::move(out);
}

}  // namespace

Result<std::vector<std::uint64_t>, std::string> parse_seeds(std::string_view text) {
  std::vector<std::uint64_t> out;
  if (text.empty()) return out;
  const auto bad = [&] {
    return failure(fmt::format(
        "--seeds: found \"{}\", expected seeds such as 1..10 or 1,2,5, each once", text));
  };
  for (const std::string& part : split_values(text)) {
    const std::size_t dots = part.find("..");
    const auto first = parse_number(part.substr(0, dots));
    const auto last = dots == std::string::npos ? first : parse_number(part.substr(dots + 2));
    if (!first || !last || *last < *first || *last - *first >= kMaxPoints) return bad();
    for (std::uint64_t i = 0; i <= *last - *first; ++i) out.push_back(*first + i);
  }
  if (std::set(out.begin(), out.end()).size() != out.size()) return bad();
  return out;
}

Result<std::vector<SweepPoint>, std::string> sweep_points(const Overrides& settings,
                                                          const std::vector<std::uint64_t>& seeds) {
  std::vector<Overrides> combinations(1);
  std::set<std::string> keys;
  std::vector<std::pair<std::string, std::vector<std::string>>> axes;
  for (const auto& [key, text] : settings) axes.emplace_back(key, split_values(text));
  if (!seeds.empty()) {
    auto& values = axes.emplace_back("seed", std::vector<std::string>()).second;
    for (const std::uint64_t seed : seeds) values.push_back(fmt::to_string(seed));
  }
  for (const auto& [key, values] : axes) {
    if (!keys.insert(key).second) {
      const char* more = key == "seed" ? " or with --seeds" : "";
      return failure(fmt::format("--set: \"{}\" is set twice{}", key, more));
    }
    if (combinations.size() * values.size() > kMaxPoints) {
      return failure(fmt::format("these are more than {} runs", kMaxPoints));
    }
    multiply(combinations, key, values);
  }
  std::vector<SweepPoint> out;
  std::set<std::string> names;
  for (Overrides& overrides : combinations) {
    const std::string name = folder_name(overrides, true);
    std::string unique = name;
    for (int i = 2; !names.insert(unique).second; ++i) unique = fmt::format("{}_{}", name, i);
    std::string group;
    for (const auto& [key, value] : overrides) {
      if (key == "seed") continue;
      group += fmt::format("{}{}={}", group.empty() ? "" : " ", key, value);
    }
    out.push_back({unique, group.empty() ? "all" : group, std::move(overrides)});
  }
  return out;
}

std::string shell_quoted(std::string_view word) {
  const bool plain = !word.empty() && std::ranges::all_of(word, [](char c) {
    return is_plain(c) || c == '/' || c == ':' || c == ',' || c == '@';
  });
  if (plain) return std::string(word);
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  out += '\'';
  return out;
}

}  // namespace thicket::sim
