#include "routing/dht/dht.hpp"

#include <algorithm>
#include <utility>

#include "crypto/invariant.hpp"

namespace thicket::routing::dht {

Dht::Dht(const PublicKey& own, const Cryptography& cryptography, Random& random,
         Surroundings& surroundings)
    : own_(own),
      id_(Identifier::of(own)),
      cryptography_(cryptography),
      random_(random),
      surroundings_(surroundings),
      table_(id_),
      store_(id_) {}

// --- out -----------------------------------------------------------------------------------------

TransactionId Dht::new_txid() {
  TransactionId txid;
  random_.fill(txid);
  return txid;
}

Duration Dht::between(Duration low, Duration high) {
  const auto span = static_cast<std::uint64_t>((high - low).count());
  return low + Duration(random_.below(span + 1));
}

void Dht::transmit(Time now, const PublicKey& to, const PathView& path,
                   std::vector<std::uint8_t> payload) {
  ++counters_.datagrams_sent;
  if (sent_.size() >= limits::kSentTo) sent_.pop_front();
  sent_.emplace_back(to, now.steady);
  counters_.bytes_sent += payload.size();
  actions_.emplace_back(
      SendDatagram{to, {path.wire().begin(), path.wire().end()}, std::move(payload)});
}

void Dht::transmit(Time now, const Contact& contact, std::vector<std::uint8_t> payload) {
  transmit(now, contact.record.key, contact.record.path(), std::move(payload));
}

bool Dht::sent_lately(Time now, const PublicKey& to) const {
  return std::any_of(sent_.rbegin(), sent_.rend(), [&](const auto& entry) {
    return entry.first == to && now.steady - entry.second <= limits::kBrokenLater;
  });
}

namespace {

/// What a find or store is to come closer to.
std::optional<Identifier> target_of(const Datagram& datagram) {
  if (const auto* find = std::get_if<Find>(&datagram.body)) return find->target;
  const auto* store = std::get_if<Store>(&datagram.body);
  if (store == nullptr) return std::nullopt;
  const auto& record = store->record ? store->record : datagram.sender;
  return record ? std::optional(record->id()) : std::nullopt;
}

}  // namespace

/// As transmit(), but if the contact is not where we think, others get it.
void Dht::pass_on(Time now, const Contact& contact, Datagram datagram, std::size_t size) {
  transmit(now, contact, encode_datagram(datagram, size));
  const auto target = target_of(datagram);
  if (!target) return;
  if (passed_on_.size() >= limits::kPassedOn) passed_on_.pop_front();
  passed_on_.push_back({contact.record.key, *target, std::move(datagram), size, now.steady});
}

void Dht::pass_on_otherwise(Time now, const PublicKey& broken) {
  std::deque<PassedOn> stuck;
  std::erase_if(passed_on_, [&](PassedOn& entry) {
    if (now.steady - entry.sent > timer_.timeout()) return true;
    if (entry.to != broken) return false;
    stuck.push_back(std::move(entry));
    return true;
  });
  for (PassedOn& entry : stuck) {
    const std::vector<Identifier> excluded{entry.target};
    const bool own = entry.datagram.sender && entry.datagram.sender->key == own_;
    const Contact* next = own ? nullptr : table_.next_hop(entry.target, id_, excluded);
    if (own) {
      const auto closest = table_.closest(entry.target, 2);
      for (const Contact* contact : closest) {
        if (next == nullptr && contact->id != entry.target) next = contact;
      }
    }
    if (next != nullptr) {
      ++counters_.detours;
      transmit(now, *next, encode_datagram(entry.datagram, entry.size));
    }
  }
}

/// Back to who asked, along the path that it signed.
void Dht::reply(Time now, const PathRecord& to, Datagram datagram, std::size_t request_size) {
  auto payload = encode_reply(std::move(datagram), request_size);
  if (payload) transmit(now, to.key, to.path(), std::move(*payload));
}

/// Signed lately, but not anew for every datagram.
const PathRecord& Dht::own_record(Time now) {
  const bool fresh = own_record_ && now.unix_seconds >= own_record_->seq &&
                     now.unix_seconds - own_record_->seq < limits::kOwnRecordAgeSeconds;
  if (!fresh) own_record_ = surroundings_.own_record(now);
  return *own_record_;
}

// --- in ------------------------------------------------------------------------------------------

void Dht::receive(Time now, const PublicKey& source, const PublicKey& peer, ByteView payload) {
  ++counters_.datagrams_received;
  counters_.bytes_received += payload.size();
  if (source == own_ || !budgets_.take(now.steady, source, peer)) {
    ++counters_.over_budget;
    return;
  }
  const auto datagram = decode_datagram(payload);
  if (!datagram) {
    if (datagram.error() != MessageError::unknown_kind) ++counters_.malformed;
    return;
  }
  if (datagram->sender) meet(now, peer, *datagram->sender);
  const Arrival in{now, source, peer, *datagram, payload.size()};
  std::visit([&](const auto& body) { handle(in, body); }, datagram->body);
}

bool Dht::verify(Time now, const PublicKey& peer, const PathRecord& record) {
  if (check_age(record, now.unix_seconds) || !budgets_.take_verification(now.steady, peer) ||
      check(record, now.unix_seconds, cryptography_)) {
    ++counters_.records_refused;
    return false;
  }
  return true;
}

/// A node that takes part told us of itself, or was named to us as one that does.
void Dht::meet(Time now, const PublicKey& peer, const PathRecord& record) {
  if (record.key == own_) return;
  const auto way = surroundings_.way_to(record.path());
  if (!way) return;
  const Identifier id = record.id();
  if (!table_.wants(record, id, *way) || !verify(now, peer, record)) return;
  const bool closer_than_some = table_.would_be_near(id) && table_.find(id) == nullptr;
  if (!table_.offer(record, id, *way)) return;
  if (closer_than_some) explored_in_vain_ = false;
  neighbourhood_changed(now);
}

void Dht::handle(const Arrival& in, const Ping&) {
  if (!in.datagram.sender || !verify(in.now, in.peer, *in.datagram.sender)) return;
  reply(in.now, *in.datagram.sender, {in.datagram.txid, own_record(in.now), Pong{}}, in.size);
}

void Dht::handle(const Arrival& in, const Pong&) {
  settle(in.now, in.datagram.txid, kKindOf<Pong>);
}

void Dht::handle(const Arrival& in, const Stored&) {
  if (!settle(in.now, in.datagram.txid, kKindOf<Stored>)) return;
  if (publication_ != in.datagram.txid) return;
  publication_.reset();
  publish_attempts_ = 0;
}

void Dht::handle(const Arrival& in, const Neighbours& neighbours) {
  const auto& asker = in.datagram.sender;
  if (!asker || asker->key == own_ || !verify(in.now, in.peer, *asker)) return;
  Contacts contacts{contacts_for(in.now, *asker, neighbours.id)};
  reply(in.now, *asker, {in.datagram.txid, own_record(in.now), std::move(contacts)}, in.size);
}

void Dht::handle(const Arrival& in, const Contacts& contacts) {
  if (!settle(in.now, in.datagram.txid, kKindOf<Contacts>)) return;
  for (const PathRecord& record : contacts.records) meet(in.now, in.peer, record);
}

// --- questions -----------------------------------------------------------------------------------

void Dht::expect(Time now, const TransactionId& txid, const Identifier& whom, std::size_t kind) {
  if (questions_.size() >= limits::kQuestions) {
    questions_.erase(std::ranges::min_element(questions_, {},
                                              [](const auto& entry) { return entry.second.sent; }));
  }
  questions_[txid] = {whom, kind, now.steady, now.steady + limits::kAnswerTimeoutMax};
}

/// Whether this answers a question that is open.
bool Dht::settle(Time now, const TransactionId& txid, std::size_t kind) {
  const auto question = questions_.find(txid);
  if (question == questions_.end() || question->second.kind != kind) return false;
  if (kind != kKindOf<Stored>) {
    table_.answered(question->second.whom);
    // One's own lookups are too few to learn from how long answers take.
    timer_.sample(now.steady - question->second.sent);
  }
  questions_.erase(question);
  return true;
}

/// What went through this contact stayed unanswered, which may be the fault of others: a ping
/// tells.
void Dht::suspect(Time now, const Identifier& id) {
  const Contact* contact = table_.find(id);
  if (contact == nullptr || contact->broken) return;
  const bool asked = std::ranges::any_of(questions_, [&id](const auto& entry) {
    return entry.second.whom == id && entry.second.kind == kKindOf<Pong>;
  });
  if (asked) return;
  const Datagram ping{new_txid(), own_record(now), Ping{}};
  expect(now, ping.txid, id, kKindOf<Pong>);
  transmit(now, *contact, encode_datagram(ping));
}

void Dht::tick_questions(Time now) {
  std::vector<Identifier> silent;
  for (auto it = questions_.begin(); it != questions_.end();) {
    if (it->second.deadline > now.steady) {
      ++it;
      continue;
    }
    // A store passes through many hands: its silence says nothing of the first.
    if (it->second.kind != kKindOf<Stored>) {
      if (!table_.failed(it->second.whom)) silent.push_back(it->second.whom);
    }
    if (publication_ == it->first) {
      publication_.reset();
      if (publish_attempts_ < limits::kPublishAttempts) schedule_publication(now.steady);
    }
    it = questions_.erase(it);
  }
  for (const Identifier& id : silent) suspect(now, id);
}

// --- surroundings --------------------------------------------------------------------------------

void Dht::peers_changed(Time now, std::vector<CapablePeer> peers) {
  if (peers.size() > limits::kPeers) peers.resize(limits::kPeers);
  const bool more = peers.size() > peers_.size();
  peers_ = std::move(peers);
  if (!more) return;
  explore_soon(now);
  if (!publish_at_) {
    schedule_publication(now.steady + between(limits::kPublishDelayMin, limits::kPublishDelayMax));
  }
}

void Dht::coordinates_changed(Time now, std::size_t kept) {
  own_record_.reset();
  table_.recompute_ways(
      [this](const PathRecord& record) { return surroundings_.way_to(record.path()); });
  if (peers_.empty() && !joined()) return;
  const int part = 1 << std::min<std::size_t>(kept, limits::kPublishHalvings);
  const Instant at =
      now.steady + between(limits::kPublishDelayMin / part, limits::kPublishDelayMax / part);
  publish_attempts_ = 0;
  // A change during the wait is published with the first.
  if (!publish_at_ || *publish_at_ > at) schedule_publication(at);
  // Whoever we know has most likely moved too.
  if (kept == 0) explore_soon(now);
}

void Dht::network_grew(Time now) {
  if (peers_.empty() && !joined()) return;
  met_.clear();
  explore_soon(now);
}

void Dht::path_broken(Time now, const PublicKey& key, bool sent_traffic) {
  if (!sent_traffic && !sent_lately(now, key)) {
    ++counters_.brokens_refused;
    return;
  }
  fail_walks(now, StepAnswer::broken, &key);
  const Identifier id = Identifier::of(key);
  // What we would answer with does not lead there any more.
  store_.erase(id);
  const Contact* contact = table_.find(id);
  if (contact == nullptr) return;
  const std::uint64_t seq = contact->record.seq;
  if (!table_.path_broken(id)) {
    Lookup lookup;
    lookup.asked = key;
    lookup.newer_than = seq;
    lookup.silent = true;
    seek(now, std::move(lookup));
  }
  pass_on_otherwise(now, key);
}

// --- time ----------------------------------------------------------------------------------------

void Dht::tick(Time now) {
  tick_questions(now);
  tick_lookups(now);
  fail_walks(now, StepAnswer::silent, nullptr);
  if (explore_at_ && *explore_at_ <= now.steady) explore(now);
  if (publish_at_ && *publish_at_ <= now.steady) publish(now);
  publish_foreign(now);
  if (expire_at_ && *expire_at_ <= now.steady) {
    store_.expire(now.unix_seconds);
    expire_at_.reset();
  }
  if (!expire_at_ && store_.size() != 0) expire_at_ = now.steady + std::chrono::minutes(1);
}

std::optional<Instant> Dht::next_deadline() const {
  std::optional<Instant> next;
  const auto consider = [&next](const std::optional<Instant>& time) {
    if (time && (!next || *time < *next)) next = time;
  };
  for (const auto& [txid, question] : questions_) consider(question.deadline);
  for (const auto& [target, lookup] : lookups_) consider(lookup.deadline);
  for (const auto& [id, walk] : walks_) consider(walk.deadline());
  consider(explore_at_);
  consider(publish_at_);
  if (!unpublished_.empty()) consider(foreign_.available_at());
  consider(expire_at_);
  return next;
}

std::optional<DhtAction> Dht::next_action() {
  if (next_action_ == actions_.size()) {
    actions_.clear();
    next_action_ = 0;
    return std::nullopt;
  }
  return std::move(actions_[next_action_++]);
}

void Dht::check_invariants() const {
  table_.check_invariants();
  INVARIANT(store_.size() <= limits::kRecords);
  INVARIANT(lookups_.size() <= limits::kLookups);
  INVARIANT(sent_.size() <= limits::kSentTo);
  INVARIANT(passed_on_.size() <= limits::kPassedOn);
  INVARIANT(walks_.size() <= limits::kWalks);
  INVARIANT(questions_.size() <= limits::kQuestions);
  INVARIANT(peers_.size() <= limits::kPeers);
  INVARIANT(unpublished_.size() <= limits::kUnpublished);
}

}  // namespace thicket::routing::dht
