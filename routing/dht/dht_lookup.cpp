#include <algorithm>
#include <utility>

#include "routing/dht/dht.hpp"

// The part of Dht that finds records (extension E2, "Lookup").
namespace thicket::routing::dht {

namespace {

/// A distance as a share of all there could be; of its first 8 bytes.
double share_of_all(const Identifier& distance) {
  double share = 0;
  for (std::size_t i = 8; i-- > 0;) share = (share + distance.bytes[i]) / 256;
  return share;
}

/// Of the hops left, whoever claims how many.
std::uint8_t one_less(std::uint8_t hops_left) {
  const int left = std::min<int>(hops_left & ~Find::kDetour, limits::kHops);
  return static_cast<std::uint8_t>((left - 1) | (hops_left & Find::kDetour));
}

}  // namespace

/// A record that we can answer with: our own, one stored, or that of a contact.
const PathRecord* Dht::held_record(Time now, const Identifier& id, std::uint64_t newer_than) const {
  const PathRecord* stored = store_.find(id, now.unix_seconds);
  if (stored != nullptr && stored->seq <= newer_than) stored = nullptr;
  const Contact* contact = table_.find(id);
  const bool usable = contact != nullptr && !contact->broken && contact->record.seq > newer_than &&
                      !check_age(contact->record, now.unix_seconds);
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
                                              : held_record(in.now, find.target, find.newer_than);
  std::vector<Identifier> excluded;
  if (for_itself) excluded.push_back(find.target);
  const bool detour = (find.hops_left & Find::kDetour) != 0;
  const Contact* next = nullptr;
  if (held == nullptr && (find.hops_left & ~Find::kDetour) != 0) {
    if (detour) excluded.insert(excluded.end(), {Identifier::of(in.source), origin->id()});
    next =
        detour ? any_next_hop(find.target, excluded) : table_.next_hop(find.target, id_, excluded);
  }
  if (next != nullptr && next->record.key != in.source && next->record.key != origin->key) {
    ++counters_.finds_forwarded;
    Datagram onward = in.datagram;
    auto& hops_left = std::get<Find>(onward.body).hops_left;
    hops_left = one_less(hops_left);
    pass_on(in.now, *next, std::move(onward), in.size);
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
  reply(in.now, *origin,
        {in.datagram.txid, introduce ? std::optional(own_record(in.now)) : std::nullopt,
         std::move(found)},
        in.size);
}

void Dht::lookup(Time now, const PublicKey& key_or_partial_key, std::uint64_t newer_than,
                 std::size_t ways) {
  Lookup lookup;
  lookup.asked = key_or_partial_key;
  lookup.newer_than = newer_than;
  lookup.ways = std::min<std::size_t>(ways, limits::kAttempts);
  seek(now, std::move(lookup));
}

void Dht::seek(Time now, Lookup lookup) {
  const Identifier target = Identifier::of(lookup.asked);
  if (target == id_) return;
  const auto running = lookups_.find(target);
  if (running != lookups_.end()) {
    running->second.silent = running->second.silent && lookup.silent;
    running->second.ways = std::max(running->second.ways, lookup.ways);
    return;
  }
  if (lookups_.size() >= limits::kLookups) {
    if (!lookup.silent) actions_.emplace_back(LookupFailed{lookup.asked});
    return;
  }
  if (!lookup.silent) ++counters_.lookups;
  const PathRecord* held = held_record(now, target, lookup.newer_than);
  if (held != nullptr) {
    if (!lookup.silent) {
      ++counters_.hits;
      actions_.emplace_back(RecordFound{lookup.asked, *held});
    }
    return;
  }
  if (try_next_way(now, target, lookup)) {
    lookups_.emplace(target, std::move(lookup));
  } else if (!lookup.silent) {
    ++counters_.misses;
    actions_.emplace_back(LookupFailed{lookup.asked});
  }
}

/// One of those that a find can go on to, at random. None: nobody known is closer than we are.
const Contact* Dht::any_next_hop(const Identifier& target,
                                 const std::vector<Identifier>& excluded) {
  const auto able = table_.next_hops(target, id_, excluded);
  return able.empty() ? nullptr : able[random_.below(able.size())];
}

/// Whether `home` is so close to `target` that it should hold its record, as far as we can tell.
bool Dht::belongs_to(const Identifier& target, const Identifier& home) const {
  return share_of_all(distance(target, home)) * estimated_nodes() <= limits::kDenierRank;
}

/// Sends the lookup through another first contact. False: there is none left.
bool Dht::try_next_way(Time now, const Identifier& target, Lookup& lookup) {
  if (lookup.attempts.size() >= lookup.ways) return false;
  const bool detour = !lookup.attempts.empty();
  std::vector<Identifier> tried;
  for (const Lookup::Attempt& attempt : lookup.attempts) tried.push_back(attempt.first);
  const Contact* first = detour ? any_next_hop(target, tried) : table_.next_hop(target, id_);
  if (first == nullptr && !detour) {
    // We are the home, but may be so only since lately: whoever was before knows more.
    const auto others = table_.closest(target, 1);
    if (!others.empty()) first = others.front();
  }
  if (first == nullptr) return false;
  const std::size_t room =
      kReplyOverhead + room_for_any_record(now) + (limits::kAnswerRoom << lookup.attempts.size());
  const TransactionId txid = new_txid();
  lookup.attempts.push_back({first->id, txid, now.steady});
  // Once an answer seems lost, contacts may be gone: who asks should get around them in time.
  const Duration patience = answer_timeout() * (detour ? 100 : limits::kWalkPatiencePercent) / 100;
  lookup.deadline = now.steady + std::min(patience, Duration(limits::kAnswerTimeoutMax));
  const auto hops = static_cast<std::uint8_t>(limits::kHops | (detour ? Find::kDetour : 0));
  const Datagram datagram{txid, own_record(now),
                          Find{target, hops, std::nullopt, lookup.newer_than}};
  pass_on(now, *first, datagram, room);
  return true;
}

/// Who is asked may answer with no more bytes than we send. Nobody knows how deep in the tree the
/// target is: as deep as any that we know, perhaps.
std::size_t Dht::room_for_any_record(Time now) {
  const std::size_t own = room_for_record(own_record(now));
  // A stranger's long path must not make all our finds long.
  return std::clamp(table_.longest_record(), own, own + limits::kAnswerRoomMax);
}

const Dht::Lookup::Attempt* Dht::Lookup::attempt(const TransactionId& txid) const {
  const auto found = std::ranges::find(attempts, txid, &Attempt::txid);
  return found == attempts.end() ? nullptr : &*found;
}

void Dht::handle(const Arrival& in, const Found& found) {
  const auto place = std::find_if(lookups_.begin(), lookups_.end(), [&in](const auto& entry) {
    return entry.second.attempt(in.datagram.txid) != nullptr;
  });
  if (place == lookups_.end()) {
    walk_answered(in, found);
    return;
  }
  const Identifier target = place->first;
  Lookup& lookup = place->second;
  const Lookup::Attempt& answered = *lookup.attempt(in.datagram.txid);
  const bool last = &answered == &lookup.attempts.back();
  for (const PathRecord& record : found.records) {
    if (record.id() != target || record.seq <= lookup.newer_than ||
        !verify(in.now, in.peer, record))
      continue;
    timer_.sample(in.now.steady - answered.sent);
    table_.answered(answered.first);
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
  const auto& denier = in.datagram.sender;
  if (denier && belongs_to(target, denier->id()) && verify(in.now, in.peer, *denier)) {
    lookup.denied_by.insert(denier->id());
  }
  if (lookup.denied_by.size() < limits::kBelievedDenials) {
    if (!last) return;  // another way is being tried
    if (try_next_way(in.now, target, lookup)) {
      if (!lookup.silent) ++counters_.retries;
      return;
    }
  }
  if (!lookup.silent) {
    ++counters_.misses;
    actions_.emplace_back(LookupFailed{lookup.asked});
  }
  lookups_.erase(place);
}

/// What the filters brought need not be sought further.
void Dht::found_otherwise(const PathRecord& record, const Identifier& id) {
  const auto running = lookups_.find(id);
  if (running == lookups_.end() || record.seq <= running->second.newer_than) return;
  if (!running->second.silent) ++counters_.overtaken;
  lookups_.erase(running);
}

void Dht::tick_lookups(Time now) {
  for (auto it = lookups_.begin(); it != lookups_.end();) {
    Lookup& lookup = it->second;
    if (lookup.deadline > now.steady) {
      ++it;
      continue;
    }
    suspect(now, lookup.attempts.back().first);
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
  const double share = share_of_all(distance(id_, near.back().id));
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
