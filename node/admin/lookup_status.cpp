#include "node/admin/lookup_status.hpp"

#include <nlohmann/json.hpp>

#include "crypto/address.hpp"
#include "routing/path.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;
using routing::LookupWay;

json ports_of(const std::vector<std::uint8_t>& coords) {
  json ports = json::array();
  for (const routing::Port port : routing::PathView(coords).to_path()) ports.push_back(port.value);
  return ports;
}

json node_status(const PublicKey& key, const std::vector<std::uint8_t>& coords) {
  return {
      {"key", key.to_hex()}, {"address", Address::of(key).to_string()}, {"path", ports_of(coords)}};
}

/// Whose path it is, where it leads and how old it is; a clock that is ahead makes it 0 s old.
json path_status(const routing::TracedPath& path, std::uint64_t unix_seconds) {
  json status = node_status(path.key, path.coords);
  status["sequence"] = path.seq;
  status["age"] = unix_seconds > path.seq ? unix_seconds - path.seq : 0;
  return status;
}

json step_status(const routing::dht::WalkStep& step) {
  json status = node_status(step.key, step.coords);
  status["answer"] = routing::dht::describe(step.answer);
  status["distance"] = step.distance;
  status["shared_digits"] = step.shared_digits;
  status["time"] = step.took.count();
  if (!step.named.empty()) {
    status["nearer"] = json::array();
    for (const PublicKey& key : step.named) status["nearer"].push_back(key.to_hex());
  }
  return status;
}

json walk_status(const routing::dht::WalkTrace& walk, std::uint64_t unix_seconds) {
  json status = {{"result", routing::dht::describe(walk.end)}, {"time", walk.took.count()}};
  const auto add = [&](const char* name, const std::optional<routing::dht::PathRecord>& record) {
    if (record)
      status[name] = path_status({record->key, record->coords, record->seq}, unix_seconds);
  };
  add("held", walk.held);
  add("record", walk.record);
  return status;
}

json filters_status(const routing::FilterTrace& filters, std::uint64_t unix_seconds) {
  json status = {{"asked", filters.peers_asked}, {"answered", filters.answer.has_value()}};
  if (filters.answer) {
    status["record"] = path_status(*filters.answer, unix_seconds);
    status["time"] = filters.took.count();
  }
  return status;
}

const char* name_of(LookupWay way) {
  switch (way) {
    case LookupWay::none:
      return "none";
    case LookupWay::own:
      return "own";
    case LookupWay::known:
      return "known";
    case LookupWay::dht:
      return "dht";
    case LookupWay::filters:
      return "bloom";
  }
  return "";
}

}  // namespace

json lookup_status(const routing::LookupTrace& trace, std::uint64_t unix_seconds) {
  const auto found = routing::found_by(trace);
  json status = found ? path_status(*found, unix_seconds) : json::object();
  status["found"] = found.has_value();
  status["way"] = name_of(routing::way_of(trace));
  if (trace.known) status["known"] = path_status(*trace.known, unix_seconds);
  status["steps"] = json::array();
  for (const auto& step : trace.walk.steps) status["steps"].push_back(step_status(step));
  status["dht"] = walk_status(trace.walk, unix_seconds);
  status["bloom"] = filters_status(trace.filters, unix_seconds);
  return status;
}

}  // namespace thicket::node
