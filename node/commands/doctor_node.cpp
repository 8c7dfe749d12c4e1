#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "node/admin/admin_client.hpp"
#include "node/commands/doctor_facts.hpp"
#include "node/json_fields.hpp"
#include "node/privileges/protections.hpp"

namespace thicket::node {
namespace {

using nlohmann::json;

constexpr std::size_t kMostAsked = 16;  // peers that are asked what they run
constexpr Duration kAnswerTime = std::chrono::seconds(3);
constexpr Duration kTimeForAll = std::chrono::seconds(10);

/// Between "://" (and a user) and the port.
std::string host_of(const std::string& uri) {
  const std::size_t scheme = uri.find("://");
  if (scheme == std::string::npos) return "";
  std::string host = uri.substr(scheme + 3);
  host = host.substr(0, host.find_first_of("/?"));
  const std::size_t colon = host.rfind(':');
  return colon == std::string::npos || colon < host.rfind(']') + 1 ? host : host.substr(0, colon);
}

PeerFact peer_in(const json& peer) {
  PeerFact fact;
  fact.uri = field_text(peer, "remote");
  fact.host = host_of(fact.uri);
  fact.up = field_flag(peer, "up");
  fact.inbound = field_flag(peer, "inbound");
  if (fact.up) fact.key = field_text(peer, "key", "");
  fact.latency_ms = field_number(peer, "latency").value_or(0) / 1e6;
  fact.last_error = field_text(peer, "last_error", "");
  // Thicket nodes say so when the link comes up: "thicket/0.1.0".
  fact.build = field_text(peer, "agent", "");
  if (const auto slash = fact.build.find('/'); slash != std::string::npos) fact.build[slash] = ' ';
  return fact;
}

/// What the node with `key` says that it runs; empty: nothing.
std::string build_of(const std::string& socket, const std::string& key) {
  const auto answer = ask_admin(socket, "getnodeinfo", {{"key", key}}, kAnswerTime);
  if (!answer) return "";
  const json& info = field(*answer, key.c_str());
  const std::string name = field_text(info, "buildname", "");
  if (name.empty()) return "";
  return name + " " + field_text(info, "buildversion", "?");
}

void ask_builds(const std::string& socket, std::vector<PeerFact>& peers) {
  const auto until = std::chrono::steady_clock::now() + kTimeForAll;
  std::size_t asked = 0;
  for (PeerFact& peer : peers) {
    if (!peer.up || !peer.build.empty() || peer.key.empty()) continue;
    if (asked++ == kMostAsked || std::chrono::steady_clock::now() >= until) return;
    peer.build = build_of(socket, peer.key);
  }
}

void take_tun(NodeFacts& facts, const json& tun) {
  facts.tun = field_flag(tun, "enabled");
  facts.tun_name = field_text(tun, "name", "");
  facts.tun_mtu = field_count(tun, "mtu");
}

void take_dht(NodeFacts& facts, const json& dht) {
  facts.dht_enabled = field_flag(dht, "enabled");
  facts.dht_joined = field_flag(dht, "joined");
  facts.dht_nodes = static_cast<std::uint64_t>(field_number(dht, "estimated_nodes").value_or(0));
}

void take_protections(NodeFacts& facts, const json& protections) {
  if (!protections.is_object()) return;
  facts.user = field_text(protections, "user");
  facts.root = field_flag(protections, "root");
  facts.sandboxed =
      field_count(protections, "landlock") != 0 || field_flag(protections, "system_call_filter");
  facts.protections = printable(protections_text(protections), 200);
}

}  // namespace

NodeFacts ask_node(const std::string& socket) {
  NodeFacts facts;
  const auto self = ask_admin(socket, "getself", json::object());
  if (!self) {
    facts.silence = printable(self.error().message, 200);
    return facts;
  }
  facts.answers = true;
  facts.build_name = field_text(*self, "build_name");
  facts.build_version = field_text(*self, "build_version");
  facts.address = field_text(*self, "address");
  // What it does not answer (a stock daemon knows no DHT) counts as not there.
  const auto ask = [&](const char* request) {
    auto answer = ask_admin(socket, request, json::object());
    return answer ? std::move(*answer) : json();
  };
  const json peers = ask("getpeers");
  for (const json& peer : field(peers, "peers")) facts.peers.push_back(peer_in(peer));
  take_tun(facts, ask("gettun"));
  take_dht(facts, ask("getdht"));
  const json status = ask("getstatus");
  take_protections(facts, field(status, "protections"));
  const json multicast = ask("getmulticastinterfaces");
  for (const json& interface : field(multicast, "multicast_interfaces")) {
    facts.discovery.push_back(field_text(interface, "name"));
  }
  const json paths = ask("getpaths");
  for (const json& path : field(paths, "paths")) {
    facts.newest_path = std::max(facts.newest_path, field_count(path, "sequence"));
  }
  ask_builds(socket, facts.peers);
  return facts;
}

}  // namespace thicket::node
