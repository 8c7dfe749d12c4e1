#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/convergence.hpp"
#include "sim/pings.hpp"
#include "sim/prng.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim::test {

/// From the end of all disturbances until the network is right, and stays so for kChaosCalm: links
/// are redialled, and streams deliver what they held.
constexpr Duration kChaosBound = std::chrono::seconds(30);
/// The same if some nodes stay dead. Nobody was told, and a link is only missed by those who send
/// something: at the latest when they renew their record, every four minutes. Records of the dead
/// live for five.
constexpr Duration kChaosBoundWithDead = std::chrono::seconds(300 + 30);
constexpr Duration kChaosCalm = std::chrono::seconds(10);

/// Then all connected pairs must answer pings. A ping may be lost only because its sender, or who
/// answers, remembers a path or a session from before: datagrams find out by being lost. Request
/// path, session and answer path make three such losses; the next attempt must succeed.
constexpr int kChaosAttempts = 4;

/// What came of a world.
struct ChaosOutcome {
  std::string failure;  ///< empty: all that must hold did
  std::string world;    ///< one line: what was in it
  std::string losses;   ///< after it was healed: what nodes believed, or pings that were lost
  Duration healed_in{};
  std::uint64_t trace_hash = 0;
  std::vector<TraceEvent> last_events{};
};

/// A small random network that is disturbed in random ways, and then healed. All of it is a
/// function of the seed.
class ChaosWorld {
 public:
  explicit ChaosWorld(std::uint64_t seed);
  /// Once: disturbs it, heals it, and judges.
  ChaosOutcome run();

 private:
  void build();
  LinkProperties draw_properties();
  void disturb();
  void disturb_once();
  void disturb_link(LinkIndex link);
  void disturb_node(NodeIndex node);
  void use(NodeIndex node);
  void heal();
  bool converges(ChaosOutcome& outcome);
  using Pair = std::pair<NodeIndex, NodeIndex>;
  std::vector<Pair> connected_pairs();
  std::vector<Pair> ping(const std::vector<Pair>& pairs, ChaosOutcome& outcome);
  void ping_all(ChaosOutcome& outcome);
  std::string describe() const;

  std::uint64_t seed_;
  Prng random_;
  Simulation simulation_;
  Pings pings_;
  Convergence convergence_;
  std::string topology_;
  std::vector<LinkProperties> properties_;  ///< of links, when they are well
  std::vector<bool> lossy_;                 ///< links that lost frames: their streams are broken
  bool clock_set_back_ = false;
  std::vector<bool> dead_;  ///< nodes that stay down
};

}  // namespace thicket::sim::test
