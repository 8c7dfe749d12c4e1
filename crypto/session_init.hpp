#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "crypto/box.hpp"
#include "crypto/cryptography.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/packet.hpp"
#include "crypto/random.hpp"
#include "crypto/secret.hpp"

namespace thicket::crypto {

/// First byte of what sessions put in Traffic frames (wire.md §8).
enum class SessionMessage : std::uint8_t { dummy = 0, init = 1, ack = 2, traffic = 3 };

/// An init or ack, decrypted: the keys that its sender announces.
struct SessionInit {
  bool is_ack = false;
  BoxPublicKey current;
  BoxPublicKey next;
  std::uint64_t key_sequence = 0;  ///< the sender's; counts its rotations of keys
  std::uint64_t sequence = 0;      ///< Unix seconds; rises from message to message

  bool operator==(const SessionInit&) const = default;
  bool same_keys(const SessionInit& other) const {
    return current == other.current && next == other.next && key_sequence == other.key_sequence;
  }
};

/// Seals and opens inits and acks. Layout (wire.md §8), 193 bytes:
///
///     0        1             33      49     113       145    177        185        193
///     | type | ephemeral key | tag | signature | current | next | keyseq | sequence |
///                                  |<------------ encrypted, nonce 0 -------------->|
class SessionInitCodec {
 public:
  static constexpr std::size_t kSize = 193;

  /// The references must outlive the codec. An empty password means none.
  SessionInitCodec(const KeyPair& identity, const Cryptography& cryptography, Random& random,
                   std::string_view group_password);

  /// `recipient` is the long-term key of the receiver, converted. None if that is a degenerate one.
  std::optional<Packet> seal(const SessionInit& init, const BoxPublicKey& recipient) const;
  /// None unless `message` was made by `sender`, for us and with the group's password.
  std::optional<SessionInit> open(const PublicKey& sender, ByteView message) const;

 private:
  // What the signature covers: the group, the ephemeral key and the encrypted fields.
  static constexpr std::size_t kGroupSize = 32;
  static constexpr std::size_t kFieldsSize = 80;
  struct SignedBytes {
    std::array<std::uint8_t, kGroupSize + BoxPublicKey::kSize + kFieldsSize> bytes;
    std::size_t size;
    ByteView view() const { return ByteView(bytes).first(size); }
  };
  SignedBytes signed_bytes(ByteView ephemeral, ByteView fields) const;

  const KeyPair& identity_;
  const Cryptography& cryptography_;
  Random& random_;
  Secret<BoxSecretKey> own_box_key_;
  std::optional<std::array<std::uint8_t, kGroupSize>> group_;
};

}  // namespace thicket::crypto
