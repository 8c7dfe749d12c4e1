#pragma once

#include <map>

#include "crypto/public_key.hpp"
#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"
#include "routing/dht/limits.hpp"

namespace thicket::routing::dht {

/// What each source of datagrams may make us do, and each peer that hands them to us: sources can
/// be made up, peers cannot.
class SourceBudgets {
 public:
  /// Whether a datagram of `source` that came in over `peer` is looked at.
  bool take(Instant now, const PublicKey& source, const PublicKey& peer) {
    make_room(now);
    if (!peers_.try_emplace(peer).first->second.datagrams.take(now)) return false;
    return sources_.try_emplace(source, limits::kDatagramsPerSource).first->second.take(now);
  }
  /// Whether `peer` may make us check another signature.
  bool take_verification(Instant now, const PublicKey& peer) {
    return peers_.try_emplace(peer).first->second.verifications.take(now);
  }

 private:
  struct OfPeer {
    TokenBucket datagrams{limits::kDatagramsPerPeer};
    TokenBucket verifications{limits::kVerificationsPerPeer};
  };
  /// Who is gone keeps its budget, or else reconnecting would renew it.
  /// Those whose bucket is full again lose nothing. If that is not enough, all start afresh: the
  /// peers' budgets still hold.
  void make_room(Instant now) {
    const auto idle = [now](const auto& entry) {
      return entry.second.available_at() + std::chrono::seconds(2) < now;
    };
    if (sources_.size() >= limits::kSources) std::erase_if(sources_, idle);
    if (sources_.size() >= limits::kSources) sources_.clear();
    if (peers_.size() >= limits::kSources) peers_.clear();
  }
  std::map<PublicKey, TokenBucket> sources_;
  std::map<PublicKey, OfPeer> peers_;
};

}  // namespace thicket::routing::dht
