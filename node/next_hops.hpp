#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "crypto/action_queue.hpp"
#include "crypto/address.hpp"
#include "crypto/public_key.hpp"
#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"
#include "node/remote_queries.hpp"
#include "routing/path.hpp"
#include "routing/router.hpp"

namespace thicket::node {

/// Where a packet for a node goes from some node on its way, as far as that can be told.
struct NextHop {
  enum class End {
    next,       ///< `next` says where
    arrived,    ///< it is there
    nobody,     ///< none of those that it may go to is known to be nearer
    silent,     ///< that node does not say who its peers are
    not_found,  ///< there is no path to the target
  };
  End end = End::not_found;
  PublicKey target;           ///< unless not found, like the following
  routing::Path target_path;  ///< its coordinates
  PublicKey at;               ///< where the packet is
  std::optional<routing::Path> at_path;
  std::optional<PublicKey> next;
  std::optional<routing::Path> next_path;
  std::size_t peers = 0;    ///< of the node
  std::size_t located = 0;  ///< of those, whose coordinates are known
  std::size_t nearer = 0;   ///< of those, nearer to the target: any of them may be the one
  /// There is no other choice, or it is our own.
  bool certain = false;
};

/// Follows packets through the mesh (wire.md §4): our own next hop we know; other nodes are asked
/// who their peers are, the peers are looked up for their coordinates, and of those nearer to the
/// target than the node itself the nearest is taken. What links cost there nobody tells, so that
/// among several it is a guess. Sans-I/O.
class NextHops {
 public:
  static constexpr std::size_t kMost = 8;  ///< at once
  static constexpr Rate kRate{.per_second = 10, .burst = 40};
  static constexpr std::size_t kMostLookups = 64;  ///< for one: of the peers of one node
  static constexpr Duration kFindTime = std::chrono::seconds(5);
  static constexpr Duration kAskTime = std::chrono::seconds(4);
  static constexpr Duration kLocateTime = std::chrono::seconds(2);

  using Handler = std::function<void(const NextHop&)>;

  /// References must outlive this.
  NextHops(const routing::Router& router, RemoteQueries& queries)
      : router_(router), queries_(queries) {}

  /// `target`: a key or partial key. `at`: absent: this node. `on_end` is called once, perhaps at
  /// once, never after the object is gone. False: there are too many, and it will not be called.
  bool start(Time now, const PublicKey& target, const std::optional<PublicKey>& at, Handler on_end);

  /// There is a path to `key`.
  void resolved(Time now, const PublicKey& key);
  void tick(Time now);
  std::optional<Instant> next_deadline() const;
  /// A node to look up. Poll until there is none after every other call.
  std::optional<PublicKey> next_lookup() { return lookups_.pop(); }

 private:
  enum class Stage { finding, asking, locating };
  struct Search {
    LookupKey wanted;
    std::optional<PublicKey> asked_at;
    Handler on_end;
    Stage stage = Stage::finding;
    Instant ends_at;
    std::vector<PublicKey> peers;
    std::vector<PublicKey> missing;  // whose coordinates are awaited
    NextHop hop;
  };
  using Entry = std::map<std::uint64_t, Search>::iterator;
  using Places = std::map<PublicKey, routing::Path>;

  Places known_places() const;
  void found(Time now, std::uint64_t id, const PublicKey& key, const routing::Path& path);
  void ask(Time now, std::uint64_t id);
  void told(Time now, Entry entry, const std::vector<std::uint8_t>& keys);
  void locate(Entry entry);
  void end(Entry entry, NextHop::End how);

  const routing::Router& router_;
  RemoteQueries& queries_;
  std::map<std::uint64_t, Search> searches_;
  std::uint64_t last_id_ = 0;
  TokenBucket rate_{kRate};
  crypto::ActionQueue<PublicKey> lookups_;
};

}  // namespace thicket::node
