#include "routing/dht/record_store.hpp"

#include <iterator>

#include "routing/dht/limits.hpp"

namespace thicket::routing::dht {

bool RecordStore::wants(const PathRecord& record, const Identifier& id) const {
  const Identifier away = distance(own_, id);
  const auto held = entries_.find(away);
  if (held != entries_.end()) return record.seq > held->second.record.seq;
  return entries_.size() < limits::kRecords || away < std::prev(entries_.end())->first;
}

RecordStore::Entry* RecordStore::insert(const PathRecord& record, const Identifier& id) {
  if (!wants(record, id)) return nullptr;
  const auto [place, fresh] = entries_.try_emplace(distance(own_, id));
  Entry& entry = place->second;
  if (!fresh && entry.record.coords != record.coords) entry.replicated.reset();
  entry.record = record;
  if (entries_.size() > limits::kRecords) entries_.erase(std::prev(entries_.end()));
  return &entry;
}

RecordStore::Entry* RecordStore::find_entry(const Identifier& id) {
  const auto held = entries_.find(distance(own_, id));
  return held == entries_.end() ? nullptr : &held->second;
}

const PathRecord* RecordStore::find(const Identifier& id, std::uint64_t unix_seconds) const {
  const auto held = entries_.find(distance(own_, id));
  if (held == entries_.end() || check_age(held->second.record, unix_seconds)) return nullptr;
  return &held->second.record;
}

void RecordStore::erase(const Identifier& id) {
  entries_.erase(distance(own_, id));
}

void RecordStore::expire(std::uint64_t unix_seconds) {
  std::erase_if(entries_, [unix_seconds](const auto& entry) {
    return check_age(entry.second.record, unix_seconds).has_value();
  });
}

}  // namespace thicket::routing::dht
