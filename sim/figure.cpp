#include "sim/figure.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace thicket::sim {

namespace {

struct KnownFigure {
  std::string_view key;
  std::string_view title;
  FigureUnit unit = FigureUnit::count;
  Better better = Better::unknown;
};

constexpr KnownFigure kKnown[] = {
    {"version", "Version"},
    {"scenario", "Scenario"},
    {"topology", "Topology"},
    {"policy", "Policy"},
    {"crypto", "Cryptography"},
    {"cryptography", "Cryptography"},
    {"seed", "Seed"},
    {"nodes", "Nodes"},
    {"links", "Links"},
    {"duration_s", "Simulated time", FigureUnit::seconds},
    {"trace_hash", "Trace hash"},
    {"events", "Events"},
    {"wall_s", "Real time taken", FigureUnit::seconds, Better::lower},
    {"rss_bytes", "Memory used", FigureUnit::bytes, Better::lower},
    {"converged_s", "Converged for good after", FigureUnit::seconds, Better::lower},
    {"first_converged_s", "First converged after", FigureUnit::seconds, Better::lower},
    {"depth", "Depth of nodes in the tree", FigureUnit::ratio},
    {"control_bytes_per_node_s", "Control traffic per node", FigureUnit::bytes_per_s,
     Better::lower},
    {"control_bytes_per_node_s_converging", "Control traffic per node while converging",
     FigureUnit::bytes_per_s, Better::lower},
    {"control_bytes_per_node_s_idle", "Control traffic per node when idle", FigureUnit::bytes_per_s,
     Better::lower},
    {"state_bytes", "State of a node", FigureUnit::bytes, Better::lower},
    {"state_bytes_per_node", "State per node", FigureUnit::bytes, Better::lower},
    {"signatures_checked_per_node", "Signatures checked per node", FigureUnit::ratio,
     Better::lower},
    {"frames_by_type", "Frames sent"},
    {"bytes_by_type", "Bytes sent", FigureUnit::bytes},
    {"frames_lost", "Frames lost"},
    {"links_closed", "Links closed"},
    {"pings_sent", "Pings sent"},
    {"pings_answered", "Pings answered"},
    {"pings_impossible", "Pings with no way to go"},
    {"delivery", "Delivery (pings answered)", FigureUnit::share, Better::higher},
    {"pings_lost", "Pings lost", FigureUnit::count, Better::lower},
    {"round_trip_ms", "Round trip", FigureUnit::milliseconds, Better::lower},
    {"stretch_hops", "Stretch in hops", FigureUnit::ratio, Better::lower},
    {"stretch_latency", "Stretch in latency", FigureUnit::ratio, Better::lower},
    {"stretch_hops_mean", "Stretch in hops, mean", FigureUnit::ratio, Better::lower},
    {"stretch_latency_mean", "Stretch in latency, mean", FigureUnit::ratio, Better::lower},
    {"busiest_relay_share", "Traffic through the busiest relay", FigureUnit::share, Better::lower},
    {"lookup_transmissions", "Transmissions per lookup", FigureUnit::ratio, Better::lower},
    {"lookup_ms", "Time per lookup", FigureUnit::milliseconds, Better::lower},
    {"lookups_started", "Lookups started"},
    {"lookups_answered", "Lookups answered"},
};

constexpr std::pair<std::string_view, std::string_view> kStatistics[] = {
    {"count", "number"},        {"mean", "mean"},   {"p50", "median"},
    {"p95", "95th percentile"}, {"max", "highest"}, {"p99", "99th percentile"}};

const KnownFigure* find(std::string_view key) {
  for (const KnownFigure& known : kKnown) {
    if (known.key == key) return &known;
  }
  return nullptr;
}

// "a.p95" and "a_p95" are statistics of "a"; the rest behind a dot is a case of it.
FigureKind part_of(const KnownFigure& whole, std::string_view part) {
  for (const auto& [name, title] : kStatistics) {
    if (part != name) continue;
    const bool counts = name == "count";
    return {fmt::format("{}, {}", whole.title, title), counts ? FigureUnit::count : whole.unit,
            counts ? Better::unknown : whole.better};
  }
  return {fmt::format("{}: {}", whole.title, part), whole.unit, whole.better};
}

// Three digits that count, and no zeros that do not.
std::string three_digits(double value) {
  const double size = std::fabs(value);
  const int decimals = size == 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.0995 ? 2 : 4;
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (decimals == 0) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string with_thousands(double value) {
  std::string text = fmt::format("{:.0f}", std::fabs(value));
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  if (value < 0 && text != "0") text.insert(0, 1, '-');
  return text;
}

std::string with_prefix(double value, std::string_view unit) {
  constexpr std::array kPrefixes{"", "k", "M", "G", "T"};
  std::size_t prefix = 0;
  while (std::fabs(value) >= 999.5 && prefix + 1 < kPrefixes.size()) {
    value /= 1000;
    ++prefix;
  }
  return fmt::format("{} {}{}", three_digits(value), kPrefixes[prefix], unit);
}

std::string readable_seconds(double value) {
  if (std::fabs(value) < 119.5) return three_digits(value) + " s";
  const auto whole = std::llround(value);
  if (std::llabs(whole) < 7200) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

void flatten(const nlohmann::ordered_json& value, const std::string& key,
             std::vector<Figure>& out) {
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      if (key.empty() && name == "options") continue;  // what was run, not what came out
      flatten(member, key.empty() ? name : key + "." + name, out);
    }
  } else if (value.is_number()) {
    out.push_back({key, value.dump(), value.get<double>()});
  } else if (value.is_string()) {
    out.push_back({key, value.get<std::string>(), std::nullopt});
  } else if (value.is_boolean()) {
    out.push_back({key, value.dump(), std::nullopt});
  }
}

}  // namespace

