#include <algorithm>

#include "routing/path_finder.hpp"

// The part of PathFinder that deals in signed paths: telling ours, believing others' (wire.md §5).
namespace thicket::routing {

/// Signs our coordinates anew if they changed, or once a second. The seq is Unix time, but rises
/// with every change however fast, so that those who hold an older path take the new one.
void PathFinder::sign_coordinates(Time now) {
  std::vector<std::uint8_t> coordinates = encode_path(tree_.own_position().coordinates);
  const bool changed = !signed_yet_ || coordinates != signed_coordinates_;
  if (!changed && now.unix_seconds <= own_seq_) return;
  const bool must_rise = changed && policy_.seq_outruns_clock;
  own_seq_ = std::max(now.unix_seconds, own_seq_ + (must_rise ? 1 : 0));
  signed_coordinates_ = std::move(coordinates);
  own_signature_ =
      cryptography_.sign(identity_, signed_bytes(own_seq_, PathView(signed_coordinates_)));
  signed_yet_ = true;
}

/// Sends what sign_coordinates() made last.
void PathFinder::tell_path(const PublicKey& to, const PathView& path) {
  const auto hop = forwarder_.next_hop(path, kNoWatermark);
  if (!hop) return;
  PathNotify notify;
  notify.path = path;
  notify.watermark = hop->watermark;
  notify.source = identity_.public_key();
  notify.dest = to;
  notify.seq = own_seq_;
  notify.coords = PathView(signed_coordinates_);
  notify.sig = own_signature_;
  ++peers_.counters().paths_told;
  peers_.send_expendable(*hop->peer, encode(notify));
}

/// Unasked: §5 accepts a higher seq with other coordinates from a node that one has a path to.
void PathFinder::tell_correspondents(Time now) {
  tell_at_.reset();
  last_told_ = now.steady;
  correspondents_.expire(now.steady);
  if (correspondents_.entries().empty()) return;
  sign_coordinates(now);
  for (const auto& [key, entry] : correspondents_.entries()) {
    if (entry.last_heard + policy_.correspondence <= now.steady) continue;
    const auto known = paths_.find(key);
    const bool signed_path = known != paths_.end() && !known->second.broken;
    if (!signed_path && !entry.has_way()) continue;
    tell_path(key, signed_path ? known->second.view() : PathView(entry.from));
  }
}

void PathFinder::receive(Time now, Peer& from, const PathNotify& notify, Packet body) {
  if (const auto hop = forwarder_.next_hop(notify.path, notify.watermark)) {
    set_watermark(body, notify.watermark_field, hop->watermark);
    peers_.send_expendable(*hop->peer, std::move(body));
  } else if (notify.dest == identity_.public_key()) {
    accept(now, from, notify);
  }
}

/// Whoever we talk to without a signed path, if the policy allows that.
Correspondents::Entry* PathFinder::way_back(Instant now, const PublicKey& key) {
  return policy_.trust_way_back ? correspondents_.way_back(now, key) : nullptr;
}

void PathFinder::accept(Time now, Peer& from, const PathNotify& notify) {
  if (notify.source == identity_.public_key()) return;
  if (notify.coords.wire().size() > limits::kPathBytes) return;
  if (observer_ != nullptr && observer_->expects(notify.source)) show(now, from, notify);
  const auto lookup = lookups_.find(LookupKey::of(notify.source));
  const auto known = paths_.find(notify.source);
  Correspondents::Entry* correspondent = way_back(now.steady, notify.source);
  if (known == paths_.end()) {
    // Whoever we talk to without a signed path may tell us one, as if we had asked.
    if (lookup == lookups_.end() && correspondent == nullptr) return;
  } else if (notify.seq <= known->second.seq) {
    return;
  }
  if (known != paths_.end() && !policy_.same_coordinates_renew &&
      std::ranges::equal(known->second.wire, notify.coords.wire())) {
    return;
  }
  TokenBucket& of_source = known != paths_.end()      ? known->second.notifies
                           : lookup != lookups_.end() ? lookup->second.notifies
                                                      : correspondent->notifies;
  if (!of_source.take(now.steady) || !from.budgets.notifies.take(now.steady)) return;
  const auto message = signed_bytes(notify.seq, notify.coords);
  if (!cryptography_.verify(notify.source, message, notify.sig)) return;
  if (directory_ != nullptr) directory_->learnt(now, notify);
  take_path(now, notify.source, notify.seq, notify.coords);
}

/// Whether we need the path or not.
void PathFinder::show(Time now, Peer& from, const PathNotify& notify) {
  if (!from.budgets.notifies.take(now.steady)) return;
  const auto message = signed_bytes(notify.seq, notify.coords);
  if (cryptography_.verify(notify.source, message, notify.sig)) observer_->told(now, notify);
}

/// A path that its owner has signed.
void PathFinder::take_path(Time now, const PublicKey& key, std::uint64_t seq,
                           const PathView& coords) {
  const bool fresh = !paths_.contains(key);
  if (fresh && paths_.size() >= limits::kPaths) make_room_for_path();
  KnownPath& path = paths_[key];
  path.wire.assign(coords.wire().begin(), coords.wire().end());
  path.seq = seq;
  path.lookup_key = LookupKey::of(key);
  path.broken = false;
  path.last_used = now.steady;
  if (!paths_checked_) paths_checked_ = now.steady;
  Correspondents::Entry* correspondent = way_back(now.steady, key);
  if (correspondent != nullptr && correspondent->copy) {
    if (now.steady - correspondent->last_sent < limits::kCopyLifetime) {
      send_along(now, key, path.view(), *correspondent->copy);
    }
    correspondent->copy.reset();
  }
  correspondents_.moved(key, coords);
  use_path(now, key, path);
}

/// Whatever waited for this path goes, oldest first.
void PathFinder::use_path(Time now, const PublicKey& key, KnownPath& path) {
  actions_.emplace_back(PathFound{key});
  if (path.copy) {
    // Nothing was heard from there since: it may have gone to where the node no longer is.
    if (now.steady - path.last_sent < limits::kCopyLifetime) {
      send_along(now, key, path.view(), *path.copy);
    }
    drop_own_copy(path);
  }
  const auto lookup = lookups_.find(LookupKey::of(key));
  if (lookup == lookups_.end()) return;
  path.looked_up = lookup->second.sent;
  if (policy_.keep_sent_packets) {
    for (WaitingPacket& packet : lookup->second.waiting) {
      Packet copy = packet.payload.clone();
      if (packet.to == key && send_along(now, key, path.view(), copy)) packet.sent = true;
    }
    return;
  }
  waiting_bytes_ -= lookup->second.waiting_bytes;
  std::deque<WaitingPacket> waiting = std::move(lookup->second.waiting);
  lookups_.erase(lookup);
  for (WaitingPacket& packet : waiting) {
    const bool sent = packet.to == key && send_along(now, key, path.view(), packet.payload);
    if (!sent && !packet.sent) ++peers_.counters().dropped.no_path;
  }
}

void PathFinder::make_room_for_path() {
  const auto oldest = std::min_element(
      paths_.begin(), paths_.end(),
      [](const auto& a, const auto& b) { return a.second.last_used < b.second.last_used; });
  drop_own_copy(oldest->second);
  paths_.erase(oldest);
}

}  // namespace thicket::routing
