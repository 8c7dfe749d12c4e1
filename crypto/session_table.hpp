#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "crypto/box.hpp"
#include "crypto/public_key.hpp"
#include "crypto/session.hpp"
#include "crypto/session_limits.hpp"
#include "crypto/token_bucket.hpp"

namespace thicket::crypto {

/// The ack last sent, to repeat it word for word.
struct SentAck {
  std::uint64_t sequence;
  std::uint64_t local_key_sequence;
};

/// A session and what belongs to it but not into its protocol.
struct SessionEntry {
  PublicKey remote;
  Session session;
  std::optional<BoxPublicKey> remote_box_key{};  ///< converted when first needed
  std::optional<SentAck> sent_ack{};
  TokenBucket inits{kInitsPerRemote};
};

/// All sessions, by remote key and by last use. Bounded: at most kMaxSessions, of which at most
/// kMaxUnprovenSessions with remotes that never sent traffic. One too many evicts the least
/// recently used unproven session, or, if there are none, the least recently used of all.
class SessionTable {
 public:
  SessionEntry* find(const PublicKey& remote);
  /// Adds a session, or puts it in the place of the one there is. The reference stays valid until
  /// the session is removed or evicted.
  SessionEntry& insert(const PublicKey& remote, Session session);
  /// To be called after anything that changed last_used() or is_proven() of an entry's session.
  void touch(SessionEntry& entry);
  /// Ends the sessions that were idle for kSessionIdle.
  void expire(Instant now);
  std::optional<Instant> next_expiry() const;

  std::size_t size() const { return slots_.size(); }
  std::size_t state_bytes() const;
  /// In order of key.
  std::vector<const SessionEntry*> entries() const;

 private:
  // All sessions idle out after the same time, so the order of last use is that of expiry, too.
  struct Slot;
  using Recency = std::list<Slot*>;
  struct Slot {
    SessionEntry entry;
    Recency* list = nullptr;
    Recency::iterator place{};
  };
  void remove(Slot& slot);
  void make_room();

  std::map<PublicKey, Slot> slots_;
  Recency unproven_;
  Recency proven_;
  Slot* last_found_ = nullptr;  // packets come in flows
};

}  // namespace thicket::crypto
