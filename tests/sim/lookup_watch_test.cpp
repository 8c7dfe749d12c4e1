#include "sim/lookup_watch.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "sim/small_worlds.hpp"

namespace thicket::sim::test {
namespace {

using namespace std::chrono_literals;

class LookupWatchTest : public testing::Test {
 protected:
  LookupWatchTest() {
    add_nodes_by_key(simulation_, 3);
    for (NodeIndex node = 1; node < 3; ++node) simulation_.add_link(node - 1, node, {});
    start_all(simulation_);
    simulation_.run_for(10s);
    watch_.emplace(simulation_);
    simulation_.add_observer(*watch_);
  }
  ~LookupWatchTest() override { simulation_.remove_observer(*watch_); }
  const WatchedLookup& lookup() const { return watch_->lookups().front(); }

  Simulation simulation_{fast_options()};
  std::optional<LookupWatch> watch_;
};

TEST_F(LookupWatchTest, CountsWhatIsSentUntilPatienceEnds) {
  watch_->begin(0, 2);
  simulation_.run_for(kLookupPatience / 2);
  simulation_.lookup(0, simulation_.key(2));
  simulation_.run_for(1s);
  // Two links there and back.
  EXPECT_EQ(lookup().transmissions(), 4U);
}

TEST_F(LookupWatchTest, DoesNotCountWhatIsSentLater) {
  watch_->begin(0, 2);
  simulation_.run_for(kLookupPatience + 1s);
  simulation_.lookup(0, simulation_.key(2));
  simulation_.run_for(1s);
  EXPECT_EQ(lookup().transmissions(), 0U);
  EXPECT_FALSE(lookup().found_at.has_value());
}

}  // namespace
}  // namespace thicket::sim::test