FigureKind figure_kind(std::string_view key) {
  if (const KnownFigure* known = find(key)) {
    return {std::string(known->title), known->unit, known->better};
  }
  const std::size_t dot = key.find('.');
  if (dot != std::string_view::npos) {
    const KnownFigure* whole = find(key.substr(0, dot));
    if (whole != nullptr) return part_of(*whole, key.substr(dot + 1));
  }
  const std::size_t line = key.rfind('_');
  if (line != std::string_view::npos) {
    const KnownFigure* whole = find(key.substr(0, line));
    if (whole != nullptr) return part_of(*whole, key.substr(line + 1));
  }
  return {std::string(key)};
}

std::string readable(double value, FigureUnit unit) {
  if (!std::isfinite(value)) return "-";
  switch (unit) {
    case FigureUnit::count:
      return value == std::floor(value) ? with_thousands(value) : three_digits(value);
    case FigureUnit::share: {
      // Nearly all is not all: 99.96 % must not read as 100 %.
      const double percent = value * 100;
      if (percent > 99.9 && percent < 100)
        return fmt::format("{:.3f} %", std::min(percent, 99.999));
      return three_digits(percent) + " %";
    }
    case FigureUnit::ratio:
      return three_digits(value);
    case FigureUnit::seconds:
      return readable_seconds(value);
    case FigureUnit::milliseconds:
      return three_digits(value) + " ms";
    case FigureUnit::bytes:
      return with_prefix(value, "B");
    case FigureUnit::bytes_per_s:
      return with_prefix(value, "B/s");
  }
  return {};
}

std::string readable(const std::optional<double>& value, FigureUnit unit) {
  return value ? readable(*value, unit) : "-";
}

std::string exact(double value) {
  return fmt::format("{}", value);
}

Result<std::vector<Figure>, std::string> figures_of(std::string_view summary_json) {
  const auto json = nlohmann::ordered_json::parse(summary_json, nullptr, false);
  if (!json.is_object()) return failure(std::string("it is no JSON object"));
  std::vector<Figure> out;
  flatten(json, "", out);
  return out;
}

}  // namespace thicket::sim
