#include "node/admin/admin_status.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "crypto/address.hpp"
#include "node/admin/dht_status.hpp"
#include "node/build_info.hpp"

namespace thicket::node {
namespace {

using nlohmann::json;

struct Peer {
  transport::PeerStatus link;
  routing::PeerInfo node;  // of default values if the peer is down
};

bool comes_before(PeerOrder order, const Peer& a, const Peer& b) {
  if (order == PeerOrder::uptime && a.link.uptime_seconds != b.link.uptime_seconds) {
    return a.link.uptime_seconds > b.link.uptime_seconds;
  }
  if (order == PeerOrder::cost && (a.link.up != b.link.up || a.node.cost != b.node.cost)) {
    return std::tuple(!a.link.up, a.node.cost) < std::tuple(!b.link.up, b.node.cost);
  }
  return std::tie(a.link.inbound, a.link.key, a.link.uri) <
         std::tie(b.link.inbound, b.link.key, b.link.uri);
}

std::uint64_t nanoseconds(double seconds) {
  return static_cast<std::uint64_t>(std::max(seconds, 0.0) * 1e9);
}

/// A URI as Go programs write it: the zone of an address begins with an escaped percent sign.
std::string with_escaped_zone(std::string uri) {
  const auto mark = uri.find('%');
  const auto bracket = uri.find(']');
  const bool is_zone = mark != uri.npos && bracket != uri.npos && mark < bracket;
  if (is_zone && uri.compare(mark, 3, "%25") != 0) uri.replace(mark, 1, "%25");
  return uri;
}

json peer_status(const Peer& peer, const PeerRates& rates) {
  const transport::PeerStatus& link = peer.link;
  json status = {{"remote", with_escaped_zone(link.uri)},
                 {"up", link.up},
                 {"inbound", link.inbound},
                 {"key", link.up ? link.key.to_hex() : ""},
                 {"port", peer.node.port.value},
                 {"priority", link.priority},
                 {"cost", peer.node.cost}};
  if (link.up) {
    status["address"] = Address::of(link.key).to_string();
    status["bytes_recvd"] = link.bytes_received;
    status["bytes_sent"] = link.bytes_sent;
    status["uptime"] = link.uptime_seconds;
    const PeerRates::Rate rate = link.link ? rates.rate_of(*link.link) : PeerRates::Rate{};
    if (rate.received != 0) status["rate_recvd"] = rate.received;
    if (rate.sent != 0) status["rate_sent"] = rate.sent;
    const auto latency = peer.node.round_trip.count();
    if (latency > 0) status["latency"] = latency;
    if (link.capabilities) {
      add_capabilities(status, *link.capabilities);
      if (!link.capabilities->seen.empty()) status["seen_as"] = link.capabilities->seen;
    }
  }
  if (!link.last_error.empty()) {
    status["last_error"] = link.last_error;
    status["last_error_time"] = nanoseconds(link.last_error_seconds_ago);
  }
  return status;
}

}  // namespace

PeerOrder peer_order(std::string_view sort) {
  if (sort == "uptime") return PeerOrder::uptime;
  if (sort == "cost") return PeerOrder::cost;
  return PeerOrder::configured_first;
}

json self_status(const routing::Router& router) {
  const PublicKey& key = router.public_key();
  return {{"build_name", build_name()},
          {"build_version", build_version()},
          {"key", key.to_hex()},
          {"address", Address::of(key).to_string()},
          {"subnet", Subnet::of(key).to_string()},
          {"routing_entries", router.tree().size()}};
}

json peers_status(std::vector<transport::PeerStatus> links,
                  const std::vector<routing::PeerInfo>& peers, const PeerRates& rates,
                  PeerOrder order) {
  std::map<PublicKey, const routing::PeerInfo*> by_key;
  for (const routing::PeerInfo& peer : peers) by_key.emplace(peer.key, &peer);
  std::vector<Peer> list;
  for (transport::PeerStatus& link : links) {
    const auto known = link.up ? by_key.find(link.key) : by_key.end();
    routing::PeerInfo node = known == by_key.end() ? routing::PeerInfo{} : *known->second;
    list.push_back({std::move(link), std::move(node)});
  }
  std::stable_sort(list.begin(), list.end(),
                   [&](const Peer& a, const Peer& b) { return comes_before(order, a, b); });
  json result = json::array();
  for (const Peer& peer : list) result.push_back(peer_status(peer, rates));
  return result;
}

json tree_status(const std::vector<routing::TreeEntry>& tree) {
  json result = json::array();
  for (const routing::TreeEntry& entry : tree) {
    result.push_back({{"address", Address::of(entry.key).to_string()},
                      {"key", entry.key.to_hex()},
                      {"parent", entry.parent.to_hex()},
                      {"sequence", entry.seq}});
  }
  return result;
}

json paths_status(const std::vector<routing::PathInfo>& paths) {
  json result = json::array();
  for (const routing::PathInfo& info : paths) {
    json ports = json::array();
    for (const routing::Port port : info.path) ports.push_back(port.value);
    result.push_back({{"address", Address::of(info.key).to_string()},
                      {"key", info.key.to_hex()},
                      {"path", std::move(ports)},
                      {"sequence", info.seq}});
  }
  return result;
}

json sessions_status(const routing::Endpoint& endpoint, Time now) {
  json result = json::array();
  for (const crypto::SessionInfo& session : endpoint.sessions().sessions(now)) {
    json status = {{"address", Address::of(session.key).to_string()},
                   {"key", session.key.to_hex()},
                   {"bytes_recvd", session.bytes_received},
                   {"bytes_sent", session.bytes_sent},
                   {"uptime", std::chrono::duration<double>(session.uptime).count()}};
    const routing::Capabilities* theirs = endpoint.capabilities_of(session.key);
    if (theirs != nullptr) add_capabilities(status, *theirs);
    result.push_back(std::move(status));
  }
  return result;
}

json interfaces_status(const std::vector<transport::DiscoveryStatus>& interfaces) {
  json result = json::array();
  for (const transport::DiscoveryStatus& status : interfaces) {
    result.push_back({{"name", status.interface},
                      {"address", status.address.empty() ? "-" : status.address},
                      {"beacon", status.beacon},
                      {"listen", status.listen},
                      {"password", status.password}});
  }
  return result;
}

json keys_in(ByteView concatenated) {
  json result = json::array();
  for (; concatenated.size() >= PublicKey::kSize;
       concatenated = concatenated.subspan(PublicKey::kSize)) {
    PublicKey key;
    std::copy_n(concatenated.begin(), PublicKey::kSize, key.bytes.begin());
    result.push_back(key.to_hex());
  }
  return result;
}

}  // namespace thicket::node
