#include "routing/path_finder.hpp"

#include <algorithm>

#include "crypto/invariant.hpp"
#include "crypto/state_bytes.hpp"
#include "routing/dht/message.hpp"

namespace thicket::routing {

PathFinder::PathFinder(const KeyPair& identity, const Cryptography& cryptography,
                       const Policy& policy, PeerTable& peers, const Tree& tree,
                       std::vector<RouterAction>& actions)
    : identity_(identity),
      cryptography_(cryptography),
      policy_(policy),
      peers_(peers),
      tree_(tree),
      forwarder_(peers, tree),
      actions_(actions) {}

// --- our own traffic -----------------------------------------------------------------------------

void PathFinder::send(Time now, const PublicKey& to, Packet payload) {
  if (to == identity_.public_key()) return;
  const auto known = paths_.find(to);
  if (known == paths_.end()) {
    send_without_path(now, to, std::move(payload));
    return;
  }
  KnownPath& path = known->second;
  const bool ageing = now.steady - path.last_used > limits::kPathLifetime * 3 / 4;
  std::optional<Packet> copy;
  if (path.broken || policy_.keep_sent_packets) copy = payload.clone();
  if (!copy) keep_own_copy(now, path, payload);
  const bool sent = send_along(now, to, path.view(), payload);
  if (!sent) {
    path.broken = true;
    drop_own_copy(path);  // the packet itself waits
    if (!copy) copy = std::move(payload);
  }
  const bool look_up = policy_.look_up_weak_paths ? path.broken || ageing : !sent;
  if (!copy && !look_up) return;
  Lookup& lookup = want(now, to);
  // §5: the newest packet goes again once there is a better path.
  if (copy) keep_packet(lookup, {to, std::move(*copy), sent});
  if (look_up) try_lookup(now, lookup);
}

/// Its own word on where it is will do until there is a signed one.
void PathFinder::send_without_path(Time now, const PublicKey& to, Packet payload) {
  Correspondents::Entry* hint =
      policy_.use_way_back ? correspondents_.way_back(now.steady, to) : nullptr;
  bool sent = false;
  if (hint != nullptr && hint->has_way()) {
    Packet copy = payload.clone();
    sent = send_along(now, to, PathView(hint->from), copy);
    hint->tried = hint->tried || sent;
  }
  const bool trusted = sent && policy_.trust_way_back && hint->sent_back < limits::kUnsignedPackets;
  if (trusted) ++hint->sent_back;
  if (trusted && hint->proven) {
    if (policy_.resend_lost && payload.size() <= limits::kCopyBytes) {
      hint->copy = Packet::copy_of(std::as_const(payload).bytes());  // in a buffer of its size
      hint->last_sent = now.steady;
    }
    return;
  }
  const bool fresh = lookups_.find(LookupKey::of(to)) == lookups_.end();
  Lookup& lookup = want(now, to);
  keep_packet(lookup, {to, std::move(payload), sent});
  if (trusted && fresh) {
    lookup.postponed = now.steady + limits::kWayBackPatience;
    note_due(lookup);
  } else if (!trusted || !lookup.postponed) {
    try_lookup(now, lookup);
  }
}

/// The way back works.
void PathFinder::cancel_postponed(const PublicKey& key) {
  const auto lookup = lookups_.find(LookupKey::of(key));
  if (lookup == lookups_.end() || !lookup->second.postponed) return;
  waiting_bytes_ -= lookup->second.waiting_bytes;
  lookups_.erase(lookup);
}

void PathFinder::note_correspondent(Instant now, const PublicKey& key, const PathView& from) {
  if (policy_.tell_correspondents || policy_.use_way_back) correspondents_.heard(now, key, from);
}

/// False if nobody is nearer to the end of `path`; then `payload` is as it was.
bool PathFinder::send_along(Time now, const PublicKey& to, const PathView& path, Packet& payload) {
  const auto hop = forwarder_.next_hop(path, kNoWatermark);
  if (!hop) return false;
  Traffic header;
  const std::vector<std::uint8_t> from = encode_path(tree_.own_position().coordinates);
  header.path = path;
  header.from = PathView(from);
  header.source = identity_.public_key();
  header.dest = to;
  header.watermark = hop->watermark;
  prepend_traffic_header(payload, header);
  if (payload.size() > kMaxFrameSize) {
    ++peers_.counters().dropped.oversized;
    return true;
  }
  peers_.send_traffic(now.steady, *hop->peer, to, header.source, std::move(payload));
  return true;
}

void PathFinder::receive(Time now, Peer& from, const Traffic& traffic, Packet body) {
  if (const auto hop = forwarder_.next_hop(traffic.path, traffic.watermark)) {
    set_watermark(body, traffic.watermark_field, hop->watermark);
    const PublicKey dest = traffic.dest;
    const PublicKey source = traffic.source;
    peers_.send_traffic(now.steady, *hop->peer, dest, source, std::move(body));
  } else if (traffic.dest == identity_.public_key()) {
    deliver(now, from, traffic, std::move(body));
  } else {
    ++peers_.counters().dropped.no_next_hop;
    report_broken(now, from, traffic);
  }
}

void PathFinder::deliver(Time now, Peer& from, const Traffic& traffic, Packet body) {
  const PublicKey source = traffic.source;
  if (source == identity_.public_key()) return;
  const ByteView payload = std::as_const(body).bytes().subspan(traffic.payload_offset);
  if (!payload.empty() && payload[0] == dht::kPayloadType) {
    if (directory_ != nullptr) directory_->receive(now, source, from.key, payload);
    return;
  }
  note_correspondent(now.steady, source, traffic.from);
  if (const auto* entry = correspondents_.find(source); entry != nullptr && entry->proven) {
    cancel_postponed(source);
  }
  const auto known = paths_.find(source);
  if (known != paths_.end()) {
    drop_own_copy(known->second);
    if (!known->second.broken) known->second.last_used = now.steady;
  }
  body.pop_front(traffic.payload_offset);
  actions_.emplace_back(DeliverPayload{source, std::move(body)});
}

void PathFinder::report_broken(Time now, Peer& from, const Traffic& traffic) {
  if (!from.budgets.broken.take(now.steady)) return;
  const auto hop = forwarder_.next_hop(traffic.from, kNoWatermark);
  if (!hop) return;
  PathBroken broken;
  broken.path = traffic.from;
  broken.watermark = hop->watermark;
  broken.source = traffic.source;
  broken.dest = traffic.dest;
  ++peers_.counters().brokens_sent;
  peers_.send_expendable(*hop->peer, encode(broken));
}

void PathFinder::receive(Time now, Peer&, const PathBroken& broken, Packet body) {
  if (const auto hop = forwarder_.next_hop(broken.path, broken.watermark)) {
    set_watermark(body, broken.watermark_field, hop->watermark);
    peers_.send_expendable(*hop->peer, std::move(body));
    return;
  }
  if (broken.source != identity_.public_key()) return;
  const auto known = paths_.find(broken.dest);
  const bool sent =
      known != paths_.end() && now.steady - known->second.last_sent < limits::kCopyLifetime;
  if (directory_ != nullptr) directory_->path_broken(now, broken.dest, sent);
  if (known == paths_.end()) {
    const auto lookup = lookups_.find(LookupKey::of(broken.dest));
    if (lookup != lookups_.end() && lookup->second.postponed) try_lookup(now, lookup->second);
    correspondent_broken(now, broken.dest);
    return;
  }
  known->second.broken = true;
  Lookup& lookup = want(now, broken.dest);
  if (std::optional<Packet>& copy = known->second.copy) {
    if (now.steady - known->second.last_sent < limits::kCopyLifetime) {
      keep_packet(lookup, {broken.dest, std::move(*copy), true});
    }
    drop_own_copy(known->second);
  }
  try_lookup(now, lookup);
}

// --- lookups -------------------------------------------------------------------------------------

void PathFinder::lookup(Time now, const PublicKey& key_or_partial_key) {
  const LookupKey wanted = LookupKey::of(key_or_partial_key);
  if (wanted == LookupKey::of(identity_.public_key())) return;
  try_lookup(now, want(now, key_or_partial_key));
  // A partial key that we know already is found at once; its lookup only confirms it.
  for (const auto& [key, path] : paths_) {
    if (path.lookup_key == wanted) actions_.emplace_back(PathFound{key});
  }
}

PathFinder::Lookup& PathFinder::want(Time now, const PublicKey& dest) {
  const LookupKey key = LookupKey::of(dest);
  auto place = lookups_.find(key);
  if (place == lookups_.end()) {
    if (lookups_.size() >= limits::kLookups) evict_lookup();
    place = lookups_.try_emplace(key).first;
    place->second.dest = dest;
    place->second.interval = policy_.lookup_retry_first;
    if (const auto known = paths_.find(dest); known != paths_.end()) {
      place->second.sent = known->second.looked_up;
      place->second.sent_from = tree_.own_position().coordinates;
    }
  }
  place->second.wanted_until = now.steady + policy_.lookup_lifetime;
  note_due(place->second);
  return place->second;
}

/// Sends the lookup unless one went out within its interval.
void PathFinder::try_lookup(Time now, Lookup& lookup) {
  lookup.postponed.reset();
  if (lookup.sent && now.steady < *lookup.sent + limits::kLookupInterval) return;
  if (!ask(now, lookup) && policy_.repeat_lookups) {
    lookup.sent.reset();  // surroundings_changed() will try again
    return;
  }
  lookup.interval =
      lookup.sent ? std::min(lookup.interval * 2, policy_.lookup_retry_max) : lookup.interval;
  lookup.sent = now.steady;
  lookup.sent_from = tree_.own_position().coordinates;
  note_due(lookup);
}

/// When the lookup must go out again, or is given up.
Instant PathFinder::due_at(const Lookup& lookup) const {
  if (lookup.postponed) return *lookup.postponed;
  const Instant until = std::min(lookup.wanted_until, lookup.second_at.value_or(Instant::max()));
  if (!lookup.sent || !policy_.repeat_lookups) return until;
  // Answers to a lookup from where we no longer are go astray.
  const bool astray = lookup.sent_from != tree_.own_position().coordinates;
  return std::min(until, *lookup.sent + (astray ? limits::kLookupInterval : lookup.interval));
}

void PathFinder::note_due(const Lookup& lookup) {
  const Instant due = due_at(lookup);
  if (!lookups_due_ || due < *lookups_due_) lookups_due_ = due;
}

/// 0 if no peer's filter holds the key: then nothing went out, and nothing counts as sent.
std::size_t PathFinder::ask_filters(const PublicKey& dest) {
  const auto positions = BloomFilter::positions(LookupKey::of(dest));
  const std::vector<std::uint8_t> from = encode_path(tree_.own_position().coordinates);
  std::size_t asked = 0;
  for (auto& [key, peer] : peers_.peers()) {
    if (!peer.on_tree || !peer.filters.received.may_contain(positions)) continue;
    peers_.send_expendable(peer, encode(PathLookup{identity_.public_key(), dest, PathView(from)}));
    ++asked;
  }
  if (asked != 0) ++peers_.counters().lookups_started;
  return asked;
}

void PathFinder::receive(Time now, Peer& from, const PathLookup& lookup, const Packet& body) {
  if (!from.on_tree || lookup.source == identity_.public_key()) return;
  if (lookup.from.wire().size() > limits::kPathBytes) return;
  if (!from.budgets.lookups.take(now.steady)) return;
  const LookupKey wanted = LookupKey::of(lookup.dest);
  const auto positions = BloomFilter::positions(wanted);
  for (auto& [key, peer] : peers_.peers()) {
    if (&peer == &from || !peer.on_tree) continue;
    if (!peer.filters.received.may_contain(positions)) continue;
    ++peers_.counters().lookups_forwarded;
    peers_.send_expendable(peer, body.clone());
  }
  if (wanted != LookupKey::of(identity_.public_key())) return;
  note_correspondent(now.steady, lookup.source, lookup.from);
  sign_coordinates(now);
  tell_path(lookup.source, lookup.from);
}

void PathFinder::keep_packet(Lookup& lookup, WaitingPacket packet) {
  lookup.waiting_bytes += packet.payload.capacity();
  waiting_bytes_ += packet.payload.capacity();
  lookup.waiting.push_back(std::move(packet));
  while (lookup.waiting.size() > policy_.packets_per_lookup ||
         (lookup.waiting.size() > 1 && lookup.waiting_bytes > limits::kPacketBytesPerLookup)) {
    drop_oldest(lookup);
  }
  while (waiting_bytes_ > limits::kPacketBytesAllLookups) {
    const auto largest =
        std::max_element(lookups_.begin(), lookups_.end(), [](const auto& a, const auto& b) {
          return a.second.waiting_bytes < b.second.waiting_bytes;
        });
    drop_oldest(largest->second);
  }
}

void PathFinder::drop_oldest(Lookup& lookup) {
  const std::size_t bytes = lookup.waiting.front().payload.capacity();
  if (!lookup.waiting.front().sent) ++peers_.counters().dropped.no_path;
  lookup.waiting.pop_front();
  lookup.waiting_bytes -= bytes;
  waiting_bytes_ -= bytes;
}

void PathFinder::forget_packets(Lookup& lookup) {
  while (!lookup.waiting.empty()) drop_oldest(lookup);
}

void PathFinder::evict_lookup() {
  const auto oldest = std::min_element(
      lookups_.begin(), lookups_.end(),
      [](const auto& a, const auto& b) { return a.second.wanted_until < b.second.wanted_until; });
  forget_packets(oldest->second);
  lookups_.erase(oldest);
}

// --- time ----------------------------------------------------------------------------------------

void PathFinder::surroundings_changed(Time now) {
  const Path& coordinates = tree_.own_position().coordinates;
  if (policy_.repeat_lookups) {
    for (auto& [key, lookup] : lookups_) {
      if (lookup.postponed) continue;
      if (!lookup.sent || lookup.sent_from != coordinates) try_lookup(now, lookup);
      note_due(lookup);
    }
  }
  if (!policy_.tell_correspondents || coordinates == told_coordinates_) return;
  told_coordinates_ = coordinates;
  tell_at_ = std::max(now.steady + policy_.notify_delay, last_told_ + policy_.notify_interval);
}

void PathFinder::tick(Time now) {
  if (stranded_due_ && *stranded_due_ <= now.steady) send_stranded(now);
  if (tell_at_ && *tell_at_ <= now.steady) tell_correspondents(now);
  if (lookups_due_ && *lookups_due_ <= now.steady) tick_lookups(now);
  if (!paths_checked_) paths_checked_ = now.steady;
  if (*paths_checked_ + limits::kPathLifetime / 4 <= now.steady) expire_paths(now);
}

void PathFinder::tick_lookups(Time now) {
  lookups_due_.reset();
  for (auto it = lookups_.begin(); it != lookups_.end();) {
    Lookup& lookup = it->second;
    if (lookup.wanted_until <= now.steady) {
      forget_packets(lookup);
      it = lookups_.erase(it);
      continue;
    }
    if (lookup.second_at && *lookup.second_at <= now.steady) ask_second(now, lookup);
    if (due_at(lookup) <= now.steady) try_lookup(now, lookup);
    note_due(lookup);
    ++it;
  }
}

void PathFinder::expire_paths(Time now) {
  paths_checked_ = now.steady;
  correspondents_.expire(now.steady);
  for (auto& [key, path] : paths_) {
    if (path.last_sent + limits::kCopyLifetime <= now.steady) drop_own_copy(path);
  }
  for (auto path = paths_.begin(); path != paths_.end();) {
    if (path->second.last_used + limits::kPathLifetime <= now.steady) {
      drop_own_copy(path->second);
      path = paths_.erase(path);
    } else {
      ++path;
    }
  }
}

std::optional<Instant> PathFinder::next_deadline() const {
  std::optional<Instant> next = tell_at_;
  const auto consider = [&next](Instant time) {
    if (!next || time < *next) next = time;
  };
  if (stranded_due_) consider(*stranded_due_);
  if (lookups_due_) consider(*lookups_due_);
  if (paths_checked_ && !(paths_.empty() && correspondents_.entries().empty())) {
    consider(*paths_checked_ + limits::kPathLifetime / 4);
  }
  return next;
}

std::size_t PathFinder::state_bytes() const {
  std::size_t bytes = tree_bytes(paths_) + tree_bytes(lookups_) + waiting_bytes_;
  for (const auto& [key, path] : paths_) {
    bytes += path.wire.size() + (path.copy ? path.copy->capacity() : 0);
  }
  for (const Stranded& stranded : stranded_) bytes += sizeof(Stranded) + stranded.body.capacity();
  for (const auto& [key, lookup] : lookups_) bytes += lookup.sent_from.size() * sizeof(Port);
  return bytes + correspondents_.state_bytes() + forwarder_.state_bytes();
}

void PathFinder::check_invariants() const {
  forwarder_.check_invariants();
  INVARIANT(paths_.size() <= limits::kPaths);
  INVARIANT(lookups_.size() <= limits::kLookups);
  INVARIANT(correspondents_.entries().size() <= limits::kCorrespondents);
  std::size_t bytes = 0;
  for (const auto& [key, lookup] : lookups_) {
    std::size_t of_lookup = 0;
    for (const WaitingPacket& packet : lookup.waiting) of_lookup += packet.payload.capacity();
    INVARIANT(of_lookup == lookup.waiting_bytes);
    INVARIANT(lookup.waiting.size() <= policy_.packets_per_lookup);
    bytes += of_lookup;
  }
  INVARIANT(bytes == waiting_bytes_);
  INVARIANT(waiting_bytes_ <= limits::kPacketBytesAllLookups);
  INVARIANT(stranded_.size() <= limits::kStranded);
  const auto copies = std::count_if(paths_.begin(), paths_.end(),
                                    [](const auto& path) { return path.second.copy.has_value(); });
  INVARIANT(static_cast<std::size_t>(copies) == own_copies_);
  INVARIANT(own_copies_ <= limits::kCopiesOfOwn);
}

}  // namespace thicket::routing
