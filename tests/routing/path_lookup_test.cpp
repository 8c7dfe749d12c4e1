#include <gtest/gtest.h>

#include <vector>

#include "crypto/key_pair.hpp"
#include "crypto/random.hpp"
#include "routing/bloom_filter.hpp"
#include "routing/dht/limits.hpp"
#include "routing/directory.hpp"
#include "routing/limits.hpp"
#include "routing/path_finder.hpp"
#include "routing/peer_table.hpp"
#include "routing/tree.hpp"

// Which way is asked first, and when the other one is.
namespace thicket::routing {
namespace {

using namespace std::chrono_literals;

/// Answers nothing by itself.
class SilentDirectory final : public Directory {
 public:
  bool joined() const override { return true; }
  std::size_t ways_before_filters() const override { return ways; }
  Duration answer_timeout() const override { return timeout; }
  void lookup(Time, const PublicKey&, std::uint64_t, std::size_t ways_allowed) override {
    asked_for.push_back(ways_allowed);
  }
  void fell_back() override { ++fallbacks; }
  void receive(Time, const PublicKey&, const PublicKey&, ByteView) override {}
  void path_broken(Time, const PublicKey&, bool) override {}
  void learnt(Time, const PathNotify&) override {}

  std::size_t ways = 1;
  Duration timeout = 150ms;
  std::vector<std::size_t> asked_for;  ///< ways allowed, of each lookup
  std::size_t fallbacks = 0;
};

class PathLookupTest : public testing::Test {
 protected:
  PathLookupTest() {
    tree_.start(now_);
    paths_.use(directory_, LookupPolicy::automatic);
  }
  /// A peer whose filter claims the target.
  void add_peer_towards_target() {
    const PublicKey key = KeyPair::generate(random_).public_key();
    Peer& peer = *peers_.add(now_.steady, LinkId{1}, key, 0).first->peer;
    peer.on_tree = true;
    BloomFilter filter;
    filter.add(BloomFilter::positions(LookupKey::of(target_)));
    peer.filters.received = PackedFilter(filter);
  }
  void pass(Duration time) {
    now_.steady += time;
    paths_.tick(now_);
  }
  std::uint64_t asked_filters() const { return counters_.lookups_started; }

  SeededRandom random_{5};
  KeyPair identity_ = KeyPair::generate(random_);
  PublicKey target_ = KeyPair::generate(random_).public_key();
  SodiumCryptography cryptography_;
  Policy policy_;
  RouterCounters counters_;
  std::vector<RouterAction> actions_;
  PeerTable peers_{actions_, policy_, counters_};
  Tree tree_{identity_, cryptography_, random_, policy_, peers_};
  PathFinder paths_{identity_, cryptography_, policy_, peers_, tree_, actions_};
  SilentDirectory directory_;
  Time now_{Instant{} + 100s, 1'700'000'000};
};

TEST_F(PathLookupTest, TheDirectoryIsAskedForNoMoreThanItIsWorth) {
  add_peer_towards_target();
  directory_.ways = 3;
  paths_.lookup(now_, target_);
  EXPECT_EQ(directory_.asked_for, std::vector<std::size_t>{3});
  EXPECT_EQ(asked_filters(), 0U);
}

TEST_F(PathLookupTest, FiltersAreAskedOnceTheDirectoryFailed) {
  add_peer_towards_target();
  paths_.lookup(now_, target_);
  pass(10ms);
  paths_.not_found(now_, target_);
  EXPECT_EQ(asked_filters(), 1U);
  EXPECT_EQ(directory_.fallbacks, 1U);
  EXPECT_EQ(directory_.asked_for.size(), 1U);
}

TEST_F(PathLookupTest, FiltersAreAskedIfTheDirectoryIsSilent) {
  add_peer_towards_target();
  paths_.lookup(now_, target_);
  pass(limits::kSecondWayDelay - 1ms);
  EXPECT_EQ(asked_filters(), 0U);
  pass(1ms);
  EXPECT_EQ(asked_filters(), 1U);
}

TEST_F(PathLookupTest, FiltersWaitForAsLongAsAnswersTake) {
  add_peer_towards_target();
  directory_.timeout = 900ms;
  paths_.lookup(now_, target_);
  pass(899ms);
  EXPECT_EQ(asked_filters(), 0U);
  pass(1ms);
  EXPECT_EQ(asked_filters(), 1U);
}

TEST_F(PathLookupTest, CheapFiltersAreAskedFirst) {
  add_peer_towards_target();
  directory_.ways = 0;
  directory_.timeout = 900ms;
  paths_.lookup(now_, target_);
  EXPECT_EQ(asked_filters(), 1U);
  EXPECT_TRUE(directory_.asked_for.empty());
  pass(limits::kSecondWayDelay);
  ASSERT_EQ(directory_.asked_for.size(), 1U);
  EXPECT_GE(directory_.asked_for.front(), dht::limits::kAttempts);
  EXPECT_EQ(directory_.fallbacks, 0U);
}

TEST_F(PathLookupTest, WhereNoFilterClaimsItTheDirectoryTriesEveryWay) {
  paths_.lookup(now_, target_);
  ASSERT_EQ(directory_.asked_for, std::vector<std::size_t>{1});
  pass(10ms);
  paths_.not_found(now_, target_);
  ASSERT_EQ(directory_.asked_for.size(), 2U);
  EXPECT_GE(directory_.asked_for.back(), dht::limits::kAttempts);
  // That was the last way.
  pass(10ms);
  paths_.not_found(now_, target_);
  EXPECT_EQ(directory_.asked_for.size(), 2U);
  EXPECT_EQ(directory_.fallbacks, 0U);
}

}  // namespace
}  // namespace thicket::routing
