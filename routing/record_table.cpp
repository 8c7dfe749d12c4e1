#include "routing/record_table.hpp"

#include <algorithm>
#include <set>

#include "crypto/invariant.hpp"
#include "crypto/state_bytes.hpp"

namespace thicket::routing {

bool PortSet::contains(Port port) const {
  const std::size_t word = port.value / 64;
  return word < words_.size() && (words_[word] >> (port.value % 64) & 1) != 0;
}

void PortSet::insert(Port port) {
  const std::size_t word = port.value / 64;
  if (word >= words_.size()) words_.resize(word + 1);
  words_[word] |= std::uint64_t{1} << (port.value % 64);
}

void PortSet::erase(Port port) {
  const std::size_t word = port.value / 64;
  if (word < words_.size()) words_[word] &= ~(std::uint64_t{1} << (port.value % 64));
}

const RecordTable::Entry* RecordTable::find(const PublicKey& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

RecordTable::Entry* RecordTable::find(const PublicKey& key) {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

namespace {

/// A loop is told to others as the keys on it, each once: they must see it as well.
void cut_at_first_repeat(std::vector<PublicKey>& ancestry) {
  std::set<PublicKey> seen;
  const auto repeat = std::find_if(ancestry.begin(), ancestry.end(),
                                   [&](const PublicKey& key) { return !seen.insert(key).second; });
  ancestry.erase(repeat, ancestry.end());
}

}  // namespace

RecordTable::Entry& RecordTable::put(Instant now, const PublicKey& key, const Record& record,
                                     Port told_by) {
  auto [place, fresh] = entries_.try_emplace(key);
  Entry& entry = place->second;
  INVARIANT(fresh || supersedes(record, entry.record));
  entry.key = key;
  entry.record = record;
  entry.accepted = now;
  entry.told_by = told_by;
  entry.known_to.clear();
  const Instant expiry = now + limits::kRecordLifetime;
  next_expiry_ = next_expiry_ ? std::min(*next_expiry_, expiry) : expiry;
  return entry;
}

void RecordTable::forget_peer(Port port) {
  for (auto& [key, entry] : entries_) entry.known_to.erase(port);
}

bool RecordTable::expire(Instant now, const PublicKey& own) {
  bool any = false;
  std::optional<Instant> next;
  for (auto it = entries_.begin(); it != entries_.end();) {
    const Instant expiry = it->second.accepted + limits::kRecordLifetime;
    if (it->first == own) {
      ++it;
    } else if (expiry <= now) {
      it = entries_.erase(it);
      any = true;
    } else {
      next = next ? std::min(*next, expiry) : expiry;
      ++it;
    }
  }
  next_expiry_ = next;
  return any;
}

bool RecordTable::evict_unattached(const std::vector<PublicKey>& attached) {
  struct Candidate {
    Instant accepted;
    Port told_by;
    PublicKey key;
  };
  std::vector<Candidate> candidates;
  for (const auto& [key, entry] : entries_) {
    if (!std::binary_search(attached.begin(), attached.end(), key)) {
      candidates.push_back({entry.accepted, entry.told_by, key});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.accepted > b.accepted; });
  std::map<Port, std::size_t> kept_of_peer;
  std::size_t kept = 0;
  bool any = false;
  for (const Candidate& candidate : candidates) {
    std::size_t& of_peer = kept_of_peer[candidate.told_by];
    if (of_peer < limits::kUnattachedRecordsPerPeer && kept < limits::kUnattachedRecords) {
      ++of_peer;
      ++kept;
    } else {
      entries_.erase(candidate.key);
      any = true;
    }
  }
  // Room to grow by a part of the limit before the next look, so that looking stays cheap.
  evict_above_ = entries_.size() + limits::kUnattachedRecordsPerPeer / 4;
  return any;
}

std::size_t RecordTable::state_bytes() const {
  std::size_t bytes = tree_bytes(entries_);
  for (const auto& [key, entry] : entries_) bytes += entry.known_to.state_bytes();
  return bytes;
}

TreePosition RecordTable::position(const PublicKey& key) const {
  TreePosition position;
  position.root = key;
  PublicKey at = key;
  while (position.ancestry.size() < limits::kAncestry) {
    const Entry* entry = find(at);
    if (entry == nullptr) break;
    position.ancestry.push_back(at);
    if (entry->record.parent == at) {
      position.root = at;
      position.complete = true;
      break;
    }
    position.coordinates.push_back(entry->record.port);
    at = entry->record.parent;
  }
  if (!position.complete) {
    position.coordinates.clear();
    cut_at_first_repeat(position.ancestry);
  }
  std::reverse(position.coordinates.begin(), position.coordinates.end());
  return position;
}

}  // namespace thicket::routing
