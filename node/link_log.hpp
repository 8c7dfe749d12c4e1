#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "crypto/public_key.hpp"
#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"
#include "transport/links.hpp"

namespace thicket::node {

/// What the log says about links and the tree: a line for each change, and no flood however often
/// something fails.
class LinkLog {
 public:
  /// Failures (peer and reason) remembered until the peer's link is up, so that only a new one is
  /// told at info. One more, and all are forgotten.
  static constexpr std::size_t kMaxFailures = 256;
  static constexpr Duration kStrangerFailureInterval = std::chrono::minutes(1);
  /// Links that strangers brought (inbound, or by a beacon) and that come and go, told at info.
  static constexpr Rate kStrangerChanges{1, 50};
  static constexpr Duration kTreeInterval = std::chrono::seconds(1);

  void up(Instant now, const transport::LinkInfo& link);
  void down(Instant now, const transport::LinkInfo& link, std::string_view reason);
  void failed(Instant now, std::string_view uri, transport::LinkOrigin origin,
              std::string_view reason);

  /// Whether it is time to call tree() again.
  bool wants_tree(Instant now) const { return now >= next_tree_; }
  /// Tells of a root or parent that is not what it was.
  void tree(Instant now, const PublicKey& self, const PublicKey& root, const PublicKey& parent);

 private:
  void changed(Instant now, const transport::LinkInfo& link, std::string_view line);
  /// Failures of links that nobody here named: how many were not told of, and until when.
  struct Untold {
    Instant until{};
    std::uint64_t count = 0;
  };
  /// Whether it was told at info.
  bool stranger_failed(Instant now, Untold& untold, std::string_view line);

  std::set<std::pair<std::string, std::string>> failures_;  // URI and reason
  TokenBucket stranger_changes_{kStrangerChanges};
  std::uint64_t untold_stranger_changes_ = 0;
  Untold inbound_failures_;
  Untold discovered_failures_;
  Instant next_tree_{};
  PublicKey root_;
  PublicKey parent_;
};

}  // namespace thicket::node
