#include <algorithm>
#include <tuple>

#include "routing/tree.hpp"

// The part of Tree that decides: who signs for us, whose child we are. wire.md §3; the choice of a
// parent is local.
namespace thicket::routing {

void Tree::request(Time now, Peer& peer) {
  peer.offer = ParentOffer{};
  peer.offer.request = {own_seq() + 1, random_.next_u64()};
  peer.offer.requested_at = now.steady;
  peers_.send(peer, encode(peer.offer.request));
}

/// A request that was answered before is answered again, and changes nothing.
void Tree::probe(Time now, Peer& peer) {
  Link& link = peer.best_link();
  link.probed_at = now.steady;
  peers_.send(link, encode(peer.offer.request));
}

/// Whoever saw a neighbour come or go had better look after the others.
void Tree::probe_links(Time now) {
  if (!policy_.probe_links) return;
  for (auto& [key, peer] : peers_.peers()) {
    const Link& link = peer.best_link();
    const bool quiet = now.steady - link.last_trial() >= limits::kProbeInterval;
    if (quiet && !link.unanswered_since && !link.closing) probe(now, peer);
  }
}

std::optional<Instant> Tree::parent_probe_due() const {
  if (policy_.parent_probe_interval == Duration{} || is_root()) return std::nullopt;
  const Peer* peer = peers_.find(parent());
  if (peer == nullptr) return std::nullopt;
  const Link& link = peer->best_link();
  if (link.unanswered_since || link.closing) return std::nullopt;
  return link.last_trial() + policy_.parent_probe_interval;
}

void Tree::probe_parent(Time now) {
  const std::optional<Instant> due = parent_probe_due();
  if (due && *due <= now.steady) probe(now, *peers_.find(parent()));
}

void Tree::receive(Time now, Link& link, const SigReq& request) {
  Peer& peer = *link.peer;
  if (peer.budgets.sig_requests.take(now.steady)) {
    answer(link, request);
  } else {
    peer.waiting_request = {link.id, request};
    requests_may_wait_ = true;
  }
}

void Tree::answer(Link& link, const SigReq& request) {
  const Peer& peer = *link.peer;
  const auto message =
      signed_bytes(peer.key, identity_.public_key(), request.seq, request.nonce, peer.port);
  peers_.send(link, encode(SigRes{request.seq, request.nonce, peer.port,
                                  cryptography_.sign(identity_, message)}));
}

void Tree::receive(Time now, Link& link, const SigRes& response) {
  Peer& peer = *link.peer;
  if (response.port.value == 0) {
    peers_.close(link, CloseReason::invalid_record, "SigRes with port 0");
    return;
  }
  const bool asked = peer.offer.request == SigReq{response.seq, response.nonce};
  if (asked && peer.offer.response && peer.offer.response->port == response.port) return;
  const bool first = asked && !peer.offer.response;
  if (!first && !peer.budgets.sig_responses.take(now.steady)) return;
  const auto message =
      signed_bytes(identity_.public_key(), peer.key, response.seq, response.nonce, response.port);
  if (!cryptography_.verify(peer.key, message, response.psig)) {
    peers_.close(link, CloseReason::bad_signature, "SigRes");
    return;
  }
  if (!asked) return;
  peer.offer.response = response;
  if (first) peer.sample_round_trip(now.steady - peer.offer.requested_at, policy_);
  mark_dirty(now.steady);
}

std::uint64_t Tree::own_seq() const {
  const RecordTable::Entry* own = records_.find(identity_.public_key());
  return own == nullptr ? 0 : own->record.seq;
}

bool Tree::is_root() const {
  return parent() == identity_.public_key();
}

/// Whether our parent still leads to a root that is better than ourselves.
bool Tree::parent_holds() const {
  return !is_root() && peers_.find(parent()) != nullptr && own_position_.complete &&
         own_position_.root < identity_.public_key();
}

bool Tree::is_candidate(Time now, const Peer& peer) const {
  if (!peer.offer.response || !peer.position.complete || peer.through_us) return false;
  if (peer.suspect()) return false;
  if (!(peer.position.root < identity_.public_key())) return false;
  const bool held_down = hold_down_until_ && now.steady < *hold_down_until_ &&
                         peer.position.root == lineage_.root &&
                         peer.position.coordinates.size() >= lineage_.depth;
  return !held_down;
}

/// The best candidate by root, then by cost; cost is distance to the root times round trip.
Tree::Choice Tree::best_choice(Time now) const {
  Choice best;
  for (auto& [key, peer] : peers_.peers()) {
    if (!is_candidate(now, peer)) continue;
    const std::uint64_t cost = (peer.position.coordinates.size() + 1) * peer.cost();
    if (best.peer == nullptr ||
        std::tie(peer.position.root, cost) < std::tie(best.peer->position.root, best.cost)) {
      best = {&peer, cost};
    }
  }
  return best;
}

Tree::Lineage Tree::present_lineage() const {
  return {own_position_.root, own_position_.coordinates.size()};
}

/// A root that vanishes above us is still named, from memory, by those below us: without a
/// hold-down they would hand it back to us in circles (counting to infinity).
void Tree::watch_lineage(Time now) {
  if (hold_down_until_ && *hold_down_until_ <= now.steady) {
    hold_down_until_.reset();
    lineage_ = present_lineage();
  }
  const bool orphaned = !is_root() && !parent_holds();
  const bool root_link_lost = orphaned && lineage_.depth == 1;
  const bool root_got_worse = !orphaned && lineage_.root < own_position_.root;
  if (root_link_lost || root_got_worse) {
    if (!hold_down_until_) hold_down_until_ = now.steady + policy_.root_hold_down;
  } else if (!orphaned) {
    hold_down_until_.reset();
    lineage_ = present_lineage();
  }
}

/// Our parent, if it has given us another port since we adopted it: it may have lost all links to
/// us and got new ones before we noticed. Null otherwise.
Peer* Tree::renumbering_parent() {
  Peer* peer = is_root() ? nullptr : peers_.find(parent());
  if (peer == nullptr || !peer->offer.response) return nullptr;
  const Port port = records_.find(identity_.public_key())->record.port;
  return peer->offer.response->port == port ? nullptr : peer;
}

void Tree::choose_parent(Time now) {
  const bool hold_down_over = hold_down_until_ && *hold_down_until_ <= now.steady;
  const bool refresh_due = refresh_due_ <= now.steady;
  if (!dirty_ && !refresh_due && !change_wanted_ && !parent_lost_ && !hold_down_over) return;
  watch_lineage(now);
  change_wanted_ = false;
  if (!is_root() && !parent_holds()) {
    choose_without_parent(now);
    return;
  }
  parent_lost_.reset();
  const Choice best = best_choice(now);
  const PublicKey& root = is_root() ? identity_.public_key() : own_position_.root;
  const Peer* current = is_root() ? nullptr : peers_.find(parent());
  const bool doubtful = current != nullptr && current->doubted();
  if (best.peer != nullptr &&
      (best.peer->position.root < root || (doubtful && best.peer->position.root == root))) {
    adopt(now, *best.peer);
  } else if (Peer* renumbering = renumbering_parent()) {
    adopt(now, *renumbering);
  } else if (refresh_due) {
    refresh_own_record(now);
  }
}

void Tree::choose_without_parent(Time now) {
  if (!parent_lost_) parent_lost_ = now.steady;
  const Choice best = best_choice(now);
  if (best.peer != nullptr) {
    adopt(now, *best.peer);
    return;
  }
  const bool worth_waiting =
      policy_.always_wait_for_parent ||
      std::any_of(peers_.peers().begin(), peers_.peers().end(), [this](const auto& entry) {
        const Peer& peer = entry.second;
        return !peer.offer.response && !peer.through_us && peer.position.complete &&
               peer.position.root < identity_.public_key();
      });
  if (worth_waiting && now.steady < *parent_lost_ + policy_.parent_wait) return;
  if (!own_changes_.take(now.steady)) {
    change_wanted_ = true;
    return;
  }
  become_root(now, own_seq() + 1);
}

void Tree::refresh_own_record(Time now) {
  if (is_root()) {
    become_root(now, own_seq() + 1);
    return;
  }
  Peer* current = peers_.find(parent());
  const Choice best = best_choice(now);
  if (best.peer == nullptr || best.peer->position.root != own_position_.root) {
    refresh_due_ = now.steady + policy_.refresh_retry;  // nobody has signed for the next record yet
    return;
  }
  const bool current_signed = current->offer.response.has_value() && !current->doubted();
  const std::uint64_t current_cost = (current->position.coordinates.size() + 1) * current->cost();
  const bool much_better = best.cost * policy_.parent_cost_factor < current_cost;
  adopt(now, current_signed && !much_better ? *current : *best.peer);
}

void Tree::become_root(Time now, std::uint64_t seq) {
  parent_lost_.reset();
  set_own_record(now, make_root_record(identity_, seq, random_.next_u64(), cryptography_));
}

void Tree::adopt(Time now, Peer& peer) {
  if (!own_changes_.take(now.steady)) {
    change_wanted_ = true;
    return;
  }
  parent_lost_.reset();
  const SigRes& response = *peer.offer.response;
  Record record{peer.key, response.seq, response.nonce, response.port, response.psig, {}};
  const auto message =
      signed_bytes(identity_.public_key(), record.parent, record.seq, record.nonce, record.port);
  record.sig = cryptography_.sign(identity_, message);
  set_own_record(now, record);
}

void Tree::set_own_record(Time now, const Record& record) {
  records_.put(now.steady, identity_.public_key(), record, Port{0});
  refresh_due_ = now.steady + limits::kRecordRefresh;
  for (auto& [key, peer] : peers_.peers()) request(now, peer);
  mark_changed(now.steady, identity_.public_key());
  refresh_positions();
}

}  // namespace thicket::routing
