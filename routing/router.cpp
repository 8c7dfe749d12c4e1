#include "routing/router.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "routing/counting_cryptography.hpp"
#include "routing/dht_directory.hpp"
#include "routing/filter_exchange.hpp"
#include "routing/frame.hpp"
#include "routing/lookup_tracer.hpp"
#include "routing/path_finder.hpp"
#include "routing/peer_table.hpp"
#include "routing/rounds.hpp"
#include "routing/tree.hpp"

namespace thicket::routing {

struct Router::State {
  State(const KeyPair& key_pair, const Cryptography& cryptography, Random& random,
        const RouterOptions& options, Time now)
      : identity(key_pair),
        policy(options.policy),
        rounds(policy.maintenance_interval, random, now.steady),
        counting(cryptography, counters),
        peers(actions, policy, counters),
        tree(key_pair, counting, random, policy, peers),
        filters(key_pair.public_key(), policy, peers),
        paths(key_pair, counting, policy, peers, tree, actions),
        directory(key_pair.public_key(), counting, random, options.dht, peers, tree, paths) {
    paths.use(directory, options.lookup);
    paths.observe(tracer);
    directory.observe(tracer);
  }

  const KeyPair& identity;
  const Policy policy;
  Rounds rounds;
  RouterCounters counters;
  CountingCryptography counting;
  std::vector<RouterAction> actions;
  std::size_t next_action = 0;
  PeerTable peers;
  Tree tree;
  FilterExchange filters;
  PathFinder paths;
  DhtDirectory directory;
  LookupTracer tracer{identity.public_key(), paths, directory, actions};
  std::uint64_t tree_epoch_seen = 0;
  std::uint64_t suspicions_seen = 0;
  std::uint64_t filter_epoch_seen = 0;
  Instant last_input{};  // changes are due at once: not before this
};

Router::Router(const KeyPair& identity, const Cryptography& cryptography, Random& random,
               RouterOptions options, Time now)
    : state_(std::make_unique<State>(identity, cryptography, random, options, now)) {
  state_->tree.start(now);
}

Router::~Router() = default;

void Router::use_lookup(LookupPolicy policy) {
  state_->paths.use(state_->directory, policy);
}

void Router::link_up(Time now, LinkId id, const PublicKey& peer, std::uint8_t priority) {
  if (peer == public_key()) return;
  state_->last_input = now.steady;
  const auto [link, first] = state_->peers.add(now.steady, id, peer, priority);
  state_->tree.link_added(now, *link, first);
  state_->filters.link_added(now, *link, first);
}

void Router::link_down(Time now, LinkId id) {
  Link* link = state_->peers.find(id);
  if (link == nullptr) return;
  state_->last_input = now.steady;
  const PublicKey key = link->peer->key;
  const std::optional<Port> last_of_port = state_->peers.remove(id);
  state_->tree.link_removed(now, key, last_of_port);
  if (Peer* peer = state_->peers.find(key)) {
    state_->filters.link_removed(*peer);
  } else {
    state_->directory.peer_gone(now, key);
  }
  state_->filters.tree_changed();
}

void Router::peer_takes_part(Time now, const PublicKey& peer) {
  state_->directory.peer_is_capable(now, peer);
}

void Router::node_takes_part(Time now, const PublicKey& key) {
  state_->directory.introduce(now, key);
  state_->directory.pump(now);
}

void Router::link_heard(Time now, LinkId id) {
  if (Link* link = state_->peers.find(id)) state_->peers.heard(now.steady, *link);
}

namespace {

std::optional<Instant> earlier(std::optional<Instant> a, std::optional<Instant> b) {
  return a && b ? std::min(a, b) : a ? a : b;
}

/// Hands a decoded frame to the part of the router it is for.
struct Dispatch {
  Time now;
  Link& link;
  Packet& body;
  Tree& tree;
  FilterExchange& filters;
  PathFinder& paths;

