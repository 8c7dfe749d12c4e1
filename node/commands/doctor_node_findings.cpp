#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "node/build_info.hpp"
#include "node/commands/doctor_findings.hpp"

// What the running node tells of itself and its peers.
namespace thicket::node {
namespace {

constexpr double kSlow = 500;  // ms: other continents are nearer
constexpr unsigned kOthers = 07;

Finding check_socket(const Facts& facts) {
  if (!facts.node.answers) {
    const bool refused = facts.node.silence.find("ermission denied") != std::string::npos;
    return {"node", Verdict::problem, "no answer: " + facts.node.silence,
            refused ? "run this as root, or as a user of the socket's group"
                    : "start it with 'thicket run', or name its socket with --socket or its "
                      "configuration with --config"};
  }
  Finding finding{"node", Verdict::ok,
                  fmt::format("{} {} answers at {}, address {}", facts.node.build_name,
                              facts.node.build_version, facts.socket, facts.node.address),
                  ""};
  if (facts.system.socket_mode && (*facts.system.socket_mode & kOthers) != 0) {
    finding.verdict = Verdict::warning;
    finding.what = fmt::format("everybody on this machine can steer it: {} has mode {:o}",
                               facts.socket, *facts.system.socket_mode);
    finding.advice = "chmod o= the socket, and see who changed it";
  } else if (facts.socket.starts_with("tcp://")) {
    finding.verdict = Verdict::warning;
    finding.what = fmt::format("everybody on this machine can steer it at {}", facts.socket);
    finding.advice = "set AdminListen to unix:///run/thicket.sock";
  }
  return finding;
}

Finding check_peers_up(const NodeFacts& node) {
  const auto up = std::ranges::count_if(node.peers, &PeerFact::up);
  if (node.peers.empty()) {
    return {"peers", Verdict::problem, "none: this node is alone",
            "name a few under Peers in the configuration, or thicket run tls://host:port"};
  }
  const auto down = std::ranges::find_if(node.peers, [](const PeerFact& peer) { return !peer.up; });
  const std::string why =
      down == node.peers.end()
          ? ""
          : fmt::format("{}: {}", down->uri,
                        down->last_error.empty() ? "not connected yet" : down->last_error);
  const std::string count = fmt::format("{} of {} up", up, node.peers.size());
  if (up == 0) {
    return {"peers", Verdict::problem, fmt::format("{}; {}", count, why),
            "see that the host and port are right, that this machine is online, and that no "
            "firewall stops it"};
  }
  if (down != node.peers.end()) {
    return {"peers", Verdict::warning, fmt::format("{}; {}", count, why),
            "remove peers that are gone for good"};
  }
  return {"peers", Verdict::ok, count, ""};
}

/// Whether all depend on one machine, or one is there twice.
Finding check_diversity(const NodeFacts& node) {
  std::set<std::string> keys;
  std::set<std::string> hosts;
  std::string twice;
  for (const PeerFact& peer : node.peers) {
    if (!peer.up) continue;
    if (!keys.insert(peer.key).second && twice.empty()) twice = peer.uri;
    hosts.insert(peer.host);
  }
  if (!twice.empty()) {
    return {"diversity", Verdict::warning, "more than one link to the node at " + twice,
            "keep the best of its URIs, unless the links take different ways"};
  }
  if (keys.size() == 1) {
    return {"diversity", Verdict::warning, "one peer only: without it this node is alone",
            "add one or two peers elsewhere"};
  }
  if (hosts.size() == 1) {
    return {"diversity", Verdict::warning,
            fmt::format("all {} peers are on one host, {}", keys.size(), *hosts.begin()),
            "add a peer elsewhere"};
  }
  return {"diversity", Verdict::ok, fmt::format("{} nodes on {} hosts", keys.size(), hosts.size()),
          ""};
}

std::optional<Finding> check_latency(const NodeFacts& node) {
  double least = 0;
  const PeerFact* slowest = nullptr;
  for (const PeerFact& peer : node.peers) {
    if (!peer.up || peer.latency_ms <= 0) continue;
    if (slowest == nullptr || peer.latency_ms > slowest->latency_ms) slowest = &peer;
    least = least <= 0 ? peer.latency_ms : std::min(least, peer.latency_ms);
  }
  if (slowest == nullptr) return std::nullopt;
  const std::string what =
      fmt::format("round trips to peers {:.1f} to {:.1f} ms", least, slowest->latency_ms);
  if (least < kSlow) return Finding{"latency", Verdict::ok, what, ""};
  return Finding{"latency", Verdict::warning, what, "choose peers that are nearer"};
}

/// "yggdrasil 0.5.12 x2, thicket 0.1.0"
std::string build_list(const std::map<std::string, int>& builds) {
  std::string out;
  for (const auto& [build, count] : builds) {
    out += fmt::format("{}{}{}", out.empty() ? "" : ", ", build,
                       count > 1 ? fmt::format(" x{}", count) : "");
  }
  return out;
}

Finding check_versions(const NodeFacts& node) {
  if (node.build_name == build_name() && node.build_version != build_version()) {
    return {
        "versions", Verdict::warning,
        fmt::format("the node runs {}, this program is {}", node.build_version, build_version()),
        "start the node again after an update"};
  }
  std::map<std::string, int> builds;
  std::string other;
  for (const PeerFact& peer : node.peers) {
    if (!peer.up || peer.build.empty()) continue;
    ++builds[peer.build];
    const bool known = peer.build.starts_with("yggdrasil 0.5.") ||
                       peer.build == fmt::format("{} {}", build_name(), build_version());
    const bool ours = peer.build.starts_with(fmt::format("{} ", build_name()));
    const bool yggdrasil = peer.build.starts_with("yggdrasil ");
    if (!known && (ours || yggdrasil)) other = peer.build;
  }
  if (builds.empty()) {
    return {"versions", Verdict::skipped, "no peer says what it runs", ""};
  }
  const std::string what = "peers run " + build_list(builds);
  if (other.empty()) return {"versions", Verdict::ok, what, ""};
  return {"versions", Verdict::warning, what,
          fmt::format("this is {} {}: if links misbehave, update the older side", build_name(),
                      build_version())};
}

Finding check_discovery(const NodeFacts& node) {
  if (node.discovery.empty()) {
    return {"discovery", Verdict::ok, "off: no interface is searched for neighbours", ""};
  }
  return {"discovery", Verdict::ok, fmt::format("on {}", fmt::join(node.discovery, ", ")), ""};
}

Finding check_dht(const NodeFacts& node) {
  if (!node.dht_enabled) return {"dht", Verdict::ok, "off: lookups go by filters alone", ""};
  if (!node.dht_joined) {
    return {"dht", Verdict::ok, "no other Thicket node met yet; lookups go by filters", ""};
  }
  return {"dht", Verdict::ok,
          fmt::format("joined, about {} node{}", node.dht_nodes, node.dht_nodes == 1 ? "" : "s"),
          ""};
}

}  // namespace

std::vector<Finding> diagnose_node(const Facts& facts) {
  std::vector<Finding> findings{check_socket(facts)};
  if (!facts.node.answers) return findings;
  findings.push_back(check_peers_up(facts.node));
  if (std::ranges::any_of(facts.node.peers, &PeerFact::up)) {
    findings.push_back(check_diversity(facts.node));
    if (auto latency = check_latency(facts.node)) findings.push_back(std::move(*latency));
    findings.push_back(check_versions(facts.node));
  }
  findings.push_back(check_discovery(facts.node));
  findings.push_back(check_dht(facts.node));
  return findings;
}

}  // namespace thicket::node
