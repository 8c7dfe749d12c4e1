#include "node/monitoring/dashboard_status.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "crypto/address.hpp"
#include "node/admin/admin_status.hpp"
#include "node/admin/dht_status.hpp"
#include "node/admin/health_status.hpp"

namespace thicket::node {
namespace {

using nlohmann::json;

json name_status(const PublicKey& key) {
  return {{"key", key.to_hex()}, {"address", Address::of(key).to_string()}};
}

json node_status(const Wiring& wiring, Duration uptime) {
  const routing::Router& router = wiring.endpoint().router();
  json status = self_status(router);
  status["uptime"] = std::chrono::duration<double>(uptime).count();
  status["root"] = name_status(router.root());
  status["parent"] = name_status(router.parent());
  status["coordinates"] = json::array();
  for (const routing::Port port : router.coordinates()) status["coordinates"].push_back(port.value);
  const tun::Device* device = wiring.device();
  status["tun"] = {{"enabled", device != nullptr}};
  if (device != nullptr) {
    status["tun"]["name"] = device->name();
    status["tun"]["mtu"] = device->mtu();
  }
  return status;
}

/// {total, shown: […]}
json some_of(std::size_t total, json shown) {
  return {{"total", total}, {"shown", std::move(shown)}};
}

json some_peers(const Wiring& wiring) {
  std::vector<transport::PeerStatus> links = wiring.links().peers();
  const std::size_t total = links.size();
  const auto first_down = std::stable_partition(
      links.begin(), links.end(), [](const transport::PeerStatus& link) { return link.up; });
  const auto up = first_down - links.begin();
  if (total > kMaxShownPeers) links.resize(kMaxShownPeers);
  json status = some_of(total, peers_status(std::move(links), wiring.endpoint().router().peers(),
                                            wiring.rates(), PeerOrder::configured_first));
  status["up"] = up;
  return status;
}

json some_sessions(const routing::Endpoint& endpoint, Time now) {
  std::vector<crypto::SessionInfo> sessions = endpoint.sessions().sessions(now);
  const std::size_t total = sessions.size();
  std::ranges::stable_sort(sessions, std::ranges::greater(), [](const crypto::SessionInfo& one) {
    return one.bytes_received + one.bytes_sent;
  });
  if (total > kMaxShownSessions) sessions.resize(kMaxShownSessions);
  json shown = json::array();
  for (const crypto::SessionInfo& session : sessions) {
    json status = name_status(session.key);
    status["bytes_recvd"] = session.bytes_received;
    status["bytes_sent"] = session.bytes_sent;
    status["uptime"] = std::chrono::duration<double>(session.uptime).count();
    const routing::Capabilities* theirs = endpoint.capabilities_of(session.key);
    if (theirs != nullptr) add_capabilities(status, *theirs);
    shown.push_back(std::move(status));
  }
  return some_of(total, std::move(shown));
}

json some_tree(const routing::Router& router) {
  const std::vector<routing::TreeEntry> tree = router.tree();
  return some_of(tree.size(), tree_status(tree_around(router.public_key(), router.peers(), tree,
                                                      kMaxShownTree)));
}

json traffic_status(const Wiring& wiring) {
  const transport::LinkTotals totals = wiring.links().totals();
  const routing::RouterCounters& counters = wiring.endpoint().router().counters();
  return {{"bytes_recvd", totals.bytes_received},
          {"bytes_sent", totals.bytes_sent},
          {"links_established", totals.established},
          {"links_ended", totals.ended},
          {"dropped_frames", counters.dropped.total()}};
}

}  // namespace

std::vector<routing::TreeEntry> tree_around(const PublicKey& self,
                                            const std::vector<routing::PeerInfo>& peers,
                                            const std::vector<routing::TreeEntry>& tree,
                                            std::size_t limit) {
  std::map<PublicKey, const routing::TreeEntry*> by_key;
  for (const routing::TreeEntry& entry : tree) by_key.emplace(entry.key, &entry);
  std::vector<routing::TreeEntry> around;
  std::set<PublicKey> taken;
  // From a node up to the root, or to what is there already.
  const auto take = [&](PublicKey key) {
    for (auto entry = by_key.find(key); entry != by_key.end(); entry = by_key.find(key)) {
      if (around.size() >= limit || !taken.insert(key).second) return;
      around.push_back(*entry->second);
      key = entry->second->parent;
    }
  };
  take(self);
  for (const routing::PeerInfo& peer : peers) take(peer.key);
  return around;
}

json dashboard_status(const Wiring& wiring, const Health& health, Time now, Duration uptime) {
  const routing::Endpoint& endpoint = wiring.endpoint();
  json lookups = dht_status(endpoint, wiring.lookup_policy());
  lookups["paths"] = endpoint.router().paths().size();
  return {{"node", node_status(wiring, uptime)},  {"health", health_status(health)},
          {"peers", some_peers(wiring)},          {"sessions", some_sessions(endpoint, now)},
          {"tree", some_tree(endpoint.router())}, {"lookups", std::move(lookups)},
          {"traffic", traffic_status(wiring)}};
}

}  // namespace thicket::node
