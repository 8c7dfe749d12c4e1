#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "crypto/session_peer.hpp"

namespace thicket::test {

/// What the network between the nodes does to messages.
struct Network {
  std::uint64_t lost_percent = 0;
  std::uint64_t duplicated_percent = 0;
  Duration shortest = std::chrono::milliseconds(10);
  Duration longest = std::chrono::milliseconds(10);  ///< messages overtake each other if longer
};

/// Nodes with sessions to each other, a network and a clock, all of it a function of one seed. It
/// checks that no data is ever delivered twice by a node of ours, changed, or from someone else
/// than its sender.
class SessionWorld {
 public:
  enum class Kind { own, stock };
  SessionWorld(std::uint64_t seed, const std::vector<Kind>& kinds);

  void set_network(const Network& network) { network_ = network; }
  std::size_t size() const { return nodes_.size(); }
  Random& random() { return random_; }
  Time now() const;

  /// A packet with a number of its own, which is returned.
  std::uint64_t send(std::size_t from, std::size_t to);
  bool was_delivered(std::uint64_t number) const { return delivered_.contains(number); }
  /// The node forgets everything but its key.
  void restart(std::size_t node);
  /// Delivers some message of the past once more, to whom it was for, perhaps under other key
  /// numbers.
  void replay();
  /// Lets the wall clock of one node stand still, or go on from where it would be.
  void stop_wall_clock(std::size_t node, bool stopped);
  /// Sets the wall clock of a node back.
  void set_back(std::size_t node, std::uint64_t seconds);

  /// Lets time pass: messages arrive, timers fire.
  void run_for(Duration duration);
  std::size_t messages_sent() const { return history_.size(); }

 private:
  struct Node {
    Kind kind;
    KeyPair identity;
    std::unique_ptr<SessionPeer> peer;
    std::int64_t wall_offset = 0;
    std::optional<std::uint64_t> wall_stopped_at{};
  };
  struct Message {
    std::size_t from;
    std::size_t to;
    std::vector<std::uint8_t> bytes;
  };
  Time time_of(const Node& node) const;
  std::size_t index_of(const PublicKey& key) const;
  void start(Node& node);
  void collect(std::size_t node);
  void transmit(std::size_t from, const PublicKey& to, ByteView bytes);
  void schedule(std::size_t message);
  void deliver(std::size_t to, const crypto::DeliverData& data);
  bool step(Instant until);

  SeededRandom random_;
  Instant now_{std::chrono::hours(1)};
  Network network_;
  std::vector<Node> nodes_;
  std::vector<Message> history_;
  // By time, and then in the order of sending.
  std::map<std::pair<Instant, std::uint64_t>, std::size_t> in_flight_;
  std::uint64_t scheduled_ = 0;
  std::map<std::uint64_t, std::pair<std::size_t, std::size_t>> sent_;  // number: from, to
  std::set<std::uint64_t> delivered_;
};

}  // namespace thicket::test
