#include "tun/address_cache.hpp"

#include <algorithm>

#include "crypto/invariant.hpp"

namespace thicket::tun {

std::optional<Destination> Destination::of(const Address& address) {
  if (is_node_address(address)) return Destination{address};
  if (!is_subnet_address(address)) return std::nullopt;
  Destination destination;
  std::copy_n(address.bytes.begin(), sizeof(Subnet::bytes), destination.value.bytes.begin());
  return destination;
}

Destination Destination::subnet(const PublicKey& key) {
  const Subnet subnet = Subnet::of(key);
  Destination destination;
  std::copy(subnet.bytes.begin(), subnet.bytes.end(), destination.value.bytes.begin());
  return destination;
}

PublicKey Destination::partial_key() const {
  if (is_node_address(value)) return thicket::partial_key(value);
  return thicket::partial_key(Subnet::containing(value));
}

AddressCache::Entry* AddressCache::find_live(Instant now, const Destination& destination) {
  const auto found = index_.find(destination);
  if (found == index_.end() || now - found->second->last_use >= kLifetime) return nullptr;
  return &*found->second;
}

void AddressCache::touch(Instant now, List::iterator entry, bool used) {
  List& from = list_of(entry->used);
  List& to = list_of(entry->used || used);
  entry->used = entry->used || used;
  entry->last_use = now;
  if (&from != &to || to.begin() != entry) to.splice(to.begin(), from, entry);
  if (&from != &to) trim(used_, kMaxUsed);
}

const PublicKey* AddressCache::find(Instant now, const Destination& destination) {
  // The destination of the last packet, most often.
  if (!used_.empty() && used_.front().destination == destination &&
      now - used_.front().last_use < kLifetime) {
    used_.front().last_use = now;
    return &used_.front().key;
  }
  const auto found = index_.find(destination);
  if (found == index_.end() || now - found->second->last_use >= kLifetime) return nullptr;
  touch(now, found->second, true);
  return &found->second->key;
}

bool AddressCache::refresh(Instant now, const Destination& destination, const PublicKey& key) {
  const auto found = index_.find(destination);
  if (found == index_.end() || found->second->key != key ||
      now - found->second->last_use >= kLifetime) {
    return false;
  }
  touch(now, found->second, false);
  return true;
}

bool AddressCache::learn(Instant now, const Destination& destination, const PublicKey& key) {
  if (find_live(now, destination) != nullptr) {
    refresh(now, destination, key);
    return false;
  }
  add(now, destination, key, false);
  return true;
}

void AddressCache::insert(Instant now, const Destination& destination, const PublicKey& key) {
  add(now, destination, key, true);
}

void AddressCache::add(Instant now, const Destination& destination, const PublicKey& key,
                       bool used) {
  if (const auto found = index_.find(destination); found != index_.end()) {
    list_of(found->second->used).erase(found->second);
    index_.erase(found);
  }
  List& list = list_of(used);
  list.push_front({destination, key, now, used});
  index_.emplace(destination, list.begin());
  trim(list, used ? kMaxUsed : kMaxLearned);
}

void AddressCache::trim(List& list, std::size_t limit) {
  while (list.size() > limit) {
    index_.erase(list.back().destination);
    list.pop_back();
  }
}

void AddressCache::expire(Instant now) {
  for (List* list : {&used_, &learned_}) {
    while (!list->empty() && now - list->back().last_use >= kLifetime) {
      index_.erase(list->back().destination);
      list->pop_back();
    }
  }
}

std::optional<Instant> AddressCache::next_expiry() const {
  std::optional<Instant> next;
  for (const List* list : {&used_, &learned_}) {
    if (list->empty()) continue;
    const Instant at = list->back().last_use + kLifetime;
    if (!next || at < *next) next = at;
  }
  return next;
}

void AddressCache::check_invariants() const {
  INVARIANT(used_.size() <= kMaxUsed);
  INVARIANT(learned_.size() <= kMaxLearned);
  INVARIANT(index_.size() == used_.size() + learned_.size());
  for (const List* list : {&used_, &learned_}) {
    Instant newest = Instant::max();
    for (const Entry& entry : *list) {
      INVARIANT(entry.used == (list == &used_));
      INVARIANT(entry.last_use <= newest);
      INVARIANT(index_.at(entry.destination)->destination == entry.destination);
      newest = entry.last_use;
    }
  }
}

}  // namespace thicket::tun
