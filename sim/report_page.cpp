#include "sim/report_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "crypto/invariant.hpp"
#include "sim/figure.hpp"
#include "sim/html.hpp"
#include "sim/report_assets.hpp"
#include "sim/report_charts.hpp"
#include "sim/report_topology.hpp"

namespace thicket::sim {

namespace {

// More moments than this cannot be told apart on a screen.
constexpr std::size_t kMostMoments = 240;

std::string heading_of(const Results& results) {
  const auto bold = [](std::string_view text) {
    return fmt::format("<b>{}</b>", html_escape(text));
  };
  std::string out =
      fmt::format("<h1>Simulation: {}</h1>\n<p class=\"what\">", html_escape(results.scenario));
  out += fmt::format(
      "{} nodes and {} links ({}), {} of simulated time, seed {}. ",
      bold(readable(static_cast<double>(results.nodes), FigureUnit::count)),
      bold(readable(static_cast<double>(results.links), FigureUnit::count)), bold(results.topology),
      bold(readable(results.duration_s, FigureUnit::seconds)), bold(fmt::to_string(results.seed)));
  out += fmt::format("Policy {}, {} cryptography, thicket-sim {}. Trace hash {}.</p>\n",
                     bold(results.policy), bold(results.cryptography), bold(results.version),
                     bold(fmt::format("{:016x}", results.trace_hash)));
  return out;
}

struct Tile {
  std::string name;
  std::string figure;
  std::string more;
};

std::vector<Tile> tiles_of(const Results& it) {
  const auto number = [](std::uint64_t value) {
    return readable(static_cast<double>(value), FigureUnit::count);
  };
  const auto when_any = [](const Distribution& values, double value, FigureUnit unit) {
    return values.count == 0 ? std::string("-") : readable(value, unit);
  };
  std::string converged = "every node knows its right place in the one tree";
  if (!it.converged_s && it.first_converged_s) {
    converged = fmt::format("once right after {}, but not at the end",
                            readable(*it.first_converged_s, FigureUnit::seconds));
  } else if (!it.converged_s) {
    converged = "the network did not come to rest";
  } else if (it.first_converged_s && *it.first_converged_s < *it.converged_s) {
    converged = fmt::format("for good; the first time after {}",
                            readable(*it.first_converged_s, FigureUnit::seconds));
  }
  return {
      {"Converged after", it.converged_s ? readable(*it.converged_s, FigureUnit::seconds) : "never",
       converged},
      {"Delivery", readable(it.delivery, FigureUnit::share),
       fmt::format("{} of {} pings answered", number(it.pings_answered), number(it.pings_sent))},
      {"Stretch, mean", when_any(it.stretch_hops, it.stretch_hops.mean, FigureUnit::ratio),
       fmt::format("hops taken for each hop of the shortest path; 95 % are below {}",
                   when_any(it.stretch_hops, it.stretch_hops.p95, FigureUnit::ratio))},
      {"Round trip, median",
       when_any(it.round_trip_ms, it.round_trip_ms.p50, FigureUnit::milliseconds),
       fmt::format("95 % are below {}",
                   when_any(it.round_trip_ms, it.round_trip_ms.p95, FigureUnit::milliseconds))},
      {"Control traffic", readable(it.control_bytes_per_node_s, FigureUnit::bytes_per_s),
       "sent by a node to keep the network up, mean"},
      {"State", readable(it.state_bytes_per_node, FigureUnit::bytes),
       "memory of a node's router, mean"},
      {"Lookup", when_any(it.lookup_transmissions, it.lookup_transmissions.mean, FigureUnit::ratio),
       "frames sent over links to find a node, mean"},
      {"Real time", readable(it.wall_s, FigureUnit::seconds),
       fmt::format("{} events, {} of memory", number(it.events),
                   readable(static_cast<double>(it.rss_bytes), FigureUnit::bytes))},
  };
}

std::string tiles_html(const Results& results) {
  std::string out = "<ul class=\"tiles\">\n";
  for (const Tile& tile : tiles_of(results)) {
    out += fmt::format(
        "<li class=\"card\"><div class=\"name\">{}</div><div class=\"figure\">{}</div>"
        "<div class=\"more\">{}</div></li>\n",
        html_escape(tile.name), html_escape(tile.figure), html_escape(tile.more));
  }
  return out + "</ul>\n";
}

using Value = std::function<std::optional<double>(const Sample&)>;

LineChart::Line line_of(std::string name, const std::vector<Sample>& series, const Value& value) {
  LineChart::Line line{std::move(name), {}};
  for (const Sample& sample : series) line.values.push_back(value(sample));
  return line;
}

std::vector<std::pair<std::string, double>> bars_of(
    const std::map<std::string, std::uint64_t>& values) {
  std::vector<std::pair<std::string, double>> bars;
  for (const auto& [name, value] : values) {
    std::string plain = name;
    std::ranges::replace(plain, '_', ' ');
    if (value > 0) bars.emplace_back(plain, static_cast<double>(value));
  }
  std::ranges::stable_sort(bars, std::ranges::greater{}, &std::pair<std::string, double>::second);
  return bars;
}

std::vector<double> times_of(const std::vector<Sample>& series) {
  std::vector<double> times;
  for (const Sample& sample : series) times.push_back(sample.time_s);
  return times;
}

std::string lines_html(const std::vector<Sample>& series) {
  const std::vector<double> times = times_of(series);
  const auto count = [](std::uint64_t value) { return static_cast<double>(value); };
  std::string out;
  out += to_html(LineChart{
      .id = "convergence",
      .title = "Convergence",
      .explanation =
          "Share of nodes that know their right place in the tree, and of pairs of nodes "
          "that can reach each other by it.",
      .unit = FigureUnit::share,
      .times = times,
      .lines = {line_of("right coordinates", series, [](auto& s) { return s.right_coordinates; }),
                line_of("reachable pairs", series, [](auto& s) { return s.reachable; })}});
  out += to_html(
      LineChart{.id = "roots",
                .title = "Roots",
                .explanation = "How many different roots nodes believe in: one, when all are "
                               "connected and agree.",
                .unit = FigureUnit::count,
                .times = times,
                .lines = {line_of("roots", series, [&](auto& s) { return count(s.roots); })}});
  out += to_html(
      LineChart{.id = "running",
                .title = "Running nodes",
                .explanation = "How many nodes are up.",
                .unit = FigureUnit::count,
                .times = times,
                .lines = {line_of("nodes", series, [&](auto& s) { return count(s.running); })}});
  out += to_html(
      LineChart{.id = "delivery",
                .title = "Delivery",
                .explanation = "Share of the pings sent at that time that were answered.",
                .unit = FigureUnit::share,
                .times = times,
                .lines = {line_of("answered", series, [&](auto& s) -> std::optional<double> {
                  if (s.pings_sent == 0) return std::nullopt;
                  return count(s.pings_answered) / count(s.pings_sent);
                })}});
  out += to_html(LineChart{
      .id = "bytes",
      .title = "Bytes per node and second",
      .explanation = "What a node sends to keep the network up (control), and what it sends and "
                     "passes on for pings (traffic).",
      .unit = FigureUnit::bytes_per_s,
      .times = times,
      .lines = {line_of("control", series, [](auto& s) { return s.control_bytes_per_node_s; }),
                line_of("traffic", series, [](auto& s) { return s.traffic_bytes_per_node_s; })}});
  out += to_html(LineChart{
      .id = "state",
      .title = "State per node",
      .explanation = "Memory that a node's router holds, mean of all nodes.",
      .unit = FigureUnit::bytes,
      .times = times,
      .lines = {line_of("state", series, [](auto& s) { return s.state_bytes_per_node; })}});
  return out;
}

std::string charts_html(const Results& results) {
  const std::vector<Sample> series = thinned(results.series, kMostMoments);
  std::string out =
      "<h2>Over time</h2>\n<div class=\"charts\">\n" + lines_html(series) + "</div>\n";
  out += "<h2>In total</h2>\n<div class=\"charts\">\n";
  out += to_html(Histogram{
      .id = "stretch",
      .title = "Stretch",
      .explanation =
          "How many hops pings took, divided by the hops of the shortest path: 1 is best.",
      .value_name = "stretch",
      .low = 1,
      .values = results.stretch_samples});
  out += to_html(BarChart{.id = "lost",
                          .title = "Pings lost",
                          .explanation = "By what became of them.",
                          .unit = FigureUnit::count,
                          .bars = bars_of(results.pings_lost)});
  out += to_html(BarChart{.id = "frames",
                          .title = "Bytes by type of frame",
                          .explanation = "Sent over all links, traffic included.",
                          .unit = FigureUnit::bytes,
                          .bars = bars_of(results.bytes_by_type)});
  return out + "</div>\n";
}

std::string table_html(std::string_view summary_json) {
  const auto figures = figures_of(summary_json);
  if (!figures) return {};
  std::string out =
      "<h2>All figures</h2>\n<div class=\"card scroll\"><table id=\"figures\">\n"
      "<tr><th>Figure</th><th>Value</th><th class=\"key\">In summary.json</th></tr>\n";
  for (const Figure& figure : *figures) {
    const FigureKind kind = figure_kind(figure.key);
    const bool name = figure.key == "seed" || figure.key == "trace_hash" || !figure.value;
    out += fmt::format("<tr><td>{}</td><td class=\"{}\">{}</td><td class=\"key\">{}</td></tr>\n",
                       html_escape(kind.title), name ? "text" : "number",
                       html_escape(name ? figure.text : readable(*figure.value, kind.unit)),
                       html_escape(figure.key));
  }
  return out + "</table></div>\n";
}

void join(Sample& into, const Sample& next, double weight) {
  // `weight`: how many rows `into` holds already.
  const auto mean = [&](double& a, double b) { a = (a * weight + b) / (weight + 1); };
  into.time_s = next.time_s;
  into.running = next.running;
  into.roots = std::max(into.roots, next.roots);
  mean(into.right_coordinates, next.right_coordinates);
  mean(into.reachable, next.reachable);
  into.pings_sent += next.pings_sent;
  into.pings_answered += next.pings_answered;
  mean(into.control_bytes_per_node_s, next.control_bytes_per_node_s);
  mean(into.traffic_bytes_per_node_s, next.traffic_bytes_per_node_s);
  mean(into.state_bytes_per_node, next.state_bytes_per_node);
  into.position_changes += next.position_changes;
  into.lookups += next.lookups;
}

}  // namespace

std::vector<Sample> thinned(const std::vector<Sample>& series, std::size_t most) {
  INVARIANT(most > 0);
  const std::size_t group = (series.size() + most - 1) / most;
  std::vector<Sample> out;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (i % group == 0) {
      out.push_back(series[i]);
    } else {
      join(out.back(), series[i], static_cast<double>(i % group));
    }
  }
  return out;
}

std::string report_page(const Results& results, std::string_view summary_json) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      // An icon of its own, or browsers would ask for one.
      "<link rel=\"icon\" href=\"data:,\">\n";
  out += fmt::format("<title>{}, seed {} - thicket-sim</title>\n", html_escape(results.scenario),
                     results.seed);
  out += fmt::format("<style>\n{}</style>\n</head>\n<body>\n<main>\n", kReportStyle);
  out += heading_of(results) + tiles_html(results) + charts_html(results);
  out += "<h2>Topology</h2>\n" + topology_html(results) + table_html(summary_json);
  out += fmt::format(
      "<h2>Scenario</h2>\n<details class=\"card\" id=\"scenario\"><summary>Complete, to run "
      "again</summary>\n<pre>{}</pre></details>\n",
      html_escape(results.scenario_json));
  out += fmt::format(
      "</main>\n<div id=\"tip\" hidden></div>\n<script>\n{}</script>\n</body>\n</html>\n",
      kReportScript);
  return out;
}

}  // namespace thicket::sim
