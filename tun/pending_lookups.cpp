#include "tun/pending_lookups.hpp"

#include <algorithm>
#include <utility>

#include "crypto/invariant.hpp"

namespace thicket::tun {

Packet PendingLookups::pop(Lookup& lookup) {
  Packet packet = std::move(lookup.packets.front().packet);
  lookup.packets.pop_front();
  lookup.capacity -= packet.capacity();
  capacity_ -= packet.capacity();
  return packet;
}

void PendingLookups::schedule(const Lookup& lookup) {
  Instant at = std::min(lookup.next_try, lookup.last_packet + kGiveUpAfter);
  if (!lookup.packets.empty()) at = std::min(at, lookup.packets.front().since + kMaxWait);
  if (!deadline_ || at < *deadline_) deadline_ = at;
}

void PendingLookups::evict_stalest() {
  const auto stalest = std::min_element(
      lookups_.begin(), lookups_.end(),
      [](const auto& a, const auto& b) { return a.second.last_packet < b.second.last_packet; });
  dropped_ += stalest->second.packets.size();
  capacity_ -= stalest->second.capacity;
  lookups_.erase(stalest);
}

bool PendingLookups::add(Instant now, const Destination& destination, Packet packet) {
  const auto found = lookups_.find(destination);
  const bool is_new = found == lookups_.end();
  if (is_new && lookups_.size() == kMaxDestinations) evict_stalest();
  Lookup& lookup = is_new ? lookups_[destination] : found->second;
  if (is_new) lookup.next_try = now + lookup.retry;
  lookup.last_packet = now;
  lookup.capacity += packet.capacity();
  capacity_ += packet.capacity();
  lookup.packets.push_back({now, std::move(packet)});
  while (lookup.packets.size() > kMaxPackets || lookup.capacity > kMaxCapacity) {
    pop(lookup);
    ++dropped_;
  }
  schedule(lookup);
  // One destination alone stays below this limit, so that the one just added, which is not the
  // stalest, is never evicted.
  while (capacity_ > kMaxTotalCapacity) {
    // Among equals the order of destinations would decide, so make sure that it is not this one.
    lookup.last_packet = Instant::max();
    evict_stalest();
    lookup.last_packet = now;
  }
  return is_new;
}

std::vector<Packet> PendingLookups::take(const Destination& destination) {
  std::vector<Packet> packets;
  const auto found = lookups_.find(destination);
  if (found == lookups_.end()) return packets;
  packets.reserve(found->second.packets.size());
  while (!found->second.packets.empty()) packets.push_back(pop(found->second));
  lookups_.erase(found);
  if (lookups_.empty()) deadline_.reset();
  return packets;
}

PendingLookups::Due PendingLookups::tick(Instant now) {
  Due due;
  if (!deadline_ || now < *deadline_) return due;
  deadline_.reset();
  for (auto at = lookups_.begin(); at != lookups_.end();) {
    Lookup& lookup = at->second;
    while (!lookup.packets.empty() && now - lookup.packets.front().since >= kMaxWait) {
      due.undeliverable.push_back(pop(lookup));
    }
    if (now - lookup.last_packet >= kGiveUpAfter) {
      at = lookups_.erase(at);
      continue;
    }
    if (now >= lookup.next_try) {
      lookup.retry = std::min(lookup.retry * 2, kMaxRetry);
      lookup.next_try = now + lookup.retry;
      due.lookups.push_back(at->first);
    }
    schedule(lookup);
    ++at;
  }
  return due;
}

void PendingLookups::check_invariants() const {
  INVARIANT(lookups_.size() <= kMaxDestinations);
  INVARIANT(capacity_ <= kMaxTotalCapacity);
  INVARIANT(lookups_.empty() || deadline_.has_value());
  std::size_t total = 0;
  for (const auto& [destination, lookup] : lookups_) {
    std::size_t capacity = 0;
    for (const Waiting& waiting : lookup.packets) capacity += waiting.packet.capacity();
    INVARIANT(capacity == lookup.capacity);
    INVARIANT(lookup.packets.size() <= kMaxPackets);
    INVARIANT(lookup.capacity <= kMaxCapacity);
    INVARIANT(*deadline_ <= lookup.next_try);
    INVARIANT(*deadline_ <= lookup.last_packet + kGiveUpAfter);
    INVARIANT(lookup.packets.empty() || *deadline_ <= lookup.packets.front().since + kMaxWait);
    total += capacity;
  }
  INVARIANT(total == capacity_);
}

}  // namespace thicket::tun
