#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "crypto/box.hpp"
#include "crypto/packet.hpp"
#include "crypto/public_key.hpp"
#include "crypto/session.hpp"
#include "crypto/session_limits.hpp"
#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"

namespace thicket::crypto {

/// A set-up that we started: the keys in our init, and the data that waits for the answer.
struct PendingSession {
  PublicKey remote;
  BoxPublicKey remote_box_key;
  SessionKeyPair send;
  SessionKeyPair next;
  TokenBucket inits{kInitsPerRemote};
  std::deque<Packet> waiting{};  ///< oldest first
  std::size_t waiting_bytes = 0;
  Instant started_at{};
  std::uint64_t sequence = 0;        ///< of the init last sent
  std::optional<Instant> sent_at{};  ///< when that was
  Duration backoff = kFirstRetry;    ///< from one automatic repetition to the next
  Instant retry_at{};
  Instant expires_at{};

  Instant due_at() const { return retry_at < expires_at ? retry_at : expires_at; }
  /// The init last sent.
  SessionInit announcement() const {
    return {false, send.public_key, next.public_key, 0, sequence};
  }
};

/// All set-ups in progress, by remote key and by when they are due. Bounded in number and in bytes
/// of waiting data (session_limits.hpp): the set-up whose newest data is oldest goes first.
class PendingSessions {
 public:
  PendingSession* find(const PublicKey& remote);
  /// Starts a set-up; there must be none for this remote.
  PendingSession& start(PendingSession pending);
  /// Keeps data for a set-up, the newest at the cost of the oldest, and prolongs its life.
  void keep(Instant now, PendingSession& pending, Packet data);
  /// Sets when the init is to be repeated.
  void retry_at(PendingSession& pending, Instant at);
  /// Ends a set-up and returns it.
  PendingSession take(const PublicKey& remote);

  std::optional<Instant> next_due() const;
  /// The set-up that is due longest, if any is.
  PendingSession* due(Instant now);

  std::size_t size() const { return pending_.size(); }
  std::size_t state_bytes() const;
  std::size_t waiting_bytes() const { return waiting_bytes_; }

 private:
  template <class Change>
  void reschedule(PendingSession& pending, Change change);
  void drop_oldest(const PublicKey& except);

  std::map<PublicKey, PendingSession> pending_;
  std::set<std::pair<Instant, PublicKey>> by_due_;
  std::set<std::pair<Instant, PublicKey>> by_expiry_;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace thicket::crypto
