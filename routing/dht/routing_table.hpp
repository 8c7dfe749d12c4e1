#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "routing/dht/identifier.hpp"
#include "routing/dht/path_record.hpp"

namespace thicket::routing::dht {

/// Names the peer that a path begins with; the table only compares them.
using FirstHop = std::uint64_t;

/// How far away something is along the tree, and behind which peer.
struct Way {
  std::uint64_t distance = 0;
  FirstHop first_hop = 0;
  bool operator==(const Way&) const = default;
};

/// A node that we can ask.
struct Contact {
  Identifier id;
  PathRecord record;
  Way way;
  std::uint8_t failures = 0;  ///< in a row; one that failed is the first to make room
  bool broken = false;        ///< its path does not lead to it any more
  bool operator==(const Contact&) const = default;
};

/// Who we know in the DHT: a few contacts per bucket of (digits shared with us, next digit), the
/// nearest along the tree, and those whose identifiers are closest to ours.
///
/// Invariants: limits::kBucketContacts per bucket, limits::kBucketContactsPerFirstHop of them
/// behind the same peer; limits::kNearContacts near ones, none closer to us in any bucket.
class RoutingTable {
 public:
  using Bucket = std::pair<std::size_t, std::uint8_t>;  ///< shared digits, next digit

  explicit RoutingTable(const Identifier& own) : own_(own) {}

  /// Whether offer() would change anything; so what it is not worth verifying can be told.
  bool wants(const PathRecord& record, const Identifier& id, const Way& way) const;
  /// A verified record of a node that takes part in the DHT. True if it is held now.
  bool offer(const PathRecord& record, const Identifier& id, const Way& way);
  /// The node answered.
  void answered(const Identifier& id);
  /// No answer came. True if the contact was dropped for it.
  bool failed(const Identifier& id);
  /// Its path is broken: it cannot be asked until there is a newer record. True if it was dropped.
  bool path_broken(const Identifier& id);
  /// Ways changed, since we moved; no way: the contact is dropped.
  void recompute_ways(const std::function<std::optional<Way>(const PathRecord&)>& way_to);

  const Contact* find(const Identifier& id) const;
  /// Whether a new contact would be among the closest to us.
  bool would_be_near(const Identifier& id) const;
  /// Where a query for `target` goes next: the contact that shares the most digits with it, of
  /// those one that answers, then the nearest along the tree; without one that shares more than we
  /// do, the closest by XOR.
  /// None: nobody known is closer to it than `than`. `excluded` are passed over.
  const Contact* next_hop(const Identifier& target, const Identifier& than,
                          const std::vector<Identifier>& excluded = {}) const;
  /// All that could stand in for next_hop(): those sharing more digits with `target` than `than`
  /// does, or, without such, all that are closer. In order of identifiers.
  std::vector<const Contact*> next_hops(const Identifier& target, const Identifier& than,
                                        const std::vector<Identifier>& excluded = {}) const;
  /// Those that can be asked, closest to `target` first; at most `count`.
  std::vector<const Contact*> closest(const Identifier& target, std::size_t count) const;
  /// Each contact once, in order of identifiers.
  std::vector<const Contact*> contacts() const;
  /// In bytes, as room_for_record() has it; 0: there is none.
  std::size_t longest_record() const;
  const std::vector<Contact>& near() const { return near_; }
  const std::map<Bucket, std::vector<Contact>>& buckets() const { return buckets_; }
  std::size_t size() const { return contacts().size(); }
  /// Of the bucket that `id` belongs in.
  Bucket bucket_of(const Identifier& id) const;
  void check_invariants() const;

 private:
  static void trim(std::vector<Contact>& bucket);
  static bool would_keep(const std::vector<Contact>& bucket, const Contact& contact);
  void drop(const Identifier& id);
  void refill_near();
  template <class Change>
  void change(const Identifier& id, const Change& apply);

  Identifier own_;
  std::map<Bucket, std::vector<Contact>> buckets_;
  std::vector<Contact> near_;  ///< closest first
};

}  // namespace thicket::routing::dht
