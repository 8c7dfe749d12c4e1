#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "crypto/packet.hpp"
#include "crypto/public_key.hpp"
#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"
#include "routing/limits.hpp"
#include "routing/path.hpp"

namespace thicket::routing {

/// Nodes that hold, or may hold, a path to us: those that sent us traffic or looked us up lately.
/// They are told when our coordinates change. What is known of their own place here was not signed:
/// a hint, used only where nothing better is known.
class Correspondents {
 public:
  struct Entry {
    std::vector<std::uint8_t> from;  ///< in wire form; empty: no way is known any more
    Instant last_heard;
    /// Packets sent to any `from`: whoever names a new one, or has it called broken, gets no more.
    std::uint32_t sent_back = 0;
    bool tried = false;            ///< one of them went to the present `from`
    std::optional<Packet> copy{};  ///< of the last packet sent back, until something comes
    Instant last_sent{};
    TokenBucket notifies{limits::kNotifiesPerSource};
    bool proven = false;  ///< something came after that: an answer, most likely

    bool has_way() const { return !from.empty(); }
  };

  /// `from` is the path a frame of `key` named as the way back.
  void heard(Instant now, const PublicKey& key, const PathView& from);
  /// A signed word of where `key` is now; ignored if `key` was not heard of lately.
  void moved(const PublicKey& key, const PathView& coordinates);
  /// What is known of `key` if it was heard of lately; the way back may be none. Null otherwise.
  Entry* way_back(Instant now, const PublicKey& key);
  const Entry* find(const PublicKey& key) const;
  /// The way back is no way: the next packet is for a signed path.
  static void way_broken(Entry& entry);
  void expire(Instant now);

  std::size_t state_bytes() const;
  const std::map<PublicKey, Entry>& entries() const { return entries_; }

 private:
  bool make_room(Instant now);

  Instant searched_{};
  std::map<PublicKey, Entry> entries_;
};

}  // namespace thicket::routing
