#include <algorithm>

#include "routing/path_finder.hpp"

// The part of PathFinder that sends again what nobody may have heard: packets of ours along a path
// that broke, and traffic over links that went silent.
namespace thicket::routing {

void PathFinder::keep_own_copy(Time now, KnownPath& path, const Packet& payload) {
  const bool quiet = now.steady - path.last_sent >= limits::kQuiet;
  path.last_sent = now.steady;
  if (!policy_.resend_lost) return;
  drop_own_copy(path);
  if (!quiet || payload.size() > limits::kCopyBytes || own_copies_ >= limits::kCopiesOfOwn) return;
  path.copy = Packet::copy_of(payload.bytes());
  ++own_copies_;
}

/// The way back that a node named is no way any more.
void PathFinder::correspondent_broken(Time now, const PublicKey& key) {
  Correspondents::Entry* entry = correspondents_.way_back(now.steady, key);
  if (entry == nullptr) return;
  std::optional<Packet> copy = std::move(entry->copy);
  const bool recent = now.steady - entry->last_sent < limits::kCopyLifetime;
  Correspondents::way_broken(*entry);
  if (!copy || !recent) return;
  Lookup& lookup = want(now, key);
  keep_packet(lookup, {key, std::move(*copy), true});
  try_lookup(now, lookup);
}

void PathFinder::drop_own_copy(KnownPath& path) {
  if (!path.copy) return;
  path.copy.reset();
  --own_copies_;
}

void PathFinder::send_stranded(Time now) {
  stranded_due_.reset();
  for (Packet& body : peers_.take_stranded()) {
    stranded_.push_back({std::move(body), now.steady + limits::kCopyLifetime});
  }
  while (stranded_.size() > limits::kStranded) stranded_.pop_front();
  std::erase_if(stranded_, [&](Stranded& stranded) {
    return stranded.until <= now.steady || forward_stranded(now, stranded.body);
  });
  if (!stranded_.empty()) stranded_due_ = now.steady + limits::kStrandedRetry;
}

/// It had found a way before, so where it came from does not bound where it may go now; that it is
/// sent again at most once for every link that goes silent does.
bool PathFinder::forward_stranded(Time now, Packet& body) {
  const auto traffic = decode_traffic(std::as_const(body).bytes());
  if (!traffic) return true;
  const auto hop = forwarder_.next_hop(traffic->path, kNoWatermark);
  if (!hop || hop->peer->suspect()) return false;
  const PublicKey dest = traffic->dest;
  const PublicKey source = traffic->source;
  set_watermark(body, traffic->watermark_field, hop->watermark);
  peers_.send_traffic(now.steady, *hop->peer, dest, source, std::move(body));
  return true;
}

}  // namespace thicket::routing
