#include <gtest/gtest.h>

#include <chrono>
#include <map>

#include "routing/dht/dht.hpp"
#include "routing/dht/message.hpp"
#include "routing/frame.hpp"
#include "sim/delivery_log.hpp"
#include "sim/small_worlds.hpp"

// The DHT among whole nodes, on real trees.
namespace thicket::sim::test {
namespace {

using namespace std::chrono_literals;

SimulationOptions with_dht(routing::LookupPolicy policy, std::uint64_t seed) {
  SimulationOptions options = fast_options(seed);
  options.invariant_interval = 64;
  options.router.lookup = policy;
  options.dht = true;
  return options;
}

/// Nodes `first` … `last` - 1, each linked to two random ones before it.
void link_at_random(Simulation& simulation, NodeIndex first, NodeIndex last, Prng& random) {
  for (NodeIndex node = first + 1; node < last; ++node) {
    for (int i = 0; i < 2; ++i) {
      const auto other = first + static_cast<NodeIndex>(random.below(node - first));
      simulation.add_link(node, other, {.latency = 5ms});
    }
  }
}

/// Two networks that do not know of each other, and then are linked.
class TwoHalves {
 public:
  TwoHalves(routing::LookupPolicy policy, std::uint64_t seed)
      : simulation_(with_dht(policy, seed)), random_(seed), log_(simulation_) {
    add_nodes_by_key(simulation_, 2 * kHalf);
    link_at_random(simulation_, 0, kHalf, random_);
    link_at_random(simulation_, kHalf, 2 * kHalf, random_);
    start_all(simulation_);
    simulation_.run_for(60s);
  }
  /// Share of packets from one half to the other that arrive, within 5 s, so long after linking.
  double found_across(Duration after) {
    simulation_.add_link(3, kHalf + 3, {.latency = 5ms});
    simulation_.run_for(after);
    for (int i = 0; i < 60; ++i) {
      const auto here = static_cast<NodeIndex>(random_.below(kHalf));
      const auto there = static_cast<NodeIndex>(kHalf + random_.below(kHalf));
      if (i % 2 == 0) {
        log_.send(here, there);
      } else {
        log_.send(there, here);
      }
    }
    simulation_.run_until([this] { return log_.all_arrived(); }, 5s);
    return static_cast<double>(log_.arrived()) / static_cast<double>(log_.sent());
  }

 private:
  static constexpr NodeIndex kHalf = 40;
  Simulation simulation_;
  Prng random_;
  DeliveryLog log_;
};

TEST(DhtTest, HalvesThatGrewApartFindEachOtherAtOnce) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    EXPECT_EQ(TwoHalves(routing::LookupPolicy::automatic, seed).found_across(2s), 1.0);
  }
}

TEST(DhtTest, HalvesThatGrewApartMergeTheirDht) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    EXPECT_GE(TwoHalves(routing::LookupPolicy::dht, seed).found_across(30s), 0.98);
  }
}

/// Counts the publications that begin at each node, by second.
class PublicationCounts final : public Observer {
 public:
  explicit PublicationCounts(const Simulation& simulation) : simulation_(simulation) {}

  void frame_sent(const FrameEvent& event) override {
    if (event.type != routing::FrameType::traffic) return;
    const auto traffic = routing::decode_traffic(event.body);
    if (!traffic || traffic->source != simulation_.key(event.from)) return;
    const auto datagram =
        routing::dht::decode_datagram(event.body.subspan(traffic->payload_offset));
    if (!datagram || !datagram->sender || datagram->sender->key != traffic->source) return;
    if (!std::holds_alternative<routing::dht::Store>(datagram->body)) return;
    ++of_node_[event.from];
    ++of_second_[event.now.unix_seconds];
  }
  std::size_t most_of_one_node() const { return most(of_node_); }
  std::size_t most_in_one_second() const { return most(of_second_); }

 private:
  template <class Key>
  static std::size_t most(const std::map<Key, std::size_t>& counts) {
    std::size_t result = 0;
    for (const auto& [key, count] : counts) result = std::max(result, count);
    return result;
  }

  const Simulation& simulation_;
  std::map<NodeIndex, std::size_t> of_node_;
  std::map<std::uint64_t, std::size_t> of_second_;
};

/// Half of the nodes hang on one link, and then on another.
TEST(DhtTest, AMovedSubtreeIsFoundAgainWithinTenSecondsWithoutAStorm) {
  constexpr NodeIndex kHalf = 40;
  Simulation simulation(with_dht(routing::LookupPolicy::dht, 4));
  add_nodes_by_key(simulation, 2 * kHalf);
  Prng random(4);
  link_at_random(simulation, 0, kHalf, random);
  link_at_random(simulation, kHalf, 2 * kHalf, random);
  const LinkIndex before = simulation.add_link(5, kHalf, {.latency = 5ms});
  const LinkIndex after = simulation.add_link(6, kHalf + 9, {.latency = 5ms});
  start_all(simulation);
  simulation.lose(after);
  simulation.run_for(2min);

  PublicationCounts publications(simulation);
  simulation.add_observer(publications);
  const routing::Path place = simulation.router(2 * kHalf - 1).coordinates();
  simulation.restore(after);
  simulation.cut(before);
  simulation.run_for(10s);
  EXPECT_NE(simulation.router(2 * kHalf - 1).coordinates(), place);
  EXPECT_LE(publications.most_of_one_node(), 6U);
  EXPECT_LE(publications.most_in_one_second(), kHalf);
  simulation.remove_observer(publications);

  DeliveryLog log(simulation);
  for (NodeIndex node = 0; node < kHalf; ++node) log.send(node, 2 * kHalf - 1 - node);
  simulation.run_until([&] { return log.all_arrived(); }, 3s);
  EXPECT_GE(log.arrived(), kHalf - 1) << "of " << log.sent();
}

}  // namespace
}  // namespace thicket::sim::test
