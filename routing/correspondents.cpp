#include "routing/correspondents.hpp"

#include <algorithm>

#include "crypto/state_bytes.hpp"

namespace thicket::routing {

void Correspondents::heard(Instant now, const PublicKey& key, const PathView& from) {
  if (from.wire().size() > limits::kPathBytes) return;
  auto place = entries_.find(key);
  if (place == entries_.end()) {
    if (!make_room(now)) return;
    place = entries_.try_emplace(key).first;
  }
  Entry& entry = place->second;
  entry.last_heard = now;
  entry.copy.reset();
  if (std::ranges::equal(entry.from, from.wire())) {
    entry.proven = entry.proven || entry.tried;
    return;
  }
  entry.from.assign(from.wire().begin(), from.wire().end());
  entry.tried = false;
  entry.proven = false;
}

void Correspondents::way_broken(Entry& entry) {
  entry.from.clear();
  entry.sent_back = limits::kUnsignedPackets;
  entry.copy.reset();
  entry.tried = false;
  entry.proven = false;
}

/// False: the table is full of nodes that were all heard of lately.
bool Correspondents::make_room(Instant now) {
  if (entries_.size() < limits::kCorrespondents) return true;
  if (now < searched_ + limits::kCorrespondentsSearch) return false;
  expire(now);
  return entries_.size() < limits::kCorrespondents;
}

void Correspondents::moved(const PublicKey& key, const PathView& coordinates) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  found->second.from.assign(coordinates.wire().begin(), coordinates.wire().end());
}

Correspondents::Entry* Correspondents::way_back(Instant now, const PublicKey& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  if (found->second.last_heard + limits::kCorrespondentLifetime <= now) return nullptr;
  return &found->second;
}

const Correspondents::Entry* Correspondents::find(const PublicKey& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

std::size_t Correspondents::state_bytes() const {
  std::size_t bytes = tree_bytes(entries_);
  for (const auto& [key, entry] : entries_) {
    bytes += entry.from.size() + (entry.copy ? entry.copy->capacity() : 0);
  }
  return bytes;
}

void Correspondents::expire(Instant now) {
  searched_ = now;
  std::erase_if(entries_, [now](const auto& entry) {
    return entry.second.last_heard + limits::kCorrespondentLifetime <= now;
  });
}

}  // namespace thicket::routing
