#include "routing/endpoint.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "routing/dht/dht.hpp"
#include "routing/frame.hpp"

// Whole nodes in a row: what they say to each other in sessions (extension E3).
namespace thicket::routing {
namespace {

using namespace std::chrono_literals;

Packet data(std::string_view text) {
  return Packet::copy_of(ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

/// Endpoints in a line, on links that take no time.
class Line {
 public:
  explicit Line(std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      Node& node = nodes_.emplace_back(Node{KeyPair::generate(random_), nullptr, {}, {}});
      start(node, {});
      if (i != 0) link(i - 1, i);
    }
  }

  void restart(std::size_t index, RouterOptions options = {}) {
    for (const std::size_t other : nodes_[index].links) {
      nodes_[other].endpoint->link_down(now_, LinkId{index});
    }
    start(nodes_[index], options);
    for (const std::size_t other : nodes_[index].links) {
      nodes_[index].endpoint->link_up(now_, LinkId{other}, nodes_[other].identity.public_key(), 0);
      nodes_[other].endpoint->link_up(now_, LinkId{index}, nodes_[index].identity.public_key(), 0);
    }
  }

  void send(std::size_t from, std::size_t to, std::string_view text) {
    at(from).send(now_, key(to), data(text));
    settle();
  }
  void run_for(Duration time) {
    const Instant end = now_.steady + time;
    while (now_.steady < end) {
      now_.steady += 50ms;
      now_.unix_seconds = static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::seconds>(now_.steady - Instant{}).count());
      for (Node& node : nodes_) {
        if (node.endpoint->next_deadline() && *node.endpoint->next_deadline() <= now_.steady) {
          node.endpoint->tick(now_);
        }
      }
      settle();
    }
  }

  Endpoint& at(std::size_t index) { return *nodes_[index].endpoint; }
  PublicKey key(std::size_t index) const { return nodes_[index].identity.public_key(); }
  std::vector<std::string>& heard(std::size_t index) { return nodes_[index].heard; }

 private:
  struct Node {
    KeyPair identity;
    std::unique_ptr<Endpoint> endpoint;
    std::vector<std::size_t> links;  // a link is called what the node at its other end is
    std::vector<std::string> heard;
  };

  void start(Node& node, RouterOptions options) {
    node.endpoint = std::make_unique<Endpoint>(node.identity, cryptography_, random_, options,
                                               crypto::SessionOptions{}, now_);
  }
  void link(std::size_t a, std::size_t b) {
    nodes_[a].links.push_back(b);
    nodes_[b].links.push_back(a);
    at(a).link_up(now_, LinkId{b}, key(b), 0);
    at(b).link_up(now_, LinkId{a}, key(a), 0);
  }

  void settle() {
    for (bool any = true; any;) {
      any = false;
      for (std::size_t i = 0; i < nodes_.size(); ++i) {
        take_actions(nodes_[i]);
        for (const std::size_t to : nodes_[i].links) {
          while (auto frame = at(i).next_frame(now_, LinkId{to})) {
            any = true;
            frame->pop_front((*decode_length(frame->bytes()))->prefix_size);
            at(to).receive(now_, LinkId{i}, std::move(*frame));
          }
        }
      }
    }
  }
  void take_actions(Node& node) {
    while (auto action = node.endpoint->next_action()) {
      if (const auto* delivered = std::get_if<Deliver>(&*action)) {
        const ByteView bytes = delivered->data.bytes();
        node.heard.emplace_back(bytes.begin(), bytes.end());
      }
    }
  }

  SeededRandom random_{5};
  SodiumCryptography cryptography_;
  Time now_{Instant{} + 1'700'000'000s, 1'700'000'000};
  std::deque<Node> nodes_;
};

const Capabilities kOffer{1, "test/1", true, ""};

TEST(Endpoint, SaysNothingUnlessThereIsAnOffer) {
  Line line(3);
  line.run_for(3s);
  line.send(0, 2, "hello");
  line.send(2, 0, "there");
  line.run_for(3s);
  EXPECT_EQ(line.heard(2), std::vector<std::string>{"hello"});
  EXPECT_EQ(line.heard(0), std::vector<std::string>{"there"});
  EXPECT_EQ(line.at(0).hello_counters().sent + line.at(2).hello_counters().sent, 0u);
  EXPECT_EQ(line.at(0).capabilities_of(line.key(2)), nullptr);
}

TEST(Endpoint, BothSidesSayHelloOncePerSession) {
  Line line(3);
  line.at(0).offer(kOffer);
  line.at(2).offer(kOffer);
  line.run_for(3s);
  for (int i = 0; i < 20; ++i) {
    line.send(0, 2, "over");
    line.run_for(1s);
  }
  for (const std::size_t end : {0, 2}) {
    const HelloCounters& counters = line.at(end).hello_counters();
    EXPECT_EQ(counters.sent, 1u);
    EXPECT_EQ(counters.received, 1u);
    EXPECT_EQ(counters.ignored, 0u);
    const Capabilities* theirs = line.at(end).capabilities_of(line.key(2 - end));
    ASSERT_NE(theirs, nullptr);
    EXPECT_EQ(*theirs, kOffer);
  }
  // Hellos are nobody else's business.
  EXPECT_EQ(line.heard(2), std::vector<std::string>(20, "over"));
  EXPECT_TRUE(line.heard(0).empty());
  EXPECT_EQ(line.at(1).hello_counters().sent, 0u);
}

TEST(Endpoint, WithoutAnOfferOfItsOwnItReadsThoseOfOthers) {
  Line line(3);
  line.at(0).offer(kOffer);
  line.run_for(3s);
  line.send(2, 0, "hello");
  line.run_for(2s);
  ASSERT_NE(line.at(2).capabilities_of(line.key(0)), nullptr);
  EXPECT_EQ(line.at(0).capabilities_of(line.key(2)), nullptr);
  EXPECT_TRUE(line.heard(2).empty());
}

TEST(Endpoint, AHelloIsForgottenWithItsSession) {
  Line line(3);
  line.at(0).offer(kOffer);
  line.at(2).offer(kOffer);
  line.run_for(3s);
  line.send(0, 2, "hello");
  line.run_for(2s);
  EXPECT_NE(line.at(0).capabilities_of(line.key(2)), nullptr);
  line.run_for(crypto::kSessionIdle + 5s);
  EXPECT_EQ(line.at(0).capabilities_of(line.key(2)), nullptr);
  line.send(0, 2, "again");
  line.run_for(2s);
  EXPECT_NE(line.at(0).capabilities_of(line.key(2)), nullptr);
  EXPECT_EQ(line.at(0).hello_counters().sent, 2u);
}

TEST(Endpoint, WhoRestartedIsToldAgain) {
  Line line(3);
  line.at(0).offer(kOffer);
  line.at(2).offer(kOffer);
  line.run_for(3s);
  line.send(0, 2, "hello");
  line.run_for(10s);
  line.restart(2);
  line.at(2).offer(kOffer);
  for (int i = 0; i < 10 && line.at(2).capabilities_of(line.key(0)) == nullptr; ++i) {
    line.send(2, 0, "I am back");
    line.run_for(2s);
    line.send(0, 2, "so you are");
    line.run_for(2s);
  }
  EXPECT_NE(line.at(2).capabilities_of(line.key(0)), nullptr);
  EXPECT_EQ(line.at(2).hello_counters().sent, 1u);
  EXPECT_EQ(line.at(0).hello_counters().sent, 2u);
}

TEST(Endpoint, AHelloIntroducesToTheDht) {
  Line line(4);
  line.at(0).offer(kOffer);
  line.at(3).offer(kOffer);
  line.run_for(3s);
  line.send(0, 3, "hello");
  line.run_for(20s);
  // Whoever is asked first has met the other by that.
  std::uint64_t introductions = 0;
  for (const std::size_t end : {0, 3}) {
    const Router& router = line.at(end).router();
    introductions += router.directory_counters().introductions;
    EXPECT_EQ(router.dht().table().size(), 1u);
    EXPECT_EQ(router.dht().store().size(), 1u);
  }
  EXPECT_GE(introductions, 1u);
  EXPECT_LE(introductions, 2u);
  EXPECT_EQ(line.at(1).router().dht().counters().datagrams_received, 0u);
}

TEST(Endpoint, AHelloWithoutTheDhtIntroducesNobody) {
  Line line(3);
  line.at(0).offer(kOffer);
  line.at(2).offer({1, "test/1", false, ""});
  line.run_for(3s);
  line.send(0, 2, "hello");
  line.run_for(5s);
  ASSERT_NE(line.at(0).capabilities_of(line.key(2)), nullptr);
  EXPECT_EQ(line.at(0).router().directory_counters().introductions, 0u);
}

}  // namespace
}  // namespace thicket::routing
