#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Whether a node does what it is there for: said here once, for /healthz, metrics and commands.
namespace thicket::node {

/// What there is to know. Counts are of now.
struct HealthFacts {
  bool tun_wanted = false;  ///< IfName is not none
  bool tun_up = false;
  std::size_t peers_dialled = 0;  ///< up or not
  std::size_t peers_up = 0;       ///< links, inbound ones included
  std::size_t listeners_failed = 0;
};

enum class HealthProblem {
  no_peers_up,
  no_tun,
  not_listening,
};
inline constexpr std::array kHealthProblems{HealthProblem::no_peers_up, HealthProblem::no_tun,
                                            HealthProblem::not_listening};
/// "no_peers_up": for machines; never changes.
std::string_view name_of(HealthProblem problem);

/// One thing that is wrong.
struct HealthFinding {
  HealthProblem problem;
  std::string reason;  ///< one sentence without a full stop, with what to do about it
};

struct Health {
  std::vector<HealthFinding> findings;  ///< in the order of kHealthProblems, one of each at most
  bool ok() const { return findings.empty(); }
  bool has(HealthProblem problem) const;
};

Health assess_health(const HealthFacts& facts);

}  // namespace thicket::node
