#include "sim/run_options.hpp"

#include <fmt/format.h>

#include <cxxopts.hpp>
#include <nlohmann/json.hpp>

#include "sim/graph_options.hpp"
#include "sim/number_text.hpp"

namespace thicket::sim {

namespace {

// What stands behind the scenario and before --set.
Overrides plain_overrides(const cxxopts::ParseResult& parsed) {
  Overrides out;
  constexpr std::pair<const char*, const char*> kOptions[] = {{"duration", "duration_s"},
                                                              {"crypto", "cryptography"},
                                                              {"policy", "policy"},
                                                              {"seed", "seed"}};
  for (const auto& [option, key] : kOptions) {
    const std::string text = option_text(parsed, option);
    if (!text.empty()) out.emplace_back(key, text);
  }
  return out;
}

Result<void, std::string> check_numbers(const cxxopts::ParseResult& parsed) {
  const std::string seed = option_text(parsed, "seed");
  if (!seed.empty() && !parse_number(seed)) {
    return failure(fmt::format("--seed: found \"{}\", expected a whole number below 2^64", seed));
  }
  const std::string duration = option_text(parsed, "duration");
  if (!duration.empty() && parse_decimal(duration, 9).value_or(0) <= 0) {
    return failure(fmt::format("--duration: found \"{}\", expected seconds above 0", duration));
  }
  const std::string crypto = option_text(parsed, "crypto");
  if (!crypto.empty() && crypto != "real" && crypto != "fast") {
    return failure(fmt::format("--crypto: found \"{}\", expected real or fast", crypto));
  }
  return {};
}

Scenario scenario_for(const GraphOptions& graph) {
  Scenario scenario = graph.topology
                          ? sim::scenario_for(*graph.topology)
                          : sim::scenario_for(GraphSource{*graph.file, graph.largest_component});
  if (graph.latency) scenario.links.latency = {*graph.latency, *graph.latency};
  return scenario;
}

// The network of the options, to be put in place of that of a scenario.
Overrides graph_overrides(const GraphOptions& graph) {
  GraphOptions whole = graph;
  if (!whole.given()) whole.topology.emplace();
  const auto json = nlohmann::json::parse(to_json(scenario_for(whole)));
  Overrides out;
  if (graph.given()) {
    const char* key = graph.topology ? "topology" : "graph";
    out.emplace_back(key, json[key].dump());
  }
  if (graph.latency) out.emplace_back("links.latency_ms", json["links"]["latency_ms"].dump());
  return out;
}

}  // namespace

void add_run_options(cxxopts::Options& options, bool seeds) {
  const auto text = [] { return cxxopts::value<std::string>(); };
  auto add = options.add_options();
  add("scenario", "Ready-made scenario, or a file with one", text(), "NAME|FILE");
  if (seeds) {
    add("seeds", "Seeds to run every point with: 1..10 or 1,2,5 (the scenario's)", text(), "LIST");
  } else {
    add("seed", "Seed of all randomness (the scenario's, or 1)", text(), "N");
  }
  add("duration", "How long to simulate", text(), "SECONDS");
  add("crypto", "real (libsodium's) or fast (stand-in for large runs)", text(), "KIND");
  add("policy", "Local choices of nodes: thicket or yggdrasil-0.5", text(), "NAME");
  add("set",
      seeds ? "Set a key of the scenario to each of these values; may be repeated"
            : "Set a key of the scenario; may be repeated",
      text(), seeds ? "KEY=VALUE,…" : "KEY=VALUE");
  add_graph_options(options);
}

std::string option_text(const cxxopts::ParseResult& parsed, const std::string& name) {
  return parsed.count(name) == 0 ? std::string() : parsed[name].as<std::string>();
}

Result<Overrides, std::string> settings_of(const cxxopts::ParseResult& parsed) {
  Overrides out;
  for (const auto& argument : parsed.arguments()) {
    if (argument.key() != "set") continue;
    const std::string& text = argument.value();
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return failure(
          fmt::format("--set: found \"{}\", expected KEY=VALUE, such as links.loss=0.01", text));
    }
    out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

Result<Scenario, std::string> scenario_of(const cxxopts::ParseResult& parsed,
                                          const Overrides& overrides) {
  const auto graph = graph_options_of(parsed);
  if (!graph) return failure(graph.error());
  if (const auto checked = check_numbers(parsed); !checked) return failure(checked.error());
  if (graph->topology && graph->largest_component) {
    return failure(std::string("--largest-component goes with --graph"));
  }
  const std::string name = option_text(parsed, "scenario");
  if (name.empty() && !graph->given()) {
    return failure(
        std::string("needs --scenario NAME|FILE, --graph FILE or --topology KIND to know what to "
                    "run"));
  }
  Overrides all;
  if (!name.empty() && (graph->given() || graph->latency)) all = graph_overrides(*graph);
  for (auto& override : plain_overrides(parsed)) all.push_back(std::move(override));
  all.insert(all.end(), overrides.begin(), overrides.end());
  if (!name.empty()) return find_scenario(name, all);
  return parse_scenario(to_json(scenario_for(*graph)), "options", all);
}

}  // namespace thicket::sim
