#include "sim/summary.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace thicket::sim {

namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

void put(Json& json, const std::string& name, const Distribution& distribution) {
  json[name + "_count"] = distribution.count;
  json[name + "_mean"] = distribution.mean;
  json[name + "_p50"] = distribution.p50;
  json[name + "_p95"] = distribution.p95;
  json[name + "_p99"] = distribution.p99;
  json[name + "_max"] = distribution.max;
}

void put_run(Json& json, const Results& results) {
  json["version"] = results.version;
  json["scenario"] = results.scenario;
  json["topology"] = results.topology;
  json["policy"] = results.policy;
  json["crypto"] = results.cryptography;
  json["seed"] = results.seed;
  json["nodes"] = results.nodes;
  json["links"] = results.links;
  json["duration_s"] = results.duration_s;
  json["trace_hash"] = fmt::format("{:016x}", results.trace_hash);
  json["events"] = results.events;
  json["wall_s"] = results.wall_s;
  json["rss_bytes"] = results.rss_bytes;
}

void put_network(Json& json, const Results& results) {
  json["converged_s"] = or_null(results.converged_s);
  json["first_converged_s"] = or_null(results.first_converged_s);
  put(json, "depth", results.depth);
  json["control_bytes_per_node_s"] = results.control_bytes_per_node_s;
  json["control_bytes_per_node_s_converging"] = results.control_bytes_per_node_s_converging;
  json["control_bytes_per_node_s_idle"] = results.control_bytes_per_node_s_idle;
  json["state_bytes_per_node"] = results.state_bytes_per_node;
  put(json, "state_bytes", results.state_bytes);
  json["signatures_checked_per_node"] = results.signatures_checked_per_node;
  json["frames_by_type"] = results.frames_by_type;
  json["bytes_by_type"] = results.bytes_by_type;
  json["frames_lost"] = results.frames_lost;
  json["links_closed"] = results.links_closed;
}

void put_traffic(Json& json, const Results& results) {
  json["pings_sent"] = results.pings_sent;
  json["pings_answered"] = results.pings_answered;
  json["pings_impossible"] = results.pings_impossible;
  json["delivery"] = or_null(results.delivery);
  json["pings_lost"] = results.pings_lost;
  put(json, "round_trip_ms", results.round_trip_ms);
  put(json, "stretch_hops", results.stretch_hops);
  put(json, "stretch_latency", results.stretch_latency);
  json["busiest_relay_share"] = results.busiest_relay_share;
  put(json, "lookup_transmissions", results.lookup_transmissions);
  put(json, "lookup_ms", results.lookup_ms);
  json["lookups_started"] = results.lookups_started;
  json["lookups_answered"] = results.lookups_answered;
}

void flatten(const nlohmann::json& json, const std::string& prefix, Summary& summary) {
  for (const auto& [name, value] : json.items()) {
    const std::string full = prefix + name;
    if (value.is_object()) {
      flatten(value, full + ".", summary);
    } else if (value.is_string()) {
      summary[full] = value.get<std::string>();
    } else if (value.is_boolean()) {
      summary[full] = value.get<bool>() ? 1.0 : 0.0;
    } else if (value.is_number()) {
      summary[full] = value.get<double>();
    }
  }
}

}  // namespace

std::string summary_json(const Results& results) {
  Json json = Json::object();
  put_run(json, results);
  put_network(json, results);
  put_traffic(json, results);
  // What was run, so that it can be run again; a text that is no JSON is kept as a text.
  if (!results.scenario_json.empty()) {
    const Json options = Json::parse(results.scenario_json, nullptr, false);
    json["options"] = options.is_discarded() ? Json(results.scenario_json) : options;
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Summary, std::string> read_summary(const std::filesystem::path& path) {
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(path, ignored);
  const std::filesystem::path file = folder ? path / "summary.json" : path;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return failure(fmt::format("cannot read {}", file.string()));
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (stream.bad()) return failure(fmt::format("cannot read {}", file.string()));
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return failure(fmt::format("{} is not the summary of a run: no JSON object", file.string()));
  }
  Summary summary;
  flatten(json, "", summary);
  return summary;
}

}  // namespace thicket::sim
