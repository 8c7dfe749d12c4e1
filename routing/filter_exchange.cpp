#include "routing/filter_exchange.hpp"

#include <algorithm>
#include <utility>

namespace thicket::routing {

FilterExchange::FilterExchange(const PublicKey& self, const Policy& policy, PeerTable& peers)
    : policy_(policy), peers_(peers) {
  BloomFilter own;
  own.add(BloomFilter::positions(LookupKey::of(self)));
  own_ = PackedFilter(own);
}

void FilterExchange::link_added(Time now, Link& link, bool first_of_peer) {
  Peer& peer = *link.peer;
  // A slower link may deliver this filter after a newer one that took a faster link.
  if (!first_of_peer) peer.filters.repeat_at = now.steady + policy_.filter_shrink_interval;
  peers_.send(link, encode(BloomFrame{peer.filters.sent.unpack()}));
  peer.filters.sent_at = now.steady;
  dirty_ = true;
}

void FilterExchange::link_removed(Peer& peer) {
  peers_.send(peer, encode(BloomFrame{peer.filters.sent.unpack()}));
}

void FilterExchange::receive(Peer& peer, const BloomFilter& filter) {
  PackedFilter packed(filter);
  if (peer.filters.received == packed) return;
  peer.filters.received = std::move(packed);
  dirty_ = true;
}

void FilterExchange::Union::add(const BloomFilter& filter) {
  BloomFilter again = filter;
  again.intersect(any);
  shared.merge(again);
  any.merge(filter);
}

BloomFilter FilterExchange::Union::without(const BloomFilter& filter) const {
  BloomFilter others = any;
  others.remove(filter);
  others.merge(shared);
  return others;
}

/// Of our own key and of what lies behind the peers on the tree.
FilterExchange::Union FilterExchange::united() const {
  Union all;
  all.add(own_.unpack());
  for (const auto& [key, peer] : peers_.peers()) {
    if (peer.on_tree) all.add(peer.filters.received.unpack());
  }
  return all;
}

/// What to send to a peer that was last sent `sent`, and when, if `wanted` is what it should have.
FilterExchange::Due FilterExchange::due(Instant now, const PeerFilters& filters,
                                        const BloomFilter& sent, const BloomFilter& wanted) const {
  if (wanted == sent) {
    return {wanted, filters.repeat_at.value_or(filters.sent_at + policy_.filter_repeat)};
  }
  const auto clear_at =
      filters.stale_since.value_or(filters.sent_at) + policy_.filter_shrink_interval;
  if (sent.includes(wanted)) return {wanted, clear_at};
  // Keys that come all the time must not keep those that went from being cleared.
  if (filters.stale_since && clear_at <= now) return {wanted, filters.updates.available_at()};
  BloomFilter grown = wanted;
  grown.merge(sent);
  return {grown, filters.updates.available_at()};
}

void FilterExchange::note_stale_keys(Instant now, PeerFilters& filters, const BloomFilter& sent,
                                     const BloomFilter& wanted) {
  if (wanted.includes(sent)) {
    filters.stale_since.reset();
  } else if (!filters.stale_since) {
    filters.stale_since = now;
  }
}

void FilterExchange::send(Time now, Peer& peer, const BloomFilter& filter) {
  peer.filters.updates.take(now.steady);
  if (peer.filters.repeat_at && *peer.filters.repeat_at <= now.steady) {
    peer.filters.repeat_at.reset();
  }
  peer.filters.sent = PackedFilter(filter);
  peer.filters.sent_at = now.steady;
  peers_.send(peer, encode(BloomFrame{filter}));
}

/// Sends `peer` what is due of `wanted`. When there is more to do.
Instant FilterExchange::update(Time now, Peer& peer, const BloomFilter& wanted) {
  const BloomFilter sent = peer.filters.sent.unpack();
  note_stale_keys(now.steady, peer.filters, sent, wanted);
  const Due to_send = due(now.steady, peer.filters, sent, wanted);
  if (to_send.at > now.steady) return to_send.at;
  send(now, peer, to_send.filter);
  note_stale_keys(now.steady, peer.filters, to_send.filter, wanted);
  return due(now.steady, peer.filters, to_send.filter, wanted).at;
}

/// The same in turns: new keys in one round, and in the next one no longer those that went.
Instant FilterExchange::update_in_round(Time now, Peer& peer, const BloomFilter& wanted) {
  PeerFilters& filters = peer.filters;
  const BloomFilter sent = filters.sent.unpack();
  const bool may_shrink = std::exchange(filters.grown, false) || !peer.on_tree;
  BloomFilter next = wanted;
  if (!may_shrink) next.merge(sent);
  const bool changes = next != sent;
  filters.grown = changes && !may_shrink;
  const auto repeat_at = [&] {
    return filters.repeat_at.value_or(filters.sent_at + policy_.filter_repeat);
  };
  if (changes || repeat_at() <= now.steady) send(now, peer, next);
  return filters.grown ? now.steady : repeat_at();
}

void FilterExchange::maintain(Time now) {
  if (!dirty_ && !(next_ && *next_ <= now.steady)) return;
  if (!sweeps_.take(now.steady)) return;
  if (dirty_) ++epoch_;
  dirty_ = false;
  const Union all = united();
  next_.reset();
  for (auto& [key, peer] : peers_.peers()) {
    // A peer must hear of all that lies behind us, but not of what it told us itself.
    const BloomFilter wanted =
        peer.on_tree ? all.without(peer.filters.received.unpack()) : BloomFilter();
    const Instant next = policy_.clear_filters_unasked ? update(now, peer, wanted)
                                                       : update_in_round(now, peer, wanted);
    next_ = next_ ? std::min(*next_, next) : next;
  }
}

std::optional<Instant> FilterExchange::next_deadline(Instant dirty_since) const {
  const std::optional<Instant> next = dirty_ ? dirty_since : next_;
  return next ? std::optional(std::max(*next, sweeps_.available_at())) : std::nullopt;
}

}  // namespace thicket::routing
