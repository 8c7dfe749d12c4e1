#include "routing/tree.hpp"

#include <algorithm>

#include "crypto/invariant.hpp"

namespace thicket::routing {

Tree::Tree(const KeyPair& identity, const Cryptography& cryptography, Random& random,
           const Policy& policy, PeerTable& peers)
    : identity_(identity),
      cryptography_(cryptography),
      random_(random),
      policy_(policy),
      peers_(peers) {}

void Tree::start(Time now) {
  become_root(now, now.unix_seconds);
  refresh_positions();
  lineage_ = {identity_.public_key(), 0};
}

const PublicKey& Tree::parent() const {
  return records_.find(identity_.public_key())->record.parent;
}

void Tree::link_added(Time now, Link& link, bool first_of_peer) {
  Peer& peer = *link.peer;
  if (first_of_peer) {
    request(now, peer);
    probe_links(now);
  } else {
    // §3: what it knows may have been lost with another link, so it is told again.
    for (const auto& [key, entry] : records_.entries()) {
      if (entry.known_to.contains(peer.port)) {
        peers_.send(link, encode(entry.record.announce(key)));
      }
    }
    peers_.send(link, encode(peer.offer.request));
  }
  mark_all_changed(now.steady);
}

void Tree::link_removed(Time now, const PublicKey& key, std::optional<Port> last_of_port) {
  probe_links(now);
  if (last_of_port) {
    records_.forget_peer(*last_of_port);
  } else if (Peer* peer = peers_.find(key)) {
    // Frames may have been lost with the link that went: tell the peer everything again.
    records_.forget_peer(peer->port);
    peer->gossip_due = true;
    if (!peer->offer.response) request(now, *peer);
  }
  mark_all_changed(now.steady);
}

void Tree::receive(Time now, Link& link, const Announce& announce) {
  Peer& peer = *link.peer;
  const Record record = Record::of(announce);
  RecordTable::Entry* held = records_.find(announce.key);
  if (held != nullptr && held->record == record) {
    held->known_to.insert(peer.port);
    return;
  }
  if (held != nullptr && !supersedes(record, held->record)) {
    held->known_to.insert(peer.port);
    peers_.send(link, encode(held->record.announce(announce.key)));
    return;
  }
  const auto waiting = peer.backlog.find(announce.key);
  const bool key_may_change = held == nullptr || held->changes.available(now.steady);
  if (waiting != peer.backlog.end() || !key_may_change || !may_verify(now.steady, peer)) {
    defer(peer, announce);
    return;
  }
  accept(now, link, announce);
}

bool Tree::may_verify(Instant now, Peer& peer) {
  return all_announces_.available(now) && peer.budgets.announces.take(now) &&
         all_announces_.take(now);
}

/// False if the link is to be closed.
bool Tree::accept(Time now, Link& link, const Announce& announce) {
  const Record record = Record::of(announce);
  if (const auto fault = find_fault(announce.key, record, cryptography_)) {
    const bool unsound = record.port.value == 0 && record.parent != announce.key;
    peers_.close(link, unsound ? CloseReason::invalid_record : CloseReason::bad_signature, *fault);
    return false;
  }
  mark_changed(now.steady, announce.key);
  if (announce.key == identity_.public_key()) {
    // Somebody remembers an earlier life of ours. Only the last seq of all could not be topped.
    records_.find(announce.key)->changes.take(now.steady);
    if (record.seq + 1 != 0) become_root(now, record.seq + 1);
    return true;
  }
  RecordTable::Entry& entry = records_.put(now.steady, announce.key, record, link.peer->port);
  entry.changes.take(now.steady);
  entry.known_to.insert(link.peer->port);
  if (records_.crowded()) evict_strangers();
  return true;
}

/// When the announcement may be verified, as things are now.
Instant Tree::backlog_due(const Peer& peer, const Announce& announce) const {
  const RecordTable::Entry* held = records_.find(announce.key);
  Instant due = std::max(peer.budgets.announces.available_at(), all_announces_.available_at());
  if (held != nullptr) due = std::max(due, held->changes.available_at());
  return due;
}

void Tree::defer(Peer& peer, const Announce& announce) {
  auto [place, fresh] = peer.backlog.try_emplace(announce.key, announce);
  if (!fresh && supersedes(Record::of(announce), Record::of(place->second))) {
    place->second = announce;
  }
  if (peer.backlog.size() > limits::kAnnounceBacklog) peer.backlog.erase(--peer.backlog.end());
  const Instant due = backlog_due(peer, announce);
  if (!backlogs_due_ || due < *backlogs_due_) backlogs_due_ = due;
}

void Tree::work_off_backlogs(Time now) {
  const bool due = backlogs_due_ && *backlogs_due_ <= now.steady;
  if (due) backlogs_due_.reset();
  if (!due && !requests_may_wait_) return;
  requests_may_wait_ = false;
  for (auto& [key, peer] : peers_.peers()) {
    if (peer.waiting_request && peer.budgets.sig_requests.take(now.steady)) {
      if (Link* link = peers_.find(peer.waiting_request->first)) {
        answer(*link, peer.waiting_request->second);
      }
      peer.waiting_request.reset();
    }
    if (peer.waiting_request) requests_may_wait_ = true;
    if (due) work_off_backlog(now, peer);
  }
}

void Tree::work_off_backlog(Time now, Peer& peer) {
  for (auto it = peer.backlog.begin(); it != peer.backlog.end();) {
    const Announce announce = it->second;
    const RecordTable::Entry* held = records_.find(announce.key);
    if (held != nullptr && !supersedes(Record::of(announce), held->record)) {
      it = peer.backlog.erase(it);
      continue;
    }
    const bool key_may_change = held == nullptr || held->changes.available(now.steady);
    if (!key_may_change || !may_verify(now.steady, peer)) {
      const Instant due = backlog_due(peer, announce);
      if (!backlogs_due_ || due < *backlogs_due_) backlogs_due_ = due;
      if (key_may_change) return;  // no other of this peer's may be verified before either
      ++it;
      continue;
    }
    it = peer.backlog.erase(it);
    if (!accept(now, peer.best_link(), announce)) return;
  }
}

void Tree::mark_dirty(Instant now) {
  dirty_ = true;
  dirty_since_ = now;
}

void Tree::mark_changed(Instant now, const PublicKey& key) {
  mark_dirty(now);
  changed_.push_back(key);
}

void Tree::mark_all_changed(Instant now) {
  mark_dirty(now);
  all_changed_ = true;
}

void Tree::refresh() {
  if (all_changed_ || !changed_.empty()) refresh_positions();
}

std::optional<Instant> Tree::refresh_deadline() const {
  return all_changed_ || !changed_.empty() ? std::optional(dirty_since_) : std::nullopt;
}

/// Whether a position may no longer be what the records say: an ancestry that ends at a root
/// depends on the records of its own keys only, one with a gap or a loop on any. `changed_` is
/// sorted.
bool Tree::is_touched(const TreePosition& position) const {
  if (all_changed_ || !position.complete) return true;
  // An ancestry may be long, and so may a burst of changes.
  return std::ranges::any_of(position.ancestry, [this](const PublicKey& key) {
    return std::binary_search(changed_.begin(), changed_.end(), key);
  });
}

void Tree::refresh_positions() {
  const PublicKey& self = identity_.public_key();
  std::sort(changed_.begin(), changed_.end());
  if (is_touched(own_position_)) {
    own_position_ = records_.position(self);
    own_gossip_due_ = true;
  }
  const PublicKey own_parent = parent();
  for (auto& [key, peer] : peers_.peers()) {
    if (is_touched(peer.position)) refresh_position(key, peer);
    peer.on_tree = key == own_parent || peer.names_us;
  }
  changed_.clear();
  all_changed_ = false;
  ++epoch_;
}

void Tree::refresh_position(const PublicKey& key, Peer& peer) {
  const PublicKey& self = identity_.public_key();
  const RecordTable::Entry* entry = records_.find(key);
  peer.has_record = entry != nullptr;
  peer.names_us = entry != nullptr && entry->record.parent == self;
  peer.position = records_.position(key);
  const std::vector<PublicKey>& ancestry = peer.position.ancestry;
  peer.through_us = std::find(ancestry.begin(), ancestry.end(), self) != ancestry.end();
  peer.gossip_due = true;
}

void Tree::evict_strangers() {
  std::vector<PublicKey> attached = records_.position(identity_.public_key()).ancestry;
  for (const auto& [key, peer] : peers_.peers()) {
    const std::vector<PublicKey> of_peer = records_.position(key).ancestry;
    attached.insert(attached.end(), of_peer.begin(), of_peer.end());
  }
  std::sort(attached.begin(), attached.end());
  records_.evict_unattached(attached);
}

/// Root first, as they are told.
std::vector<RecordTable::Entry*> Tree::entries_of(const TreePosition& position) {
  std::vector<RecordTable::Entry*> entries;
  for (auto key = position.ancestry.rbegin(); key != position.ancestry.rend(); ++key) {
    if (RecordTable::Entry* entry = records_.find(*key)) entries.push_back(entry);
  }
  return entries;
}

void Tree::gossip() {
  const std::vector<RecordTable::Entry*> own = entries_of(own_position_);
  for (auto& [key, peer] : peers_.peers()) {
    if (own_gossip_due_ || peer.gossip_due) gossip(peer, own);
    if (peer.gossip_due) gossip(peer, entries_of(peer.position));
    peer.gossip_due = false;
  }
  own_gossip_due_ = false;
}

void Tree::gossip(Peer& peer, const std::vector<RecordTable::Entry*>& ancestry) {
  for (RecordTable::Entry* entry : ancestry) {
    if (entry->known_to.contains(peer.port)) continue;
    entry->known_to.insert(peer.port);
    peers_.send(peer, encode(entry->record.announce(entry->key)));
  }
}

void Tree::maintain(Time now) {
  work_off_backlogs(now);
  if (peers_.suspicions() != suspicions_seen_) {
    suspicions_seen_ = peers_.suspicions();
    probe_links(now);
    mark_dirty(now.steady);
  }
  probe_parent(now);
  if (records_.next_expiry() && *records_.next_expiry() <= now.steady) {
    if (records_.expire(now.steady, identity_.public_key())) mark_all_changed(now.steady);
  }
  refresh();
  choose_parent(now);
  if (!dirty_) return;
  dirty_ = false;
  gossip();
}

std::optional<Instant> Tree::next_deadline() const {
  if (dirty_ || peers_.suspicions() != suspicions_seen_) return dirty_since_;
  std::optional<Instant> next;
  const auto consider = [&next](const std::optional<Instant>& time) {
    if (time && (!next || *time < *next)) next = time;
  };
  // While a change waits for its turn, that turn is what matters.
  if (!change_wanted_ && !parent_lost_) consider(refresh_due_);
  consider(records_.next_expiry());
  consider(parent_probe_due());
  consider(hold_down_until_);
  if (change_wanted_) consider(own_changes_.available_at());
  if (parent_lost_ && !change_wanted_) consider(*parent_lost_ + policy_.parent_wait);
  if (requests_may_wait_) {
    for (const auto& [key, peer] : peers_.peers()) {
      if (peer.waiting_request) consider(peer.budgets.sig_requests.available_at());
    }
  }
  consider(backlogs_due_);
  return next;
}

void Tree::check_invariants() const {
  const RecordTable::Entry* own = records_.find(identity_.public_key());
  INVARIANT(own != nullptr);
  INVARIANT((own->record.port.value == 0) == (own->record.parent == identity_.public_key()));
  if (all_changed_ || !changed_.empty()) return;
  const TreePosition position = records_.position(identity_.public_key());
  INVARIANT(position.coordinates == own_position_.coordinates);
  INVARIANT(position.root == own_position_.root);
  for (const auto& [key, peer] : peers_.peers()) {
    INVARIANT(peer.position.coordinates == records_.position(key).coordinates);
  }
}

}  // namespace thicket::routing
