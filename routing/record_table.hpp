#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "crypto/public_key.hpp"
#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"
#include "routing/limits.hpp"
#include "routing/path.hpp"
#include "routing/record.hpp"

namespace thicket::routing {

/// A set of our own port numbers, which are small: one bit each.
class PortSet {
 public:
  bool contains(Port port) const;
  void insert(Port port);
  void erase(Port port);
  void clear() { words_.clear(); }
  /// Memory beside the object itself.
  std::size_t state_bytes() const { return words_.size() * sizeof(std::uint64_t); }

 private:
  std::vector<std::uint64_t> words_;
};

/// Where a node stands in the tree, as far as the records we hold tell (wire.md §3).
struct TreePosition {
  PublicKey root;                   ///< the node itself if its ancestry has a gap or a loop
  Path coordinates;                 ///< empty likewise
  std::vector<PublicKey> ancestry;  ///< from the node up to the last ancestor known
  bool complete = false;            ///< the ancestry ends at a root

  /// Memory beside the object itself.
  std::size_t state_bytes() const {
    return coordinates.size() * sizeof(Port) + ancestry.size() * sizeof(PublicKey);
  }
};

/// The soft state of wire.md §3: one record per key.
///
/// Invariant: no record is replaced by one that does not supersede it. Records that belong to no
/// ancestry of ours or of a peer are bounded, per peer that told us of them and in all.
class RecordTable {
 public:
  struct Entry {
    PublicKey key;
    Record record;
    Instant accepted;
    Port told_by;      ///< the peer we have it from; 0: ourselves
    PortSet known_to;  ///< the peers that know this very record
    TokenBucket changes{limits::kRecordChanges};
  };

  const Entry* find(const PublicKey& key) const;
  Entry* find(const PublicKey& key);
  /// Stores a record that was found sound and supersedes what is held; nobody knows it yet.
  Entry& put(Instant now, const PublicKey& key, const Record& record, Port told_by);
  /// For a peer that left: its port may be given to another.
  void forget_peer(Port port);
  /// Drops what expired; `own` never does. True if anything went.
  bool expire(Instant now, const PublicKey& own);
  /// No record expires before this; may be early.
  std::optional<Instant> next_expiry() const { return next_expiry_; }
  /// Drops the oldest records outside `attached` (sorted) until the limits hold. True if any went.
  bool evict_unattached(const std::vector<PublicKey>& attached);
  /// Whether evict_unattached() might have anything to do.
  bool crowded() const { return entries_.size() > evict_above_; }

  TreePosition position(const PublicKey& key) const;
  std::size_t size() const { return entries_.size(); }
  /// Memory of the records and what is noted with each.
  std::size_t state_bytes() const;
  const std::map<PublicKey, Entry>& entries() const { return entries_; }

 private:
  std::map<PublicKey, Entry> entries_;
  std::optional<Instant> next_expiry_;
  std::size_t evict_above_ = limits::kUnattachedRecordsPerPeer;
};

}  // namespace thicket::routing
