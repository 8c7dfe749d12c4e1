#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "crypto/address.hpp"
#include "node/admin/admin_requests.hpp"
#include "node/admin/lookup_target.hpp"
#include "node/admin/next_hop_status.hpp"
#include "node/admin/ping_status.hpp"
#include "node/admin/request_argument.hpp"

// The administration requests `ping` and `trace`.
namespace thicket::node {
namespace {

using nlohmann::json;

/// `for_host`: the target is a host in a node's subnet, of which the node's answer says little.
Result<PingOptions, std::string> options_in(const json& arguments, bool for_host) {
  PingOptions options;
  options.echo = for_host;
  if (const json* way = argument(arguments, "way")) {
    const bool any = *way == "any";
    options.echo = any || *way == "icmp";
    options.query = any || *way == "query";
    if (!options.echo && !options.query) {
      return failure(std::string("way: expected \"any\", \"icmp\" or \"query\""));
    }
  }
  const double most_seconds = std::chrono::duration<double>(Pings::kMostTimeout).count();
  const auto seconds = number_argument(arguments, "timeout", 2, 0.01, most_seconds);
  if (!seconds) return failure(seconds.error());
  options.timeout = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds));
  const auto size = number_argument(arguments, "size", static_cast<double>(options.data_size),
                                    Pings::kTokenSize, Pings::kMostData);
  if (!size) return failure(size.error());
  options.data_size = static_cast<std::size_t>(*size);
  return options;
}

/// The node that a request is about, which is not this one.
struct Target {
  std::string text;
  PublicKey key_or_partial_key;
};
Result<Target, std::string> target_in(const json& arguments, const PublicKey& own) {
  const json* named = argument(arguments, "key");
  const std::string text = named != nullptr && named->is_string() ? named->get<std::string>() : "";
  if (text.empty()) return failure(std::string("no public key or address supplied"));
  const auto target = parse_lookup_target(text);
  if (!target) return failure(fmt::format("key: {}", target.error()));
  if (LookupKey::of(*target) == LookupKey::of(own)) {
    return failure(fmt::format("{} is this node itself", text.substr(0, 80)));
  }
  return Target{text, *target};
}

}  // namespace

void AdminRequests::ping(const json& arguments, const OutcomeHandler& done) {
  const auto target = target_in(arguments, wiring_.endpoint().router().public_key());
  if (!target) return done(failure(target.error()));
  const auto host = parse_host_address(target->text);
  const auto options = options_in(arguments, host && is_subnet_address(*host));
  if (!options) return done(failure(options.error()));
  const bool begun =
      wiring_.ping(target->key_or_partial_key, host, *options,
                   [done](const PingOutcome& outcome) { done(ping_status(outcome)); });
  if (!begun) done(failure(std::string("too many pings are under way, or they come too fast")));
}

void AdminRequests::trace(const json& arguments, const OutcomeHandler& done) {
  const auto target = target_in(arguments, wiring_.endpoint().router().public_key());
  if (!target) return done(failure(target.error()));
  std::optional<PublicKey> at;
  if (const json* given = argument(arguments, "at")) {
    at = PublicKey::from_hex(given->is_string() ? given->get<std::string>() : "");
    if (!at) return done(failure(std::string("at: expected a public key")));
  }
  const bool begun = wiring_.next_hop(target->key_or_partial_key, at,
                                      [done](const NextHop& hop) { done(next_hop_status(hop)); });
  if (!begun) done(failure(std::string("too many traces are under way, or they come too fast")));
}

}  // namespace thicket::node
