#include "routing/contact_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "routing/agreement.hpp"
#include "routing/dht/dht.hpp"
#include "routing/dht/limits.hpp"
#include "routing/frame.hpp"
#include "routing/network.hpp"

// Nodes of whose peers none says that it takes part in the DHT, as among stock nodes.
namespace thicket::routing::test {
namespace {

using namespace std::chrono_literals;

RouterOptions options(DhtParticipation participation) {
  RouterOptions options;
  options.dht = participation;
  return options;
}

void make_line(Network& network, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    network.add_node();
    if (i != 0) network.link(i - 1, i, 5ms);
  }
}

/// Every other node takes part; the root does.
TEST(ContactSearch, FindsAFirstContactAboveUs) {
  Network network(11);
  constexpr std::size_t kSize = 13;
  std::vector<KeyPair> keys;
  for (std::size_t i = 0; i < kSize; ++i) keys.push_back(KeyPair::generate(network.random()));
  std::ranges::sort(keys, {}, [](const KeyPair& pair) { return pair.public_key(); });
  std::swap(keys[0], keys[4]);
  for (std::size_t i = 0; i < kSize; ++i) {
    network.set_options(options(i % 2 == 0 ? DhtParticipation::seeking : DhtParticipation::none));
    network.add_node(std::move(keys[i]));
    if (i != 0) network.link(i - 1, i, 5ms);
  }
  const auto all_joined = [&] {
    for (std::size_t i = 0; i < kSize; i += 2) {
      if (network.router(i).dht().table().size() != kSize / 2) return false;
    }
    return true;
  };
  EXPECT_TRUE(network.run_until(all_joined, 60s));
  // Whoever knows somebody asks nobody else on the chance.
  const auto searches = [&] {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kSize; ++i) {
      sum += network.router(i).directory_counters().searches;
    }
    return sum;
  };
  const std::uint64_t at_first = searches();
  EXPECT_GE(at_first, 1u);
  EXPECT_LE(at_first, kSize);
  network.run_for(30min);
  EXPECT_EQ(searches(), at_first);
  EXPECT_EQ(network.router(1).dht().counters().datagrams_received, 0u);
}

TEST(ContactSearch, IsNotDoneUnlessAskedFor) {
  for (const auto participation : {DhtParticipation::none, DhtParticipation::invited}) {
    Network network(12, options(participation));
    make_line(network, 5);
    network.run_for(10min);
    for (std::size_t i = 0; i < network.size(); ++i) {
      EXPECT_EQ(network.router(i).directory_counters().searches, 0u);
      EXPECT_EQ(network.router(i).dht().counters().datagrams_sent, 0u);
    }
  }
}

/// The last of a line seeks among nodes that do not answer: each is asked once, and again only much
/// later.
TEST(ContactSearch, AsksEachOnceAndSlowly) {
  Network network(13, options(DhtParticipation::none));
  constexpr std::size_t kSeeker = 6;
  make_line(network, kSeeker);
  network.set_options(options(DhtParticipation::seeking));
  network.add_node();
  network.link(kSeeker - 1, kSeeker, 5ms);
  std::map<PublicKey, std::vector<Instant>> asked;
  network.on_frame = [&](std::size_t from, std::size_t, ByteView frame) {
    const auto prefix = *decode_length(frame);
    const ByteView body = frame.subspan(prefix->prefix_size);
    if (from != kSeeker || peek_type(body) != FrameType::traffic) return;
    const auto traffic = decode_traffic(body);
    ASSERT_TRUE(traffic.has_value());
    asked[traffic->dest].push_back(network.now().steady);
  };
  network.run_for(dht::limits::kSearchAgain);
  std::vector<Instant> times;
  for (const auto& [key, of_key] : asked) {
    EXPECT_EQ(of_key.size(), 1u);
    EXPECT_NE(key, network.router(kSeeker - 1).public_key());
    times.insert(times.end(), of_key.begin(), of_key.end());
  }
  // All above it but its peer, whose handshake would have said.
  EXPECT_GE(times.size(), 1u);
  EXPECT_EQ(times.size(), network.router(kSeeker).coordinates().size() - 1);
  std::ranges::sort(times);
  for (std::size_t i = 1; i < times.size(); ++i) {
    EXPECT_GE(times[i] - times[i - 1], dht::limits::kSearchInterval);
  }
  const std::size_t before = asked.begin()->second.size();
  network.run_for(dht::limits::kSearchAgain);
  EXPECT_EQ(asked.begin()->second.size(), before + 1);
}

TEST(ContactSearch, WhoTakesNoPartIgnoresDatagrams) {
  Network network(14, options(DhtParticipation::none));
  make_line(network, 3);
  network.run_for(5s);
  network.router(0).peer_takes_part(network.now(), network.router(1).public_key());
  network.router(0).node_takes_part(network.now(), network.router(2).public_key());
  network.send(0, 2, {0x44, 0x93, 0x00});
  network.run_for(1min);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(network.router(i).dht().counters().datagrams_received, 0u);
    EXPECT_EQ(network.router(i).dht().counters().datagrams_sent, 0u);
    EXPECT_FALSE(network.router(i).dht().joined());
  }
}

}  // namespace
}  // namespace thicket::routing::test
