#include "sim/result_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/figure.hpp"

namespace thicket::sim {

namespace {

std::string number(std::uint64_t value) {
  return readable(static_cast<double>(value), FigureUnit::count);
}

std::string spread(const Distribution& values, FigureUnit unit) {
  if (values.count == 0) return "-";
  return fmt::format("{} mean, {} median, {} for 95 %, {} highest", readable(values.mean, unit),
                     readable(values.p50, unit), readable(values.p95, unit),
                     readable(values.max, unit));
}

std::string convergence(const Results& it) {
  if (it.converged_s) {
    return fmt::format("after {}: all nodes agree on the tree and reach each other",
                       readable(*it.converged_s, FigureUnit::seconds));
  }
  if (it.first_converged_s) {
    return fmt::format("not at the end; the first time after {}",
                       readable(*it.first_converged_s, FigureUnit::seconds));
  }
  return "never: nodes did not agree on the tree, or did not all reach each other";
}

// The width of a text in columns: bytes that start a UTF-8 sequence.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string result_table(const Results& it) {
  std::string out;
  const auto row = [&](std::string_view name, const std::string& value) {
    out += fmt::format("{:<18} {}\n", name, value);
  };
  row("Scenario", fmt::format("{}, seed {}, {} policy, {} cryptography", it.scenario, it.seed,
                              it.policy, it.cryptography));
  row("Network",
      fmt::format("{} nodes, {} links ({})", number(it.nodes), number(it.links), it.topology));
  row("Simulated",
      fmt::format("{} in {} of real time, {} events", readable(it.duration_s, FigureUnit::seconds),
                  readable(it.wall_s, FigureUnit::seconds), number(it.events)));
  row("Converged", convergence(it));
  if (it.pings_sent != 0) {
    row("Delivery",
        fmt::format("{} ({} of {} pings answered)", readable(it.delivery, FigureUnit::share),
                    number(it.pings_answered), number(it.pings_sent)));
    for (const auto& [cause, count] : it.pings_lost) {
      if (count != 0) row("", fmt::format("{} lost: {}", number(count), cause));
    }
    row("Round trip", spread(it.round_trip_ms, FigureUnit::milliseconds));
    row("Stretch, hops", spread(it.stretch_hops, FigureUnit::ratio));
    row("Stretch, latency", spread(it.stretch_latency, FigureUnit::ratio));
  }
  if (it.pings_impossible != 0) {
    row("", fmt::format("{} more pings had no way to go", number(it.pings_impossible)));
  }
  if (it.lookups_started != 0) {
    row("Lookups", fmt::format("{} of {} answered, with {} transmissions on average",
                               number(it.lookups_answered), number(it.lookups_started),
                               readable(it.lookup_transmissions.mean, FigureUnit::ratio)));
  }
  row("Control traffic",
      fmt::format("{} per node", readable(it.control_bytes_per_node_s, FigureUnit::bytes_per_s)));
  row("State", fmt::format("{} per node", readable(it.state_bytes_per_node, FigureUnit::bytes)));
  row("Memory", readable(static_cast<double>(it.rss_bytes), FigureUnit::bytes));
  row("Trace hash",
      fmt::format("{:016x} (the same for the same scenario and seed)", it.trace_hash));
  return out;
}

std::string text_columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - width_of(row[i]), ' ');
      if (i != 0) line += "  ";
      line += i == 0 ? row[i] + space : space + row[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line;
    out += '\n';
  }
  return out;
}

}  // namespace thicket::sim
