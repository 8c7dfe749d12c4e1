#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "crypto/cryptography.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/session_manager.hpp"
#include "routing/endpoint.hpp"
#include "sim/behaviour.hpp"
#include "sim/event_queue.hpp"
#include "sim/index.hpp"
#include "sim/observer.hpp"
#include "sim/prng.hpp"
#include "sim/trace.hpp"
#include "sim/virtual_link.hpp"

namespace thicket::sim {

enum class CryptographyKind : std::uint8_t {
  real,  ///< libsodium's, as in the daemon
  fast,  ///< keyed hashes in its place: secure against nobody, and much faster
};

struct SimulationOptions {
  std::uint64_t seed = 1;
  CryptographyKind cryptography = CryptographyKind::real;
  routing::RouterOptions router{};
  bool dht = false;  ///< all nodes take part in the DHT, and say so to their peers
  crypto::SessionOptions session{};
  std::size_t trace_length = 256;  ///< events kept in full, for when something goes wrong
  /// A node's invariants are checked after every so many of its events; at least 1.
  std::uint32_t invariant_interval = 64;
};

/// An invariant of the code under test did not hold.
class InvariantViolation : public std::exception {
 public:
  explicit InvariantViolation(std::string what) : what_(std::move(what)) {}
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};

/// Many whole nodes, joined by virtual links, in one thread and on virtual time. Each drives the
/// same routing::Endpoint as the daemon. A run is a function of the options and of the calls made:
/// events happen in order of (time, sequence), and randomness comes from the seed alone.
class Simulation {
 public:
  explicit Simulation(SimulationOptions options);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // --- nodes
  /// A node that is not running yet; its key depends on the seed and its index alone.
  NodeIndex add_node();
  NodeIndex add_node(KeyPair identity);
  std::size_t nodes() const { return nodes_.size(); }
  void start(NodeIndex node);
  /// An orderly end: its peers are told.
  void stop(NodeIndex node);
  /// Power fails: nobody is told.
  void crash(NodeIndex node);
  bool running(NodeIndex node) const { return nodes_[node].endpoint != nullptr; }
  /// Of a running node.
  const routing::Endpoint& endpoint(NodeIndex node) const { return *nodes_[node].endpoint; }
  const routing::Router& router(NodeIndex node) const { return nodes_[node].endpoint->router(); }
  const PublicKey& key(NodeIndex node) const { return nodes_[node].identity.public_key(); }
  const KeyPair& identity(NodeIndex node) const { return nodes_[node].identity; }
  std::optional<NodeIndex> find(const PublicKey& key) const;
  /// How often the node was started so far.
  std::uint32_t life(NodeIndex node) const { return nodes_[node].life; }
  /// The node's wall clock runs this far ahead (or behind) from now on; its steady clock does not
  /// jump.
  void set_clock_offset(NodeIndex node, std::int64_t seconds);
  /// Makes a node hostile; null makes it honest again.
  void set_behaviour(NodeIndex node, std::unique_ptr<Behaviour> behaviour);
  /// Sends a body, as it is, over the connections of a running node: to one peer, or to all.
  void inject(NodeIndex node, std::optional<NodeIndex> peer, ByteView body);

  // --- links; running ends are connected by themselves, and again when a connection ended
  LinkIndex add_link(NodeIndex a, NodeIndex b, LinkProperties properties);
  std::size_t links() const { return links_.size(); }
  const VirtualLink& link(LinkIndex link) const { return links_[link]; }
  void set_properties(LinkIndex link, LinkProperties properties);
  /// Ends the link; both ends are told at once.
  void cut(LinkIndex link);
  /// Silently delivers nothing in one direction: what `end` (0 or 1) sends. The stream waits.
  void block(LinkIndex link, std::uint8_t end);
  /// Silently delivers nothing in both directions.
  void stall(LinkIndex link);
  /// Out of reach: stalled, and no new connection until restored.
  void lose(LinkIndex link);
  /// Undoes cut, block, stall and lose. What streams held arrives now.
  void restore(LinkIndex link);
  bool usable(LinkIndex link) const;
  /// Both ends are connected over it.
  bool connected(LinkIndex link) const;
  /// Links of a node, in order of adding.
  const std::vector<LinkIndex>& links_of(NodeIndex node) const { return nodes_[node].links; }

