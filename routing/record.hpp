#pragma once

#include <optional>
#include <string_view>

#include "crypto/cryptography.hpp"
#include "crypto/public_key.hpp"
#include "routing/frame.hpp"
#include "routing/path.hpp"

namespace thicket::routing {

/// What a node says of its place in the spanning tree (wire.md §3), without the key it is about.
struct Record {
  PublicKey parent;
  std::uint64_t seq = 0;
  std::uint64_t nonce = 0;
  Port port;       ///< the number the parent gave to the key; 0 for a root
  Signature psig;  ///< the parent's
  Signature sig;   ///< the key's own

  static Record of(const Announce& announce);
  Announce announce(const PublicKey& key) const;
  bool operator==(const Record&) const = default;
};

/// The merge rule: whether `candidate` replaces `held`. All nodes must agree on this.
bool supersedes(const Record& candidate, const Record& held);

/// nullopt if the record is sound; else what is wrong with it, as static text.
std::optional<std::string_view> find_fault(const PublicKey& key, const Record& record,
                                           const Cryptography& cryptography);

/// A root's record: itself as parent, port 0, one signature in both places.
Record make_root_record(const KeyPair& identity, std::uint64_t seq, std::uint64_t nonce,
                        const Cryptography& cryptography);

}  // namespace thicket::routing
