#include "node/admin/ping_status.hpp"

#include <nlohmann/json.hpp>

#include "crypto/address.hpp"

namespace thicket::node {

namespace {

const char* name_of(PingOutcome::End end) {
  switch (end) {
    case PingOutcome::End::answered:
      return "answered";
    case PingOutcome::End::silent:
      return "no answer";
    case PingOutcome::End::no_session:
      return "no session";
    case PingOutcome::End::not_found:
      return "not found";
  }
  return "";
}

}  // namespace

nlohmann::json ping_status(const PingOutcome& outcome) {
  nlohmann::json status = {{"result", name_of(outcome.end)},
                           {"answered", outcome.end == PingOutcome::End::answered}};
  if (outcome.end != PingOutcome::End::not_found) {
    status["key"] = outcome.key.to_hex();
    status["address"] = outcome.address.to_string();
  }
  const auto add = [&status](const char* name, const std::optional<Duration>& took) {
    if (took) status[name] = took->count();
  };
  add("lookup_time", outcome.lookup);
  add("session_time", outcome.session);
  add("icmp_time", outcome.echo);
  add("query_time", outcome.query);
  // The host's answer says more: everything on the way to it works.
  add("time", outcome.echo ? outcome.echo : outcome.query);
  if (outcome.echo || outcome.query) status["way"] = outcome.echo ? "icmp" : "query";
  return status;
}

}  // namespace thicket::node
