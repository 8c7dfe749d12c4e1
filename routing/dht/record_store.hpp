#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "crypto/time.hpp"
#include "routing/dht/identifier.hpp"
#include "routing/dht/path_record.hpp"

namespace thicket::routing::dht {

/// Records held for others, for as long as their age allows. At most limits::kRecords; those
/// farthest from our own identifier go first.
class RecordStore {
 public:
  explicit RecordStore(const Identifier& own) : own_(own) {}

  struct Entry {
    PathRecord record;
    std::optional<Instant> replicated;  ///< when copies of these coordinates were handed out
  };

  /// Whether insert() would keep it: newer than what is held, and close enough.
  bool wants(const PathRecord& record, const Identifier& id) const;
  /// A verified record. The entry, if it is held now.
  Entry* insert(const PathRecord& record, const Identifier& id);
  const PathRecord* find(const Identifier& id, std::uint64_t unix_seconds) const;
  Entry* find_entry(const Identifier& id);
  void erase(const Identifier& id);
  /// Forgets what is too old.
  void expire(std::uint64_t unix_seconds);
  std::size_t size() const { return entries_.size(); }
  /// By XOR distance to us, the closest first.
  const std::map<Identifier, Entry>& entries() const { return entries_; }

 private:
  Identifier own_;
  std::map<Identifier, Entry> entries_;
};

}  // namespace thicket::routing::dht
