#include <algorithm>
#include <utility>

#include "routing/dht/dht.hpp"

// The part of Dht that finds records (extension E2, "Lookup").
namespace thicket::routing::dht {

/// A record that we can answer with: our own, one stored, or that of a contact.
const PathRecord* Dht::held_record(Time now, const Identifier& id) const {
  const PathRecord* stored = store_.find(id, now.unix_seconds);
  const Contact* contact = table_.find(id);
  const bool usable =
      contact != nullptr && !contact->broken && !check_age(contact->record, now.unix_seconds);
  if (!usable) return stored;
  if (stored != nullptr && stored->seq >= contact->record.seq) return stored;
  return &contact->record;
}

void Dht::handle(const Arrival& in, const Find& find) {
  const auto& origin = find.origin ? find.origin : in.datagram.sender;
  if (!origin || origin->key == own_) return;
  // Who seeks its own place wants to know who else is there.
  const bool for_itself = origin->id() == find.target;
  const PathRecord* held = find.target == id_ ? &own_record(in.now)
                           : for_itself       ? nullptr
                                              : held_record(in.now, find.target);
  std::vector<Identifier> excluded;
  if (for_itself) excluded.push_back(find.target);
  const Contact* next = held != nullptr || find.hops_left == 0
                            ? nullptr
                            : table_.next_hop(find.target, id_, excluded);
  if (next != nullptr && next->record.key != in.source && next->record.key != origin->key) {
    ++counters_.finds_forwarded;
    Datagram onward = in.datagram;
    --std::get<Find>(onward.body).hops_left;
    transmit(*next, encode_datagram(onward, in.size));
    return;
  }
  if (!verify(in.now, in.peer, *origin)) return;
  ++counters_.finds_answered;
  Found found;
  if (held != nullptr) {
    found.records.push_back(*held);
  } else if (find.hops_left == 0) {
    // Whoever walks step by step goes there itself.
    excluded.push_back(origin->id());
    found.records = next_hops(in.now, find.target, std::move(excluded));
  }
  // Its own record would be there twice.
  const bool introduce = held == nullptr || held->key != own_;
  reply(*origin,
        {in.datagram.txid, introduce ? std::optional(own_record(in.now)) : std::nullopt,
         std::move(found)},
        in.size);
}

void Dht::lookup(Time now, const PublicKey& key_or_partial_key) {
  seek(now, key_or_partial_key, false);
}

void Dht::seek(Time now, const PublicKey& asked, bool silent) {
  const Identifier target = Identifier::of(asked);
  if (target == id_) return;
  const auto running = lookups_.find(target);
  if (running != lookups_.end()) {
    running->second.silent = running->second.silent && silent;
    return;
  }
  if (lookups_.size() >= limits::kLookups) {
    if (!silent) actions_.emplace_back(LookupFailed{asked});
    return;
  }
  if (!silent) ++counters_.lookups;
  const PathRecord* held = held_record(now, target);
  if (held != nullptr) {
    if (!silent) {
      ++counters_.hits;
      actions_.emplace_back(RecordFound{asked, *held});
    }
    return;
  }
  Lookup lookup;
  lookup.asked = asked;
  lookup.silent = silent;
  if (try_next_way(now, target, lookup)) {
    lookups_.emplace(target, std::move(lookup));
  } else if (!silent) {
    ++counters_.misses;
    actions_.emplace_back(LookupFailed{asked});
  }
}

/// Sends the lookup through another first contact. False: there is none left.
bool Dht::try_next_way(Time now, const Identifier& target, Lookup& lookup) {
  if (lookup.tried.size() >= limits::kAttempts) return false;
  const Contact* first = table_.next_hop(target, id_, lookup.tried);
  if (first == nullptr && lookup.tried.empty()) {
    // We are the home, but may be so only since lately: whoever was before knows more.
    const auto others = table_.closest(target, 1);
    if (!others.empty()) first = others.front();
  }
  if (first == nullptr) return false;
  lookup.tried.push_back(first->id);
  lookup.txid = new_txid();
  lookup.sent = now.steady;
  lookup.deadline = now.steady + timer_.timeout();
  const PathRecord& own = own_record(now);
  const Datagram datagram{lookup.txid, own, Find{target, limits::kHops, std::nullopt}};
  const std::size_t room = kReplyOverhead + room_for_record(own) + limits::kAnswerRoom;
  transmit(*first, encode_datagram(datagram, room));
  return true;
}

void Dht::handle(const Arrival& in, const Found& found) {
  const auto place = std::find_if(lookups_.begin(), lookups_.end(), [&in](const auto& entry) {
    return entry.second.txid == in.datagram.txid;
  });
  if (place == lookups_.end()) {
    walk_answered(in, found);
    return;
  }
  const Identifier target = place->first;
  Lookup& lookup = place->second;
  for (const PathRecord& record : found.records) {
    if (record.id() != target || !verify(in.now, in.peer, record)) continue;
    timer_.sample(in.now.steady - lookup.sent);
    table_.answered(lookup.tried.back());
    if (lookup.silent) {
      meet(in.now, in.peer, record);
    } else {
      ++counters_.hits;
      store_.insert(record, target);
      actions_.emplace_back(RecordFound{lookup.asked, record});
    }
    lookups_.erase(place);
    return;
  }
  // Whoever says that it is not there may lie, or know less than others.
  if (try_next_way(in.now, target, lookup)) {
    if (!lookup.silent) ++counters_.retries;
    return;
  }
  if (!lookup.silent) {
    ++counters_.misses;
    actions_.emplace_back(LookupFailed{lookup.asked});
  }
  lookups_.erase(place);
}

void Dht::tick_lookups(Time now) {
  for (auto it = lookups_.begin(); it != lookups_.end();) {
    Lookup& lookup = it->second;
    if (lookup.deadline > now.steady) {
      ++it;
      continue;
    }
    if (try_next_way(now, it->first, lookup)) {
      if (!lookup.silent) ++counters_.retries;
      ++it;
      continue;
    }
    if (!lookup.silent) {
      ++counters_.timeouts;
      actions_.emplace_back(LookupFailed{lookup.asked});
    }
    it = lookups_.erase(it);
  }
}

double Dht::there_and_back() const {
  double sum = 0;
  // Those close to us by identifier lie anywhere in the tree.
  for (const Contact& contact : table_.near()) sum += static_cast<double>(contact.way.distance);
  return table_.near().empty() ? 0 : 2 * sum / static_cast<double>(table_.near().size());
}

double Dht::estimated_nodes() const {
  const auto& near = table_.near();
  if (near.size() < limits::kNearContacts) return static_cast<double>(near.size());
  const Identifier away = distance(id_, near.back().id);
  // The first 8 bytes of the distance, as a share of all there could be.
  double share = 0;
  for (std::size_t i = 8; i-- > 0;) share = (share + away.bytes[i]) / 256;
  return share > 0 ? static_cast<double>(near.size()) / share : 0;
}

/// A digit is settled per contact asked, each as far away as contacts of that row are; then the
/// answer crosses the network.
double Dht::expected_transmissions() const {
  std::map<std::size_t, std::pair<double, double>> rows;
  for (const auto& [bucket, contacts] : table_.buckets()) {
    auto& [sum, buckets] = rows[bucket.first];
    sum += static_cast<double>(contacts.front().way.distance);
    buckets += 1;
  }
  double total = there_and_back() / 2;
  // Nodes that share the digits settled so far: once a row has room for most of them, whoever is
  // one knows the rest. Twice, for estimates vary and others hold records too.
  constexpr double kRowContacts = limits::kBucketContacts * Identifier::kDigitValues;
  double left = estimated_nodes();
  for (const auto& [row, of_row] : rows) {
    if (left <= 2 * kRowContacts) break;
    total += of_row.first / of_row.second;
    left /= Identifier::kDigitValues;
  }
  return total;
}

}  // namespace thicket::routing::dht
