#include <algorithm>
#include <utility>

#include "routing/dht/dht.hpp"

// The part of Dht that keeps records findable (extension E2, "Publishing") and fills the routing
// table.
namespace thicket::routing::dht {

// --- publishing ----------------------------------------------------------------------------------

void Dht::schedule_publication(Instant at) {
  const Instant allowed = publications_.available_at();
  publish_at_ = std::max(at, allowed);
}

void Dht::publish(Time now) {
  const bool retry = publish_attempts_ != 0;
  if (!publications_.take(now.steady)) {
    schedule_publication(now.steady);
    return;
  }
  publish_at_ =
      now.steady + limits::kPublishInterval * 4 / 5 + between({}, limits::kPublishInterval * 2 / 5);
  if (!joined()) {
    publish_at_ = now.steady + limits::kPublishDelayMin;
    return;
  }
  if (!retry) ++counters_.publications;
  ++publish_attempts_;
  if (publish_attempts_ > limits::kPublishAttempts) publish_attempts_ = 1;
  const Datagram datagram{new_txid(), own_record(now),
                          Store{std::nullopt, retry ? std::uint8_t{1} : limits::kHops}};
  publication_ = datagram.txid;
  expect(now, datagram.txid, id_, kKindOf<Stored>);
  // A home that does not acknowledge may be hostile: the next closest then stands in for it.
  const auto closest = table_.closest(id_, publish_attempts_);
  if (!closest.empty()) pass_on(now, *closest.back(), datagram, 0);
}

/// To the closest that we know: the home of our own record cannot be ourselves.
void Dht::send_store(Time now, const Identifier& id, const Datagram& datagram) {
  const auto closest = table_.closest(id, 2);
  for (const Contact* contact : closest) {
    if (contact->id == id) continue;
    pass_on(now, *contact, datagram, 0);
    return;
  }
}

void Dht::learnt(Time now, const PathRecord& record) {
  const Identifier id = record.id();
  if (record.key == own_ || check_age(record, now.unix_seconds)) return;
  found_otherwise(record, id);
  RecordStore::Entry* entry = store_.insert(record, id);
  const bool told_lately = entry != nullptr && entry->replicated &&
                           now.steady < *entry->replicated + limits::kPublishInterval;
  if (told_lately || !joined()) return;
  if (unpublished_.size() < limits::kUnpublished) unpublished_.push_back(record);
  publish_foreign(now);
}

/// What was learnt, as fast as the budget allows.
void Dht::publish_foreign(Time now) {
  while (!unpublished_.empty() && foreign_.take(now.steady)) {
    const PathRecord record = std::move(unpublished_.front());
    unpublished_.pop_front();
    if (check_age(record, now.unix_seconds)) continue;
    const Identifier id = record.id();
    RecordStore::Entry* entry = store_.find_entry(id);
    if (entry != nullptr) entry->replicated = now.steady;
    send_store(now, id, {new_txid(), std::nullopt, Store{record, limits::kHops}});
  }
}

void Dht::handle(const Arrival& in, const Store& store) {
  const auto& record = store.record ? store.record : in.datagram.sender;
  if (!record || record->key == own_) return;
  const Identifier id = record->id();
  const Contact* next =
      store.hops_left <= 1 ? nullptr : table_.next_hop(id, id_, std::vector<Identifier>{id});
  if (next != nullptr && next->record.key != in.source) {
    Datagram onward = in.datagram;
    auto& hops_left = std::get<Store>(onward.body).hops_left;
    hops_left = static_cast<std::uint8_t>(std::min(hops_left, limits::kHops) - 1);
    pass_on(in.now, *next, std::move(onward), in.size);
    return;
  }
  const RecordStore::Entry* held = store_.find_entry(id);
  const bool known = held != nullptr && held->record == *record;
  if (!known && !verify(in.now, in.peer, *record)) return;
  if (store.hops_left == 0) {
    if (store_.insert(*record, id) != nullptr) ++counters_.stores_kept;
    return;
  }
  keep_as_home(in.now, *record, id);
  // Only the sender's own record is acknowledged: nobody else can be sure to have asked for it.
  if (!store.record) {
    reply(in.now, *record, {in.datagram.txid, own_record(in.now), Stored{}}, in.size);
  }
}

/// Keeps a record, and hands copies to the other nodes closest to it if they need them.
void Dht::keep_as_home(Time now, const PathRecord& record, const Identifier& id) {
  RecordStore::Entry* entry = store_.insert(record, id);
  if (entry == nullptr) return;
  ++counters_.stores_kept;
  if (entry->replicated && now.steady < *entry->replicated + limits::kReplicateInterval) return;
  std::size_t copies = 0;
  for (const Contact* contact : table_.closest(id, limits::kNearContacts)) {
    if (contact->id == id || copies == limits::kNearContacts - 1) continue;
    if (!copies_.take(now.steady)) return;
    ++copies;
    ++counters_.copies_sent;
    transmit(now, *contact, encode_datagram({new_txid(), std::nullopt, Store{record, 0}}));
  }
  // Only now: those that the budget left without a copy get theirs with the next publication.
  entry->replicated = now.steady;
}

// --- contacts ------------------------------------------------------------------------------------

/// Those that share more digits with `id` than the asker does, nearest to the asker first: what
/// fills a bucket of its table. Then those closest to `id`.
std::vector<PathRecord> Dht::contacts_for(Time now, const PathRecord& asker,
                                          const Identifier& id) const {
  const std::size_t shared = shared_digits(asker.id(), id);
  const Path from = asker.path().to_path();
  std::vector<const Contact*> list = table_.contacts();
  std::erase_if(list, [&](const Contact* contact) {
    return contact->broken || contact->failures != 0 || contact->record.key == asker.key ||
           check_age(contact->record, now.unix_seconds).has_value();
  });
  struct Rank {
    bool fits;
    std::uint64_t distance;
    const Contact* contact;
  };
  std::vector<Rank> ranks;
  ranks.reserve(list.size());
  for (const Contact* contact : list) {
    const bool fits = shared_digits(contact->id, id) > shared;
    ranks.push_back({fits, fits ? tree_distance(contact->record.path(), from) : 0, contact});
  }
  std::stable_sort(ranks.begin(), ranks.end(), [&id](const Rank& a, const Rank& b) {
    if (a.fits != b.fits) return a.fits;
    if (a.distance != b.distance) return a.distance < b.distance;
    return closer(id, a.contact->id, b.contact->id);
  });
  std::vector<PathRecord> records;
  for (const Rank& rank : ranks) {
    if (records.size() == limits::kRecordsPerDatagram) break;
    records.push_back(rank.contact->record);
  }
  return records;
}

/// An identifier that shares exactly `row` digits with ours; half the time, one of which we know
/// nobody who shares a digit more: there may be but one such node.
Identifier Dht::random_identifier(std::size_t row) {
  Identifier id;
  random_.fill(id.bytes);
  for (std::size_t i = 0; i < row; ++i) id = id.with_digit(i, id_.digit(i));
  std::vector<std::uint8_t> digits;
  const bool unknown_only = random_.below(2) == 0;
  for (std::uint8_t digit = 0; digit < Identifier::kDigitValues; ++digit) {
    if (digit == id_.digit(row)) continue;
    if (!unknown_only || !table_.buckets().contains({row, digit})) digits.push_back(digit);
  }
  if (digits.empty()) return id.with_digit(row, id_.digit(row) ^ 1);
  return id.with_digit(row, digits[random_.below(digits.size())]);
}

/// Those closest to us have to know us, or else queries for us go astray.
const Contact* Dht::unmet_neighbour() const {
  for (const Contact& contact : table_.near()) {
    if (!contact.broken && !met_.contains(contact.id)) return &contact;
  }
  return nullptr;
}

void Dht::neighbourhood_changed(Time now) {
  if (unmet_neighbour() != nullptr) {
    const Instant soon = now.steady + between(limits::kRefreshFirst / 4, limits::kRefreshFirst);
    explore_at_ = explore_at_ ? std::min(*explore_at_, soon) : soon;
  }
  if (closest_ == table_.near().front().id) return;
  closest_ = table_.near().front().id;
  const Instant at = now.steady + between(limits::kPublishDelayMin, limits::kPublishDelayMax);
  if (!publish_at_ || *publish_at_ > at) schedule_publication(at);
}

/// A find for ourselves, set off anywhere: whoever it ends at is close to us, and both of us learn
/// of each other. This is how neighbourhoods that grew apart merge.
void Dht::seek_own_place(Time now, bool from_a_peer) {
  const auto contacts = from_a_peer ? std::vector<const Contact*>{} : table_.contacts();
  const std::size_t choices = contacts.size() + peers_.size();
  if (choices == 0) return;
  const Datagram datagram{new_txid(), own_record(now), Find{id_, limits::kHops, std::nullopt, 0}};
  auto payload = encode_datagram(datagram);
  const std::size_t choice = random_.below(choices);
  if (choice < contacts.size()) {
    if (!contacts[choice]->broken) transmit(now, *contacts[choice], std::move(payload));
    return;
  }
  const CapablePeer& peer = peers_[choice - contacts.size()];
  transmit(now, peer.key, PathView(peer.path), std::move(payload));
}

void Dht::explore_soon(Time now) {
  explore_interval_ = limits::kRefreshFirst;
  explored_in_vain_ = false;
  const Instant soon = now.steady + between({}, limits::kRefreshFirst);
  if (!explore_at_ || soon < *explore_at_) explore_at_ = soon;
}

/// One question, for a bucket of ours or for those closest to us.
void Dht::explore(Time now) {
  if (const Contact* unmet = unmet_neighbour()) {
    explore_at_ = now.steady + limits::kRefreshFirst / 2;
    if (met_.size() >= 16 * limits::kNearContacts) met_.clear();
    met_.insert(unmet->id);
    ask(now, unmet->record.key, unmet->record.path(), id_);
    return;
  }
  const std::uint64_t turn = explorations_++;
  if (explored_in_vain_) {
    const int part = explore_interval_ < limits::kRefreshQuick ? 8 : 2;
    explore_interval_ =
        std::min(explore_interval_ + explore_interval_ / part, Duration(limits::kRefreshMax));
  }
  explored_in_vain_ = true;
  explore_at_ = now.steady + explore_interval_ * 4 / 5 + between({}, explore_interval_ * 2 / 5);
  if (turn % 4 == 0) {
    ask_for_contacts(now, id_);
  } else if (turn % 2 == 1) {
    seek_own_place(now, turn % 4 == 3);
  } else {
    const std::size_t rows =
        table_.near().empty() ? 1 : shared_digits(id_, table_.near().front().id) + 1;
    const std::size_t row = random_.below(std::min(rows, Identifier::kDigits - 1));
    ask_for_contacts(now, random_identifier(row));
  }
}

void Dht::introduce(Time now, const PublicKey& key, const PathView& path) {
  if (key != own_) ask(now, key, path, id_);
}

/// Asks somebody who should know nodes like `id`: as close to us as possible, so that those it
/// knows are near us too.
void Dht::ask_for_contacts(Time now, const Identifier& id) {
  const std::size_t row = shared_digits(id_, id);
  std::vector<const Contact*> able;
  for (const Contact* contact : table_.contacts()) {
    const bool knows =
        id == id_ ? shared_digits(id_, contact->id) > 0 : shared_digits(id_, contact->id) >= row;
    if (!contact->broken && knows) able.push_back(contact);
  }
  // Those around us may all have grown up apart from others: so not only they are asked.
  const bool anyone = id == id_ && random_.below(2) == 0;
  if (anyone) able = table_.closest(id_, ~std::size_t{0});
  const std::size_t peers = id != id_ || anyone || able.empty() ? peers_.size() : 0;
  if (id == id_ && !anyone && !table_.near().empty()) {
    able.clear();
    for (const Contact& contact : table_.near()) {
      if (!contact.broken) able.push_back(&contact);
    }
  }
  if (peers + able.size() == 0) return;
  const bool ask_peer = peers != 0 && (anyone || able.empty() || random_.below(2) == 0);
  if (ask_peer) {
    const CapablePeer& peer = peers_[random_.below(peers)];
    ask(now, peer.key, PathView(peer.path), id);
    return;
  }
  if (able.empty()) return;
  const Contact* chosen = able[random_.below(able.size())];
  if (id != id_) {
    // The nearer of two: varied, but mostly near.
    const Contact* other = able[random_.below(able.size())];
    if (other->way.distance < chosen->way.distance) chosen = other;
  }
  ask(now, chosen->record.key, chosen->record.path(), id);
}

void Dht::ask(Time now, const PublicKey& key, const PathView& path, const Identifier& id) {
  const PathRecord& own = own_record(now);
  const std::size_t records = id == id_ ? limits::kNearContacts : limits::kContactsRoom;
  const Datagram datagram{new_txid(), own, Neighbours{id}};
  auto payload =
      encode_datagram(datagram, kReplyOverhead + (records + 1) * (room_for_record(own) + 4));
  expect(now, datagram.txid, Identifier::of(key), kKindOf<Contacts>);
  transmit(now, key, path, std::move(payload));
}

}  // namespace thicket::routing::dht
