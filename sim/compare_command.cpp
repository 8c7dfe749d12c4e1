#include "sim/compare_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cxxopts.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/exit_code.hpp"
#include "sim/figure.hpp"
#include "sim/result_folder.hpp"
#include "sim/result_table.hpp"

namespace thicket::sim {

namespace {

using Figures = std::vector<Figure>;

/// A figure of two runs; either may be missing.
struct Pair {
  std::string key;
  std::optional<double> a;
  std::optional<double> b;
  FigureKind kind;
};

const Figure* find(const Figures& figures, std::string_view key) {
  const auto found = std::ranges::find(figures, key, &Figure::key);
  return found == figures.end() ? nullptr : &*found;
}

Result<Figures, std::string> read_figures(const std::filesystem::path& path) {
  const auto file = std::filesystem::is_directory(path) ? path / "summary.json" : path;
  const auto text = read_text(file);
  if (!text) return failure(text.error());
  auto figures = figures_of(*text);
  if (!figures || find(*figures, "trace_hash") == nullptr) {
    return failure(fmt::format("{}: it is no summary.json of thicket-sim", file.string()));
  }
  return figures;
}

std::vector<Pair> pairs_of(const Figures& a, const Figures& b) {
  std::vector<Pair> out;
  const auto has = [&](const std::string& key) {
    return std::ranges::find(out, key, &Pair::key) != out.end();
  };
  for (const Figures* side : {&a, &b}) {
    for (const Figure& figure : *side) {
      if (!figure.value || figure.key == "seed" || figure.key == "trace_hash" || has(figure.key)) {
        continue;
      }
      const Figure* in_a = find(a, figure.key);
      const Figure* in_b = find(b, figure.key);
      out.push_back({figure.key, in_a != nullptr ? in_a->value : std::nullopt,
                     in_b != nullptr ? in_b->value : std::nullopt, figure_kind(figure.key)});
    }
  }
  return out;
}

// "A", "B", or "" where neither is known to be better.
std::string better_of(const Pair& pair) {
  if (pair.kind.better == Better::unknown) return {};
  // A network that never converged has no time of it.
  if (pair.key == "converged_s" && pair.a.has_value() != pair.b.has_value()) {
    return pair.a ? "A" : "B";
  }
  if (!pair.a || !pair.b || *pair.a == *pair.b) return {};
  return (*pair.a < *pair.b) == (pair.kind.better == Better::lower) ? "A" : "B";
}

std::vector<std::string> warnings_of(const Figures& a, const Figures& b) {
  std::vector<std::string> out;
  for (const char* key : {"scenario", "seed", "topology", "nodes", "links", "duration_s",
                          "cryptography", "crypto", "version"}) {
    const Figure* in_a = find(a, key);
    const Figure* in_b = find(b, key);
    const std::string text_a = in_a != nullptr ? in_a->text : "-";
    const std::string text_b = in_b != nullptr ? in_b->text : "-";
    if (text_a == text_b) continue;
    out.push_back(fmt::format("{} differs: {} and {}", key, text_a, text_b));
  }
  return out;
}

std::string as_json(const std::vector<Pair>& pairs, const std::vector<std::string>& warnings) {
  using Json = nlohmann::ordered_json;
  const auto number = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
  };
  Json figures = Json::object();
  for (const Pair& pair : pairs) {
    Json& it = figures[pair.key];
    it["a"] = number(pair.a);
    it["b"] = number(pair.b);
    const bool both = pair.a && pair.b;
    it["difference"] = both ? Json(*pair.b - *pair.a) : Json(nullptr);
    it["ratio"] = both && *pair.a != 0 ? Json(*pair.b / *pair.a) : Json(nullptr);
    const std::string better = better_of(pair);
    it["better"] = better.empty() ? Json(nullptr) : Json(better == "A" ? "a" : "b");
  }
  return Json{{"warnings", warnings}, {"figures", figures}}.dump(2) + "\n";
}

std::string as_table(const std::vector<Pair>& pairs) {
  std::vector<std::vector<std::string>> rows{{"Figure", "A", "B", "B - A", "B / A", "better"}};
  for (const Pair& pair : pairs) {
    const bool both = pair.a && pair.b;
    std::string difference = both ? readable(*pair.b - *pair.a, pair.kind.unit) : "-";
    if (both && *pair.b > *pair.a) difference.insert(0, 1, '+');
    rows.push_back({pair.kind.title, readable(pair.a, pair.kind.unit),
                    readable(pair.b, pair.kind.unit), difference,
                    both && *pair.a != 0 ? readable(*pair.b / *pair.a, FigureUnit::ratio) : "-",
                    better_of(pair)});
  }
  return text_columns(rows);
}

}  // namespace

void declare_compare(cxxopts::Options& options) {
  options.add_options()("json", "Print JSON in place of a table");
}

int compare_command(const Command& command, const Arguments& arguments) {
  const auto a = read_figures(arguments.operands[0]);
  if (!a) return command_error(command.name, a.error(), kExitFailure);
  const auto b = read_figures(arguments.operands[1]);
  if (!b) return command_error(command.name, b.error(), kExitFailure);
  const std::vector<std::string> warnings = warnings_of(*a, *b);
  const std::vector<Pair> pairs = pairs_of(*a, *b);
  if (arguments.options.count("json") != 0) return print(as_json(pairs, warnings));
  for (const std::string& warning : warnings) {
    fmt::print(stderr, "thicket-sim {}: warning: {}\n", command.name, warning);
  }
  return print(fmt::format("A: {}\nB: {}\n\n{}", arguments.operands[0], arguments.operands[1],
                           as_table(pairs)));
}

}  // namespace thicket::sim