  // --- traffic from a running node
  /// `data`: first byte the kind of wire.md §9.
  void send(NodeIndex from, const PublicKey& to, ByteView data);
  void lookup(NodeIndex from, const PublicKey& key_or_partial_key);

  // --- time
  Time now() const { return now_; }
  /// Since the start of the run.
  Duration elapsed() const { return now_.steady - start_; }
  void at(Instant when, std::function<void()> call);
  void after(Duration delay, std::function<void()> call) {
    at(now_.steady + delay, std::move(call));
  }
  void run_for(Duration time);
  /// Runs until `done`, asked after every moment at which something happened, or at most `limit`.
  bool run_until(const std::function<bool()>& done, Duration limit);
  /// Events handled so far.
  std::uint64_t events() const { return events_handled_; }

  // --- watching
  /// Must outlive the simulation, or be removed.
  void add_observer(Observer& observer);
  void remove_observer(Observer& observer);
  Trace& trace() { return trace_; }
  const Trace& trace() const { return trace_; }
  /// An entry in the trace made by a scenario.
  void note(NodeIndex node, std::string_view what);
  /// Checks all invariants of all nodes.
  void check_invariants() const;
  const SimulationOptions& options() const { return options_; }
  const Cryptography& cryptography() const { return *cryptography_; }

 private:
  struct Node {
    KeyPair identity;
    Prng random;
    std::unique_ptr<routing::Endpoint> endpoint{};
    std::unique_ptr<Behaviour> behaviour{};
    std::vector<LinkIndex> links{};
    std::optional<Instant> queued_wake{};  ///< the earliest in the event queue
    bool due = false;                      ///< in due_
    std::uint32_t life = 0;
    std::uint32_t events_until_check = 0;
    std::int64_t clock_offset = 0;
    std::uint64_t tree_epoch = 0;
  };
  /// Keys are as good as random.
  struct KeyHash {
    std::size_t operator()(const PublicKey& key) const;
  };
  /// One side of a connection.
  struct End {
    std::uint32_t connection;
    std::uint8_t side;
  };

  // simulation.cpp: nodes and time
  Time time_at(const Node& node) const;
  void step();
  void handle(Event event);
  void tick(NodeIndex node);
  void pump(NodeIndex node);
  void schedule_wake(NodeIndex node);
  void end_connections(NodeIndex node, bool tell);
  void record(TraceKind kind, NodeIndex node, NodeIndex peer = kNoNode, ByteView body = {});

  // simulation_links.cpp: links, connections and frames
  void consider_dial(LinkIndex link);
  void connect(LinkIndex link);
  void drain(End end);
  void transmit(End sender, Packet body);
  void launch(End sender, Packet body);
  void receive(End receiver, Packet body);
  void close(End end, bool tell_other);
  void remote_closed(End end);
  void release_held(LinkIndex link);
  void lose_frame(End sender, ByteView body, LossCause cause);
  FrameEvent frame_event(End sender, ByteView body) const;
  std::vector<std::uint32_t> open_connections(LinkIndex link, std::uint8_t side) const;
  NodeIndex node_at(End end) const;
  static routing::LinkId id_of(End end) { return {2 * std::uint64_t{end.connection} + end.side}; }
  static End end_of(routing::LinkId id) {
    return {static_cast<std::uint32_t>(id.value / 2), static_cast<std::uint8_t>(id.value % 2)};
  }
  bool flows_from(End sender) const;
  template <class Call>
  void tell(const Call& call) {
    for (Observer* observer : observers_) call(*observer);
  }

  SimulationOptions options_;
  std::unique_ptr<Cryptography> cryptography_;
  Prng random_;
  Time now_;
  Instant start_;
  std::deque<Node> nodes_;                                      // endpoints refer to identities
  std::unordered_map<PublicKey, NodeIndex, KeyHash> index_of_;  ///< only ever asked, in no order
  std::deque<VirtualLink> links_;
  std::deque<Connection> connections_;
  EventQueue events_;
  std::vector<NodeIndex> due_;  ///< to be ticked before time goes on
  std::map<std::uint32_t, std::function<void()>> calls_;
  std::uint32_t next_call_ = 0;
  std::uint64_t events_handled_ = 0;
  std::vector<Observer*> observers_;
  Trace trace_;
};

}  // namespace thicket::sim
