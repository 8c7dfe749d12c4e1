#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "crypto/cryptography.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/random.hpp"
#include "routing/router.hpp"

namespace thicket::routing::test {

/// Routers joined by virtual links with latency, on virtual time: events in order of (time,
/// sequence), a pure function of the seed.
class Network {
 public:
  struct Delivery {
    std::size_t at;
    PublicKey source;
    std::vector<std::uint8_t> payload;
  };
  struct Closed {
    std::size_t at;
    CloseReason reason;
  };

  /// All nodes run with `options`.
  explicit Network(std::uint64_t seed, RouterOptions options = {})
      : random_(seed), options_(std::move(options)) {}

  /// Nodes added or restarted from now on run with other options.
  void set_options(RouterOptions options) { options_ = std::move(options); }

  std::size_t add_node() { return add_node(KeyPair::generate(random_)); }
  std::size_t add_node(KeyPair identity);
  /// A new router under the same key: all state is lost, links too.
  void restart(std::size_t node);
  void stop(std::size_t node);
  /// Returns a handle for unlink().
  std::size_t link(std::size_t a, std::size_t b, Duration latency, std::uint8_t priority = 0);
  /// Both ends learn of it at once.
  void unlink(std::size_t handle);
  /// Frames vanish from now on, and nobody is told.
  void stall(std::size_t handle);
  /// Frames arrive again.
  void resume(std::size_t handle) { wires_[handle].stalled = false; }
  /// Both ends learn of every stalled link: nothing would tell them while they are idle.
  void unlink_stalled();

  /// A frame body that its neighbour never sent arrives at end 0 or 1 of a link.
  void forge(std::size_t handle, int end, Packet body);

  /// What the router of end 0 or 1 calls a link.
  LinkId link_id(std::size_t handle, int end) const { return wires_[handle].ids[end]; }

  Router& router(std::size_t node) { return *nodes_[node].router; }
  bool running(std::size_t node) const { return nodes_[node].router != nullptr; }
  std::size_t index_of(const PublicKey& key) const;
  std::size_t size() const { return nodes_.size(); }

  void send(std::size_t from, std::size_t to, std::vector<std::uint8_t> payload);
  /// Both say that they take part in the DHT.
  void take_part(std::size_t a, std::size_t b);
  /// Its end is told in `traces`.
  std::optional<TraceId> trace_lookup(std::size_t from, const PublicKey& key_or_partial_key);
  void run_for(Duration time);
  /// Runs until `done` holds after some event, at most `limit`. When that was, from now.
  std::optional<Duration> run_until(const std::function<bool()>& done, Duration limit);

  Time now() const { return now_; }
  Random& random() { return random_; }
  /// Adjacent pairs of running nodes.
  std::set<std::pair<std::size_t, std::size_t>> edges() const;

  std::vector<Delivery> deliveries;
  std::vector<Closed> closed;
  std::vector<LookupTraced> traces;
  std::uint64_t frames = 0;
  bool check_every_event = true;
  /// Called for every frame that a node puts on a link, length prefix included.
  std::function<void(std::size_t from, std::size_t to, ByteView frame)> on_frame;

 private:
  struct Node {
    KeyPair identity;
    std::unique_ptr<Router> router;
    std::optional<Instant> wake;
  };
  struct Wire {
    std::size_t ends[2];
    LinkId ids[2];
    Duration latency;
    bool up = true;
    bool stalled = false;
  };
  struct Event {
    std::size_t node;
    std::size_t wire;  ///< kWake: a timer
    Packet body;
  };
  static constexpr std::size_t kWake = ~std::size_t{0};

  void schedule(Instant at, Event event);
  void pump(std::size_t node);
  void drain_link(std::size_t node, LinkId id);
  void handle(Event event);

  SeededRandom random_;
  RouterOptions options_;
  SodiumCryptography cryptography_;
  Time now_{Instant{} + std::chrono::seconds(1000), 1'700'000'000};
  std::deque<Node> nodes_;  // routers refer to their identities
  std::deque<Wire> wires_;
  std::map<LinkId, std::pair<std::size_t, int>> wire_of_link_;
  std::map<std::pair<Instant, std::uint64_t>, Event> events_;
  std::uint64_t sequence_ = 0;
  std::uint64_t next_link_ = 1;
};

}  // namespace thicket::routing::test
