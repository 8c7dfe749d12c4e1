#include "node/health.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace thicket::node {

std::string_view name_of(HealthProblem problem) {
  switch (problem) {
    case HealthProblem::no_peers_up:
      return "no_peers_up";
    case HealthProblem::no_tun:
      return "no_tun";
    case HealthProblem::not_listening:
      return "not_listening";
  }
  return "";
}

bool Health::has(HealthProblem problem) const {
  return std::ranges::any_of(
      findings, [&](const HealthFinding& finding) { return finding.problem == problem; });
}

Health assess_health(const HealthFacts& facts) {
  Health health;
  const auto find = [&](HealthProblem problem, std::string reason) {
    health.findings.push_back({problem, std::move(reason)});
  };
  if (facts.peers_up == 0 && facts.peers_dialled == 0) {
    find(HealthProblem::no_peers_up,
         "no link to another node is up, and no peer is dialled; name some under Peers");
  } else if (facts.peers_up == 0) {
    find(HealthProblem::no_peers_up,
         fmt::format("no link to another node is up; peers dialled in vain: {}",
                     facts.peers_dialled));
  }
  if (facts.tun_wanted && !facts.tun_up) {
    find(HealthProblem::no_tun,
         "there is no TUN device, so this machine has no address in the mesh; it takes "
         "CAP_NET_ADMIN and /dev/net/tun, or IfName: none if this node is only to relay");
  }
  if (facts.listeners_failed > 0) {
    find(HealthProblem::not_listening,
         fmt::format("{} of the addresses under Listen could not be used; the log says why",
                     facts.listeners_failed));
  }
  return health;
}

}  // namespace thicket::node
