#include "routing/filter_exchange.hpp"

#include <gtest/gtest.h>

#include "crypto/key_pair.hpp"
#include "crypto/random.hpp"

namespace thicket::routing::test {
namespace {

using namespace std::chrono_literals;

BloomFilter filter_of(const PublicKey& key) {
  BloomFilter filter;
  filter.add(BloomFilter::positions(LookupKey::of(key)));
  return filter;
}

TEST(FilterExchange, APeerWhoseFilterChangesAllTheTimeCausesBoundedWork) {
  SeededRandom random(1);
  const auto key = [&random] { return KeyPair::generate(random).public_key(); };
  RouterCounters counters;
  std::vector<RouterAction> actions;
  const Policy policy;
  PeerTable peers(actions, policy, counters);
  FilterExchange exchange(key(), policy, peers);
  Time now{Instant{1000s}, 1'700'000'000};
  Peer& restless = *peers.add(now.steady, LinkId{1}, key(), 0).first->peer;
  Peer& other = *peers.add(now.steady, LinkId{2}, key(), 0).first->peer;
  restless.on_tree = other.on_tree = true;

  const BloomFilter filters[] = {filter_of(key()), filter_of(key())};
  for (int i = 0; i < 2000; ++i) {
    exchange.receive(restless, filters[i % 2]);
    exchange.maintain(now);
    now.steady += 500us;
  }
  EXPECT_LE(exchange.epoch(), limits::kFilterSweeps.burst + limits::kFilterSweeps.per_second + 1);

  // The last one counts, and is passed on when its turn comes.
  for (int i = 0; i < 100; ++i) {
    const auto next = exchange.next_deadline(now.steady);
    ASSERT_TRUE(next);
    if (*next > now.steady + 10s) break;
    now.steady = std::max(*next, now.steady);
    exchange.maintain(now);
  }
  EXPECT_TRUE(other.filters.sent.unpack().includes(filters[1]));
  EXPECT_FALSE(other.filters.sent.unpack().includes(filters[0]));
}

}  // namespace
}  // namespace thicket::routing::test