  void operator()(const Dummy&) {}
  void operator()(const Keepalive&) {}
  void operator()(const SigReq& frame) { tree.receive(now, link, frame); }
  void operator()(const SigRes& frame) { tree.receive(now, link, frame); }
  void operator()(const Announce& frame) { tree.receive(now, link, frame); }
  void operator()(const BloomFrame& frame) { filters.receive(*link.peer, frame.filter); }
  void operator()(const PathLookup& frame) { paths.receive(now, *link.peer, frame, body); }
  void operator()(const PathNotify& frame) {
    paths.receive(now, *link.peer, frame, std::move(body));
  }
  void operator()(const PathBroken& frame) {
    paths.receive(now, *link.peer, frame, std::move(body));
  }
  void operator()(const Traffic&) {}  // receive_traffic()
};

}  // namespace

void Router::receive(Time now, LinkId id, Packet body) {
  Link* link = state_->peers.find(id);
  if (link == nullptr || link->closing) return;
  const ByteView bytes = std::as_const(body).bytes();
  if (peek_type(bytes) == FrameType::traffic) {
    receive_traffic(now, *link, std::move(body));
    return;
  }
  const auto frame = decode_frame(bytes);
  if (!frame) {
    state_->peers.close(*link, CloseReason::malformed_frame, describe(frame.error()));
    return;
  }
  state_->last_input = now.steady;
  state_->peers.frame_received(now.steady, *link, static_cast<FrameType>(body.data()[0]));
  std::visit(Dispatch{now, *link, body, state_->tree, state_->filters, state_->paths}, *frame);
  state_->directory.pump(now);
}

void Router::receive_traffic(Time now, Link& link, Packet body) {
  const auto traffic = decode_traffic(std::as_const(body).bytes());
  if (!traffic) {
    state_->peers.close(link, CloseReason::malformed_frame, describe(traffic.error()));
    return;
  }
  state_->peers.frame_received(now.steady, link, FrameType::traffic);
  state_->paths.receive(now, *link.peer, *traffic, std::move(body));
  state_->directory.pump(now);
}

std::optional<Packet> Router::next_frame(Time now, LinkId link) {
  return state_->peers.next_frame(now.steady, link);
}

void Router::send(Time now, const PublicKey& to, Packet payload) {
  state_->paths.send(now, to, std::move(payload));
  state_->directory.pump(now);
}

void Router::lookup(Time now, const PublicKey& key_or_partial_key) {
  state_->paths.lookup(now, key_or_partial_key);
  state_->directory.pump(now);
}

std::optional<TraceId> Router::trace_lookup(Time now, const PublicKey& key_or_partial_key) {
  const auto id = state_->tracer.start(now, key_or_partial_key);
  state_->directory.pump(now);
  return id;
}

void Router::maintain(Time now) {
  state_->tree.maintain(now);
  if (state_->tree.epoch() != state_->tree_epoch_seen) {
    state_->tree_epoch_seen = state_->tree.epoch();
    state_->filters.tree_changed();
  }
  state_->filters.maintain(now);
  if (state_->filters.epoch() != state_->filter_epoch_seen) {
    state_->filter_epoch_seen = state_->filters.epoch();
    state_->paths.surroundings_changed(now);
    state_->directory.surroundings_changed(now);
  }
}

void Router::tick(Time now) {
  state_->peers.tick(now.steady);
  if (!state_->rounds.regular()) {
    maintain(now);
  } else if (const auto due = maintenance_deadline(); due && *due <= now.steady) {
    maintain(now);
    state_->rounds.done(now.steady);
  } else {
    state_->tree.refresh();
  }
  if (state_->peers.suspicions() != state_->suspicions_seen || state_->peers.any_stranded()) {
    state_->suspicions_seen = state_->peers.suspicions();
    state_->paths.send_stranded(now);
  }
  state_->paths.tick(now);
  state_->directory.tick(now);
  state_->directory.pump(now);
  state_->tracer.tick(now);
}

/// Between rounds of maintenance, only where we stand is kept up to date.
std::optional<Instant> Router::maintenance_deadline() const {
  const auto next =
      earlier(state_->tree.next_deadline(), state_->filters.next_deadline(state_->last_input));
  return next ? std::optional(state_->rounds.first_from(*next)) : std::nullopt;
}

std::optional<Instant> Router::next_deadline() const {
  std::optional<Instant> next = earlier(state_->peers.next_deadline(), maintenance_deadline());
  if (state_->rounds.regular()) next = earlier(next, state_->tree.refresh_deadline());
  next = earlier(next, state_->tracer.next_deadline());
  return earlier(next, earlier(state_->paths.next_deadline(), state_->directory.next_deadline()));
}

std::optional<RouterAction> Router::next_action() {
  if (state_->next_action == state_->actions.size()) {
    state_->actions.clear();
    state_->next_action = 0;
    return std::nullopt;
  }
  return std::move(state_->actions[state_->next_action++]);
}

const PublicKey& Router::public_key() const {
  return state_->identity.public_key();
}

PublicKey Router::root() const {
  return state_->tree.own_position().root;
}

const dht::Dht& Router::dht() const {
  return state_->directory.dht();
}

const DirectoryCounters& Router::directory_counters() const {
  return state_->directory.counters();
}

std::uint64_t Router::lookup_fallbacks() const {
  return directory_counters().fallbacks;
}

PublicKey Router::parent() const {
  return state_->tree.parent();
}

Path Router::coordinates() const {
  return state_->tree.own_position().coordinates;
}

std::vector<PeerInfo> Router::peers() const {
  std::vector<PeerInfo> list;
  for (const auto& [key, peer] : state_->peers.peers()) {
    PeerInfo info;
    info.key = key;
    info.port = peer.port;
    info.coordinates = peer.position.coordinates;
    info.cost = peer.cost();
    info.round_trip = peer.round_trip.value_or(Duration{});
    info.on_tree = peer.on_tree;
    for (const Link* link : peer.links) info.links.push_back(link->id);
    list.push_back(std::move(info));
  }
  return list;
}

std::vector<TreeEntry> Router::tree() const {
  std::vector<TreeEntry> list;
  for (const auto& [key, entry] : state_->tree.records().entries()) {
    list.push_back({key, entry.record.parent, entry.record.seq});
  }
  return list;
}

std::vector<PathInfo> Router::paths() const {
  std::vector<PathInfo> list;
  for (const auto& [key, path] : state_->paths.paths()) {
    list.push_back({key, path.view().to_path(), path.seq, path.broken});
  }
  return list;
}

std::size_t Router::longest_queue() const {
  return state_->peers.longest_queue();
}

std::uint64_t Router::dropped_frames() const {
  return counters().dropped.queue_full + counters().dropped.queue_delay;
}

const RouterCounters& Router::counters() const {
  return state_->counters;
}

std::size_t Router::state_bytes() const {
  return sizeof(State) + state_->peers.state_bytes() + state_->tree.state_bytes() +
         state_->paths.state_bytes();
}

std::uint64_t Router::tree_epoch() const {
  return state_->tree.epoch();
}

std::optional<PublicKey> Router::next_hop(const Path& destination, std::uint64_t watermark) const {
  const std::vector<std::uint8_t> wire = encode_path(destination);
  const auto hop = state_->paths.forwarder().next_hop(PathView(wire), watermark);
  return hop ? std::optional(hop->peer->key) : std::nullopt;
}

void Router::check_invariants() const {
  state_->peers.check_invariants();
  state_->tree.check_invariants();
  state_->paths.check_invariants();
}

}  // namespace thicket::routing
