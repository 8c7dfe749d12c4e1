#include "routing/dht/routing_table.hpp"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "crypto/invariant.hpp"
#include "routing/dht/limits.hpp"
#include "routing/dht/message.hpp"

namespace thicket::routing::dht {

namespace {

bool is(const Contact& contact, const Identifier& id) {
  return contact.id == id;
}

/// Who stays when there is no room for all: those that answer, then the nearest; never hash order.
bool better(const Contact& a, const Contact& b) {
  return std::tie(a.failures, a.way.distance) < std::tie(b.failures, b.way.distance);
}

bool contains(const std::vector<Identifier>& ids, const Identifier& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// A newer seq with the same coordinates is only worth it once the old one has aged.
bool is_news(const Contact& held, const PathRecord& record) {
  if (record.seq <= held.record.seq) return false;
  return held.broken || record.coords != held.record.coords ||
         record.seq >= held.record.seq + limits::kOwnRecordAgeSeconds;
}

}  // namespace

RoutingTable::Bucket RoutingTable::bucket_of(const Identifier& id) const {
  const std::size_t shared = shared_digits(own_, id);
  return {shared, shared < Identifier::kDigits ? id.digit(shared) : std::uint8_t{0}};
}

/// Keeps the best, few per first hop. Those that were there first win ties.
void RoutingTable::trim(std::vector<Contact>& bucket) {
  std::stable_sort(bucket.begin(), bucket.end(), better);
  std::map<FirstHop, std::size_t> behind;
  std::erase_if(bucket, [&behind](const Contact& contact) {
    return ++behind[contact.way.first_hop] > limits::kBucketContactsPerFirstHop;
  });
  if (bucket.size() > limits::kBucketContacts) bucket.resize(limits::kBucketContacts);
}

bool RoutingTable::would_keep(const std::vector<Contact>& bucket, const Contact& contact) {
  std::vector<Contact> trial = bucket;
  trial.push_back(contact);
  trim(trial);
  return std::any_of(trial.begin(), trial.end(),
                     [&](const Contact& kept) { return is(kept, contact.id); });
}

bool RoutingTable::would_be_near(const Identifier& id) const {
  return near_.size() < limits::kNearContacts || closer(own_, id, near_.back().id);
}

const Contact* RoutingTable::find(const Identifier& id) const {
  const auto of_id = [&id](const Contact& contact) { return is(contact, id); };
  const auto near = std::find_if(near_.begin(), near_.end(), of_id);
  if (near != near_.end()) return &*near;
  const auto bucket = buckets_.find(bucket_of(id));
  if (bucket == buckets_.end()) return nullptr;
  const auto held = std::find_if(bucket->second.begin(), bucket->second.end(), of_id);
  return held == bucket->second.end() ? nullptr : &*held;
}

bool RoutingTable::wants(const PathRecord& record, const Identifier& id, const Way& way) const {
  if (id == own_) return false;
  if (const Contact* held = find(id)) return is_news(*held, record);
  if (would_be_near(id)) return true;
  const auto bucket = buckets_.find(bucket_of(id));
  return bucket == buckets_.end() || would_keep(bucket->second, {id, record, way, 0, false});
}

bool RoutingTable::offer(const PathRecord& record, const Identifier& id, const Way& way) {
  if (!wants(record, id, way)) return false;
  const Contact* held = find(id);
  // That others repeat its record does not make it answer.
  const bool still_silent =
      held != nullptr && !held->broken && held->record.coords == record.coords;
  const std::uint8_t failures = still_silent ? held->failures : 0;
  drop(id);
  const Contact contact{id, record, way, failures, false};
  std::vector<Contact>& bucket = buckets_[bucket_of(id)];
  bucket.push_back(contact);
  trim(bucket);
  if (would_be_near(id)) {
    const auto place = std::find_if(near_.begin(), near_.end(), [&](const Contact& other) {
      return closer(own_, id, other.id);
    });
    near_.insert(place, contact);
    if (near_.size() > limits::kNearContacts) near_.pop_back();
  }
  return find(id) != nullptr;
}

void RoutingTable::drop(const Identifier& id) {
  const auto of_id = [&id](const Contact& contact) { return is(contact, id); };
  const bool was_near = std::erase_if(near_, of_id) != 0;
  const auto bucket = buckets_.find(bucket_of(id));
  if (bucket != buckets_.end()) {
    std::erase_if(bucket->second, of_id);
    if (bucket->second.empty()) buckets_.erase(bucket);
  }
  if (was_near) refill_near();
}

void RoutingTable::refill_near() {
  std::vector<Contact> nearest;
  for (const Contact* contact : contacts()) nearest.push_back(*contact);
  std::sort(nearest.begin(), nearest.end(),
            [this](const Contact& a, const Contact& b) { return closer(own_, a.id, b.id); });
  if (nearest.size() > limits::kNearContacts) nearest.resize(limits::kNearContacts);
  near_ = std::move(nearest);
}

template <class Change>
void RoutingTable::change(const Identifier& id, const Change& apply) {
  for (Contact& contact : near_) {
    if (is(contact, id)) apply(contact);
  }
  const auto bucket = buckets_.find(bucket_of(id));
  if (bucket == buckets_.end()) return;
  for (Contact& contact : bucket->second) {
    if (is(contact, id)) apply(contact);
  }
  trim(bucket->second);
}

void RoutingTable::answered(const Identifier& id) {
  change(id, [](Contact& contact) { contact.failures = 0; });
}

bool RoutingTable::failed(const Identifier& id) {
  change(id, [](Contact& contact) { ++contact.failures; });
  const Contact* contact = find(id);
  if (contact == nullptr || contact->failures < limits::kFailures) return false;
  drop(id);
  return true;
}

bool RoutingTable::path_broken(const Identifier& id) {
  if (failed(id)) return true;
  change(id, [](Contact& contact) { contact.broken = true; });
  return false;
}

void RoutingTable::recompute_ways(
    const std::function<std::optional<Way>(const PathRecord&)>& way_to) {
  const auto recompute = [&way_to](Contact& contact) {
    const auto way = way_to(contact.record);
    if (way) contact.way = *way;
    return !way;
  };
  std::erase_if(near_, recompute);
  for (auto it = buckets_.begin(); it != buckets_.end();) {
    std::erase_if(it->second, recompute);
    trim(it->second);
    it = it->second.empty() ? buckets_.erase(it) : std::next(it);
  }
  refill_near();
}

const Contact* RoutingTable::next_hop(const Identifier& target, const Identifier& than,
                                      const std::vector<Identifier>& excluded) const {
  const std::size_t shared_by_than = shared_digits(target, than);
  const Contact* best = nullptr;
  std::size_t best_shared = 0;
  const auto consider = [&](const Contact& contact) {
    if (contact.broken || contains(excluded, contact.id)) return;
    if (!closer(target, contact.id, than)) return;
    const std::size_t shared = shared_digits(target, contact.id);
    bool wins = best == nullptr || shared > best_shared;
    if (!wins && shared == best_shared && contact.failures != best->failures) {
      wins = contact.failures < best->failures;
    } else if (!wins && shared == best_shared) {
      const bool by_way = shared > shared_by_than && contact.way.distance != best->way.distance;
      wins =
          by_way ? contact.way.distance < best->way.distance : closer(target, contact.id, best->id);
    }
    if (!wins) return;
    best = &contact;
    best_shared = shared;
  };
  // Whoever shares more digits than we do is in this bucket, or near.
  for (const Contact& contact : near_) consider(contact);
  const auto bucket = buckets_.find(bucket_of(target));
  if (bucket != buckets_.end()) {
    for (const Contact& contact : bucket->second) consider(contact);
  }
  if (best != nullptr) return best;
  for (const auto& [name, others] : buckets_) {
    for (const Contact& contact : others) consider(contact);
  }
  return best;
}

std::vector<const Contact*> RoutingTable::next_hops(const Identifier& target,
                                                    const Identifier& than,
                                                    const std::vector<Identifier>& excluded) const {
  const std::size_t shared_by_than = shared_digits(target, than);
  std::vector<const Contact*> list = contacts();
  std::erase_if(list, [&](const Contact* contact) {
    return contact->broken || contains(excluded, contact->id) || !closer(target, contact->id, than);
  });
  const auto shares_more = [&](const Contact* contact) {
    return shared_digits(target, contact->id) > shared_by_than;
  };
  if (std::any_of(list.begin(), list.end(), shares_more))
    std::erase_if(list, std::not_fn(shares_more));
  return list;
}

std::vector<const Contact*> RoutingTable::contacts() const {
  std::map<Identifier, const Contact*> all;
  for (const Contact& contact : near_) all.emplace(contact.id, &contact);
  for (const auto& [name, bucket] : buckets_) {
    for (const Contact& contact : bucket) all.emplace(contact.id, &contact);
  }
  std::vector<const Contact*> list;
  list.reserve(all.size());
  for (const auto& [id, contact] : all) list.push_back(contact);
  return list;
}

std::size_t RoutingTable::longest_record() const {
  std::size_t longest = 0;
  const auto consider = [&longest](const Contact& contact) {
    longest = std::max(longest, room_for_record(contact.record));
  };
  std::ranges::for_each(near_, consider);
  for (const auto& [name, bucket] : buckets_) std::ranges::for_each(bucket, consider);
  return longest;
}

std::vector<const Contact*> RoutingTable::closest(const Identifier& target,
                                                  std::size_t count) const {
  std::vector<const Contact*> list = contacts();
  std::erase_if(list, [](const Contact* contact) { return contact->broken; });
  const std::size_t kept = std::min(count, list.size());
  std::partial_sort(
      list.begin(), list.begin() + static_cast<std::ptrdiff_t>(kept), list.end(),
      [&target](const Contact* a, const Contact* b) { return closer(target, a->id, b->id); });
  list.resize(kept);
  return list;
}

void RoutingTable::check_invariants() const {
  INVARIANT(near_.size() <= limits::kNearContacts);
  for (std::size_t i = 1; i < near_.size(); ++i) {
    INVARIANT(closer(own_, near_[i - 1].id, near_[i].id));
  }
  for (const auto& [name, bucket] : buckets_) {
    INVARIANT(!bucket.empty() && bucket.size() <= limits::kBucketContacts);
    std::map<FirstHop, std::size_t> behind;
    for (const Contact& contact : bucket) {
      INVARIANT(bucket_of(contact.id) == name);
      INVARIANT(++behind[contact.way.first_hop] <= limits::kBucketContactsPerFirstHop);
    }
  }
}

}  // namespace thicket::routing::dht
