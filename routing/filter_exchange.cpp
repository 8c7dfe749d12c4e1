#include "routing/filter_exchange.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace thicket::routing {

FilterExchange::FilterExchange(const PublicKey& self, const Policy& policy, PeerTable& peers)
    : policy_(policy), peers_(peers) {
  own_.add(BloomFilter::positions(LookupKey::of(self)));
}

void FilterExchange::link_added(Time now, Link& link, bool first_of_peer) {
  Peer& peer = *link.peer;
  // A slower link may deliver this filter after a newer one that took a faster link.
  if (!first_of_peer) peer.filters.repeat_at = now.steady + policy_.filter_shrink_interval;
  peers_.send(link, encode(BloomFrame{peer.filters.sent}));
  peer.filters.sent_at = now.steady;
  dirty_ = true;
}

void FilterExchange::link_removed(Peer& peer) {
  peers_.send(peer, encode(BloomFrame{peer.filters.sent}));
}

void FilterExchange::receive(Peer& peer, const BloomFilter& filter) {
  if (peer.filters.received == filter) return;
  peer.filters.received = filter;
  dirty_ = true;
}

/// What to send to `peer`, and when, if `wanted` is what it should have.
FilterExchange::Due FilterExchange::due(Instant now, const Peer& peer,
                                        const BloomFilter& wanted) const {
  const PeerFilters& filters = peer.filters;
  if (wanted == filters.sent) {
    return {wanted, filters.repeat_at.value_or(filters.sent_at + policy_.filter_repeat)};
  }
  const auto clear_at =
      filters.stale_since.value_or(filters.sent_at) + policy_.filter_shrink_interval;
  if (filters.sent.includes(wanted)) return {wanted, clear_at};
  // Keys that come all the time must not keep those that went from being cleared.
  if (filters.stale_since && clear_at <= now) return {wanted, filters.updates.available_at()};
  BloomFilter grown = wanted;
  grown.merge(filters.sent);
  return {grown, filters.updates.available_at()};
}

void FilterExchange::note_stale_keys(Instant now, Peer& peer, const BloomFilter& wanted) {
  if (wanted.includes(peer.filters.sent)) {
    peer.filters.stale_since.reset();
  } else if (!peer.filters.stale_since) {
    peer.filters.stale_since = now;
  }
}

void FilterExchange::send(Time now, Peer& peer, const BloomFilter& filter) {
  peer.filters.updates.take(now.steady);
  if (peer.filters.repeat_at && *peer.filters.repeat_at <= now.steady) {
    peer.filters.repeat_at.reset();
  }
  peer.filters.sent = filter;
  peer.filters.sent_at = now.steady;
  peers_.send(peer, encode(BloomFrame{filter}));
}

/// Sends `peer` what is due of `wanted`. When there is more to do.
Instant FilterExchange::update(Time now, Peer& peer, const BloomFilter& wanted) {
  note_stale_keys(now.steady, peer, wanted);
  Due to_send = due(now.steady, peer, wanted);
  if (to_send.at > now.steady) return to_send.at;
  send(now, peer, to_send.filter);
  note_stale_keys(now.steady, peer, wanted);
  return due(now.steady, peer, wanted).at;
}

/// The same in turns: new keys in one round, and in the next one no longer those that went.
Instant FilterExchange::update_in_round(Time now, Peer& peer, const BloomFilter& wanted) {
  PeerFilters& filters = peer.filters;
  const bool may_shrink = std::exchange(filters.grown, false) || !peer.on_tree;
  BloomFilter next = wanted;
  if (!may_shrink) next.merge(filters.sent);
  const bool changes = next != filters.sent;
  filters.grown = changes && !may_shrink;
  const auto repeat_at = [&] {
    return filters.repeat_at.value_or(filters.sent_at + policy_.filter_repeat);
  };
  if (changes || repeat_at() <= now.steady) send(now, peer, next);
  return filters.grown ? now.steady : repeat_at();
}

void FilterExchange::maintain(Time now) {
  if (!dirty_ && !(next_ && *next_ <= now.steady)) return;
  if (dirty_) ++epoch_;
  dirty_ = false;
  std::vector<Peer*> on_tree;
  for (auto& [key, peer] : peers_.peers()) {
    if (peer.on_tree) on_tree.push_back(&peer);
  }
  // What peer i must hear is all but its own filter: the union of those after it, from a sweep
  // backwards, and of those before it, gathered on the way.
  std::vector<BloomFilter> after(on_tree.size() + 1);
  for (std::size_t i = on_tree.size(); i-- > 0;) {
    after[i] = after[i + 1];
    after[i].merge(on_tree[i]->filters.received);
  }
  BloomFilter before = own_;
  std::size_t index = 0;
  next_.reset();
  for (auto& [key, peer] : peers_.peers()) {
    BloomFilter wanted;
    if (peer.on_tree) {
      wanted = before;
      wanted.merge(after[index + 1]);
      before.merge(peer.filters.received);
      ++index;
    }
    const Instant next = policy_.clear_filters_unasked ? update(now, peer, wanted)
                                                       : update_in_round(now, peer, wanted);
    next_ = next_ ? std::min(*next_, next) : next;
  }
}

std::optional<Instant> FilterExchange::next_deadline(Instant dirty_since) const {
  if (dirty_) return dirty_since;
  return next_;
}

}  // namespace thicket::routing
