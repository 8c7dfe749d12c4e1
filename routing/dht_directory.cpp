#include "routing/dht_directory.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace thicket::routing {

DhtDirectory::DhtDirectory(const PublicKey& own, const Cryptography& cryptography, Random& random,
                           DhtParticipation participation, PeerTable& peers, const Tree& tree,
                           PathFinder& paths)
    : participation_(participation),
      random_(random),
      peers_(peers),
      tree_(tree),
      paths_(paths),
      root_(own),
      dht_(own, cryptography, random, *this),
      search_(own, peers, tree) {}

void DhtDirectory::peer_is_capable(Time now, const PublicKey& peer) {
  if (participation_ == DhtParticipation::none) return;
  if (peers_.find(peer) == nullptr || !capable_.insert(peer).second) return;
  tell_peers(now);
}

void DhtDirectory::introduce(Time now, const PublicKey& key) {
  if (participation_ == DhtParticipation::none) return;
  if (dht_.table().find(dht::Identifier::of(key)) != nullptr) return;
  const auto path = paths_.any_path(now, key);
  if (!path || !introductions_.take(now.steady)) return;
  ++counters_.introductions;
  dht_.introduce(now, key, PathView(*path));
}

void DhtDirectory::peer_gone(Time now, const PublicKey& peer) {
  if (capable_.erase(peer) != 0) tell_peers(now);
}

void DhtDirectory::surroundings_changed(Time now) {
  if (!capable_.empty()) tell_peers(now);
  // Not at once: the first root that we hear of may not be the last.
  const bool seeking = participation_ == DhtParticipation::seeking;
  if (seeking && !search_at_) search_at_ = now.steady + dht::limits::kSearchInterval;
  const Path& coordinates = tree_.own_position().coordinates;
  if (coordinates == coordinates_) return;
  const auto kept = static_cast<std::size_t>(std::ranges::mismatch(coordinates, coordinates_).in1 -
                                             coordinates.begin());
  coordinates_ = coordinates;
  dht_.coordinates_changed(now, kept);
  const PublicKey& root = tree_.own_position().root;
  if (root < root_) dht_.network_grew(now);
  root_ = root;
}

/// Only those in our tree: the places of others say nothing here.
void DhtDirectory::tell_peers(Time now) {
  std::vector<dht::CapablePeer> list;
  for (const PublicKey& key : capable_) {
    const Peer* peer = peers_.find(key);
    if (peer == nullptr || peer->position.root != tree_.own_position().root) continue;
    list.push_back({key, encode_path(peer->position.coordinates)});
  }
  if (list == told_) return;
  told_ = list;
  dht_.peers_changed(now, std::move(list));
}

void DhtDirectory::tick(Time now) {
  dht_.tick(now);
  if (search_at_ && *search_at_ <= now.steady) search(now);
}

std::optional<Instant> DhtDirectory::next_deadline() const {
  const auto next = dht_.next_deadline();
  if (!next || !search_at_) return next ? next : search_at_;
  return std::min(*next, *search_at_);
}

/// Asks one node above us, if we know nobody who takes part.
void DhtDirectory::search(Time now) {
  namespace limits = dht::limits;
  search_at_ = now.steady + limits::kSearchPause;
  if (dht_.joined() || !capable_.empty()) return;
  const auto candidate = search_.next(now.steady);
  if (!candidate) return;
  const auto jitter = static_cast<std::uint64_t>(Duration(limits::kSearchInterval).count());
  search_at_ = now.steady + limits::kSearchInterval + Duration(random_.below(jitter));
  ++counters_.searches;
  const std::vector<std::uint8_t> path = encode_path(candidate->path);
  dht_.introduce(now, candidate->key, PathView(path));
}

void DhtDirectory::pump(Time now) {
  while (auto action = dht_.next_action()) {
    if (auto* send = std::get_if<dht::SendDatagram>(&*action)) {
      const bool sent = paths_.send_datagram(now, send->to, PathView(send->path), send->payload);
      if (!sent) dht_.path_broken(now, send->to, false);
    } else if (auto* found = std::get_if<dht::RecordFound>(&*action)) {
      const dht::PathRecord& record = found->record;
      paths_.found(now, record.key, record.seq, record.path());
    } else if (auto* failed = std::get_if<dht::LookupFailed>(&*action)) {
      paths_.not_found(now, failed->asked);
    } else if (const auto* ended = std::get_if<dht::WalkEnded>(&*action)) {
      if (observer_ != nullptr) observer_->walk_ended(now, *ended);
    }
  }
}

/// The filters lead to the node and back, and astray: a subtree whose filter claims nearly every
/// key is visited in vain, in part, by each lookup. How many nodes there are is told by how densely
/// identifiers lie around ours. On preferential-attachment trees one in some 2000 nodes was
/// visited, as measured.
std::size_t DhtDirectory::ways_before_filters() const {
  constexpr double kNodesPerFalseVisit = 2000;
  double likeliest = 0;
  double sum = 0;
  for (const auto& [key, peer] : peers_.peers()) {
    if (!peer.on_tree) continue;
    const double fill = static_cast<double>(peer.filters.received.ones()) / BloomFilter::kBits;
    const double squared = fill * fill;
    const double fourth = squared * squared;
    const double claims = fourth * fourth;
    likeliest = std::max(likeliest, claims);
    sum += claims;
  }
  const double astray = sum + likeliest * dht_.estimated_nodes() / kNodesPerFalseVisit;
  const double by_filters = dht_.there_and_back() + astray;
  const double by_directory = dht_.expected_transmissions();
  if (by_filters <= by_directory) return 0;
  // A record that is not where it belongs is seldom found on the next way: while the filters cost
  // no more than that, they are the surer ones.
  const double worth = by_directory > 0 ? by_filters / by_directory : 1;
  return static_cast<std::size_t>(std::clamp(worth, 1.0, double{dht::limits::kAttempts}));
}

void DhtDirectory::lookup(Time now, const PublicKey& key_or_partial_key, std::uint64_t newer_than,
                          std::size_t ways) {
  dht_.lookup(now, key_or_partial_key, newer_than, ways);
}

void DhtDirectory::receive(Time now, const PublicKey& source, const PublicKey& peer,
                           ByteView payload) {
  if (participation_ == DhtParticipation::none) return;
  dht_.receive(now, source, peer, payload);
}

void DhtDirectory::path_broken(Time now, const PublicKey& key, bool sent_traffic) {
  dht_.path_broken(now, key, sent_traffic);
}

void DhtDirectory::learnt(Time now, const PathNotify& notify) {
  if (!dht_.joined()) return;
  dht::PathRecord record;
  record.key = notify.source;
  record.seq = notify.seq;
  // The signature covers the minimal form.
  record.coords = encode_path(notify.coords.to_path());
  record.sig = notify.sig;
  if (record.coords.size() <= dht::limits::kPathBytes) dht_.learnt(now, record);
}

dht::PathRecord DhtDirectory::own_record(Time now) {
  return paths_.own_record(now);
}

std::optional<dht::Way> DhtDirectory::way_to(const PathView& path) const {
  const auto hop = paths_.forwarder().next_hop(path, kNoWatermark);
  if (!hop) return std::nullopt;
  return dht::Way{tree_distance(path, tree_.own_position().coordinates), hop->peer->port.value};
}

}  // namespace thicket::routing
