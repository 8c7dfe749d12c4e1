#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "crypto/bytes.hpp"
#include "crypto/cryptography.hpp"
#include "crypto/public_key.hpp"
#include "crypto/result.hpp"
#include "routing/dht/identifier.hpp"
#include "routing/path.hpp"

namespace thicket::routing::dht {

enum class RecordError {
  malformed,
  path_too_long,  ///< over limits::kPathBytes
  too_old,
  in_future,
  forged,
};
std::string_view describe(RecordError error);

/// Where a node is, in its own signed words: exactly what a PathNotify of wire.md §5 proves.
struct PathRecord {
  PublicKey key;
  std::uint64_t seq = 0;                ///< Unix time in seconds
  std::vector<std::uint8_t> coords{0};  ///< wire form, numbers minimal, terminator included
  Signature sig;

  PathView path() const { return PathView(coords); }
  Identifier id() const { return Identifier::of(key); }
  std::size_t encoded_size() const;
  /// key ‖ uvarint seq ‖ path coords ‖ sig
  void append_to(std::vector<std::uint8_t>& out) const;
  std::vector<std::uint8_t> encode() const;
  /// All of `bytes`. Numbers longer than minimal are malformed here: nobody signs such.
  static Result<PathRecord, RecordError> decode(ByteView bytes);
  bool operator==(const PathRecord&) const = default;
};

/// Whether the seq is one that may be held now; nullopt: it may.
std::optional<RecordError> check_age(const PathRecord& record, std::uint64_t unix_seconds);
/// The same, and the signature.
std::optional<RecordError> check(const PathRecord& record, std::uint64_t unix_seconds,
                                 const Cryptography& cryptography);
/// Signs `coords`, in minimal wire form.
PathRecord make_record(const KeyPair& identity, std::uint64_t seq, std::vector<std::uint8_t> coords,
                       const Cryptography& cryptography);

}  // namespace thicket::routing::dht
