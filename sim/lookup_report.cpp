#include "sim/lookup_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/figure.hpp"
#include "sim/result_table.hpp"

namespace thicket::sim {

namespace {

using Json = nlohmann::ordered_json;
using routing::LookupPolicy;

constexpr const char* kKinds[] = {"ping",  "pong",   "find",       "found",
                                  "store", "stored", "neighbours", "contacts"};

const LookupFigures* figures_for(const LookupReport& report, LookupPolicy policy) {
  for (const auto& [studied, figures] : report.lookups) {
    if (studied == policy) return &figures;
  }
  return nullptr;
}

std::string number(std::uint64_t value) {
  return readable(static_cast<double>(value), FigureUnit::count);
}

std::string crypto_name(CryptographyKind kind) {
  return kind == CryptographyKind::real ? "real" : "fast";
}

std::string conditions(const LookupStudy& study) {
  std::string text;
  if (study.hostile_ppm != 0) {
    text += fmt::format(", {} hostile", readable(study.hostile_ppm / 1e6, FigureUnit::share));
  }
  if (study.lifetime) {
    text += fmt::format(
        ", nodes {} after {} on average", study.crash ? "crash" : "stop",
        readable(static_cast<double>(study.lifetime->count()) / 1e9, FigureUnit::seconds));
  }
  return text;
}

void put(Json& json, const std::string& name, const Distribution& values) {
  json[name + "_mean"] = values.mean;
  json[name + "_p50"] = values.p50;
  json[name + "_p95"] = values.p95;
  json[name + "_p99"] = values.p99;
  json[name + "_max"] = values.max;
}

Json as_json(LookupPolicy policy, const LookupFigures& it, const LookupReport& report) {
  Json json = Json::object();
  put(json, "transmissions", it.transmissions);
  json["success"] = it.success();
  put(json, "time_ms", it.time_ms);
  json["busiest_share"] = it.busiest_share;
  json["table_entries_mean"] = it.table_entries_mean;
  json["records_mean"] = it.records_mean;
  json["idle_bytes_per_node_s"] = idle_bytes_per_node_s(policy, it);
  json["idle_dht_bytes_per_node_s"] = it.idle_dht_bytes_per_node_s;
  json["idle_filter_bytes_per_node_s"] = it.idle_filter_bytes_per_node_s;
  Json& kinds = json["idle_bytes_per_node_s_by_kind"];
  for (std::size_t i = 0; i < it.idle_bytes_by_kind.size(); ++i) {
    kinds[kKinds[i]] = it.idle_bytes_by_kind[i];
  }
  json["model_transmissions"] = model_transmissions(policy, report.model);
  json["asked"] = it.asked;
  json["counted"] = it.counted;
  json["found"] = it.found;
  json["found_current"] = it.current;
  json["known_beforehand"] = it.known;
  json["filter_transmissions_mean"] = it.filter_transmissions_mean;
  json["notify_transmissions_mean"] = it.notify_transmissions_mean;
  json["find_transmissions_mean"] = it.find_transmissions_mean;
  json["found_transmissions_mean"] = it.found_transmissions_mean;
  json["publishing_transmissions_mean"] = it.publishing_transmissions_mean;
  json["by_dht_alone"] = it.by_dht_alone;
  json["by_filters_alone"] = it.by_filters_alone;
  json["hits"] = it.hits;
  json["misses"] = it.misses;
  json["retries"] = it.retries;
  json["fallbacks"] = it.fallbacks;
  json["simulated_s"] = it.simulated_s;
  json["wall_s"] = it.wall_s;
  json["events"] = it.events;
  json["trace_hash"] = fmt::format("{:016x}", it.trace_hash);
  return json;
}

Json options_json(const LookupReport& report) {
  const LookupStudy& study = report.study;
  const auto seconds = [](Duration time) { return static_cast<double>(time.count()) / 1e9; };
  return {{"lookups", study.lookups},
          {"settle_s", seconds(study.settle)},
          {"idle_s", seconds(study.idle)},
          {"hostile_share", study.hostile_ppm / 1e6},
          {"churn_lifetime_s", study.lifetime ? Json(seconds(*study.lifetime)) : Json(nullptr)},
          {"crash", study.crash}};
}

}  // namespace

double idle_bytes_per_node_s(LookupPolicy policy, const LookupFigures& it) {
  if (policy == LookupPolicy::bloom) return it.idle_filter_bytes_per_node_s;
  if (policy == LookupPolicy::dht) return it.idle_dht_bytes_per_node_s;
  return it.idle_dht_bytes_per_node_s + it.idle_filter_bytes_per_node_s;
}

double model_transmissions(LookupPolicy policy, const LookupModel& model) {
  switch (policy) {
    case LookupPolicy::automatic:
      return std::min(model.bloom, model.with_copies);
    case LookupPolicy::bloom:
      return model.bloom;
    case LookupPolicy::dht:
      return model.with_copies;
    case LookupPolicy::both:
      break;
  }
  return model.bloom + model.with_copies;
}

std::optional<double> auto_over_better(const LookupReport& report) {
  const auto* automatic = figures_for(report, LookupPolicy::automatic);
  const auto* bloom = figures_for(report, LookupPolicy::bloom);
  const auto* dht = figures_for(report, LookupPolicy::dht);
  if (automatic == nullptr || bloom == nullptr || dht == nullptr) return std::nullopt;
  const double better = std::min(bloom->transmissions.mean, dht->transmissions.mean);
  if (better <= 0) return std::nullopt;
  return automatic->transmissions.mean / better;
}

std::string lookup_table(const LookupReport& report) {
  const LookupStudy& study = report.study;
  std::string out =
      fmt::format("{}, {} nodes, {} links; seed {}, {} cryptography, {} lookups{}\n",
                  report.topology, number(report.nodes), number(report.links), study.seed,
                  crypto_name(study.cryptography), number(study.lookups), conditions(study));
  std::vector<std::vector<std::string>> rows{{"policy", "transmissions", "p95", "model", "success",
                                              "ms", "p99", "busiest", "table", "records",
                                              "idle bytes/node/s"}};
  for (const auto& [policy, it] : report.lookups) {
    rows.push_back({std::string(name_of(policy)), fmt::format("{:.1f}", it.transmissions.mean),
                    fmt::format("{:.0f}", it.transmissions.p95),
                    fmt::format("{:.1f}", model_transmissions(policy, report.model)),
                    fmt::format("{:.4f}", it.success()), fmt::format("{:.0f}", it.time_ms.p50),
                    fmt::format("{:.0f}", it.time_ms.p99), fmt::format("{:.3f}", it.busiest_share),
                    fmt::format("{:.1f}", it.table_entries_mean),
                    fmt::format("{:.1f}", it.records_mean),
                    fmt::format("{:.1f}", idle_bytes_per_node_s(policy, it))});
  }
  out += text_columns(rows);
  out += fmt::format(
      "model: bloom {:.1f}, recursive {:.1f}, with 8 copies {:.1f}, there and back {:.1f}\n",
      report.model.bloom, report.model.recursive, report.model.with_copies,
      report.model.there_and_back);
  for (const auto& [policy, it] : report.lookups) {
    out += fmt::format(
        "{}: {} of {} count; {} hits, {} misses, {} retries, {} fallbacks, {} known beforehand, "
        "{} found where the target was\n",
        name_of(policy), number(it.counted), number(it.asked), number(it.hits), number(it.misses),
        number(it.retries), number(it.fallbacks), number(it.known), number(it.current));
  }
  if (const auto ratio = auto_over_better(report)) {
    out += fmt::format("auto over the better of bloom and dht: {:.2f}\n", *ratio);
  }
  return out;
}

std::string lookup_json(const LookupReport& report) {
  Json json = Json::object();
  json["version"] = report.version;
  json["topology"] = report.topology;
  json["crypto"] = crypto_name(report.study.cryptography);
  json["seed"] = report.study.seed;
  json["nodes"] = report.nodes;
  json["links"] = report.links;
  json["wall_s"] = report.wall_s;
  json["rss_bytes"] = report.rss_bytes;
  json["options"] = options_json(report);
  json["model"] = Json{{"bloom", report.model.bloom},
                       {"recursive", report.model.recursive},
                       {"with_copies", report.model.with_copies},
                       {"there_and_back", report.model.there_and_back},
                       {"pairs", report.model.pairs}};
  const auto ratio = auto_over_better(report);
  json["auto_over_better"] = ratio ? Json(*ratio) : Json(nullptr);
  Json& lookups = json["lookups"] = Json::object();
  for (const auto& [policy, figures] : report.lookups) {
    lookups[std::string(name_of(policy))] = as_json(policy, figures, report);
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace thicket::sim
