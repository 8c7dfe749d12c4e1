#include "crypto/session_init.hpp"

#include <sodium.h>

#include <algorithm>
#include <string>

namespace thicket::crypto {

namespace {

constexpr std::size_t kEphemeralAt = 1;
constexpr std::size_t kBoxAt = 33;
constexpr std::size_t kSignatureAt = 49;
constexpr std::size_t kFieldsAt = 113;

// Offsets within the fields.
constexpr std::size_t kNextAt = 32;
constexpr std::size_t kKeySequenceAt = 64;
constexpr std::size_t kSequenceAt = 72;

void copy_to(ByteSpan out, std::size_t at, ByteView bytes) {
  std::copy(bytes.begin(), bytes.end(), out.subspan(at, bytes.size()).begin());
}

void put_u64(ByteSpan out, std::size_t at, std::uint64_t value) {
  for (std::size_t i = 0; i < 8; ++i)
    out[at + i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
}

std::uint64_t u64_at(ByteView in, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | in[at + i];
  return value;
}

BoxPublicKey key_at(ByteView in, std::size_t at) {
  BoxPublicKey key;
  std::copy_n(in.subspan(at).begin(), BoxPublicKey::kSize, key.bytes.begin());
  return key;
}

std::array<std::uint8_t, 32> group_preimage(std::string_view password) {
  using namespace std::string_view_literals;
  constexpr std::string_view kDomain = "ironwood/encrypted\0"sv;
  std::array<std::uint8_t, 32> hash;
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (const std::string_view part : {kDomain, password}) {
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(part.data()),
                              part.size());
  }
  crypto_hash_sha256_final(&state, hash.data());
  return hash;
}

}  // namespace

SessionInitCodec::SessionInitCodec(const KeyPair& identity, const Cryptography& cryptography,
                                   Random& random, std::string_view group_password)
    : identity_(identity), cryptography_(cryptography), random_(random) {
  cryptography_.box_secret_key(identity_, *own_box_key_);
  if (!group_password.empty()) group_ = group_preimage(group_password);
}

SessionInitCodec::SignedBytes SessionInitCodec::signed_bytes(ByteView ephemeral,
                                                             ByteView fields) const {
  SignedBytes result;
  auto end = result.bytes.begin();
  if (group_) end = std::copy(group_->begin(), group_->end(), end);
  end = std::copy(ephemeral.begin(), ephemeral.end(), end);
  end = std::copy(fields.begin(), fields.end(), end);
  result.size = static_cast<std::size_t>(end - result.bytes.begin());
  return result;
}

std::optional<Packet> SessionInitCodec::seal(const SessionInit& init,
                                             const BoxPublicKey& recipient) const {
  BoxPublicKey ephemeral;
  Wiped<BoxSecretKey> ephemeral_secret;
  Wiped<BoxSharedKey> shared;
  cryptography_.generate_box_keys(random_, ephemeral, *ephemeral_secret);
  if (!cryptography_.share(recipient, *ephemeral_secret, *shared)) return std::nullopt;

  Packet packet(kSize);
  const ByteSpan out = packet.bytes();
  out[0] = static_cast<std::uint8_t>(init.is_ack ? SessionMessage::ack : SessionMessage::init);
  copy_to(out, kEphemeralAt, ephemeral.bytes);
  const ByteSpan fields = out.subspan(kFieldsAt);
  copy_to(fields, 0, init.current.bytes);
  copy_to(fields, kNextAt, init.next.bytes);
  put_u64(fields, kKeySequenceAt, init.key_sequence);
  put_u64(fields, kSequenceAt, init.sequence);
  const Signature signature =
      cryptography_.sign(identity_, signed_bytes(ephemeral.bytes, fields).view());
  copy_to(out, kSignatureAt, signature.bytes);
  cryptography_.seal(*shared, 0, out.subspan(kBoxAt));
  return packet;
}

std::optional<SessionInit> SessionInitCodec::open(const PublicKey& sender, ByteView message) const {
  if (message.size() != kSize) return std::nullopt;
  const auto type = static_cast<SessionMessage>(message[0]);
  if (type != SessionMessage::init && type != SessionMessage::ack) return std::nullopt;
  std::array<std::uint8_t, kSize> plain;
  std::copy(message.begin(), message.end(), plain.begin());
  Wiped<BoxSharedKey> shared;
  if (!cryptography_.share(key_at(message, kEphemeralAt), *own_box_key_, *shared) ||
      !cryptography_.open(*shared, 0, ByteSpan(plain).subspan(kBoxAt))) {
    return std::nullopt;
  }
  const ByteView fields = ByteView(plain).subspan(kFieldsAt);
  const ByteView ephemeral = message.subspan(kEphemeralAt, BoxPublicKey::kSize);
  Signature signature;
  std::copy_n(plain.begin() + kSignatureAt, Signature::kSize, signature.bytes.begin());
  if (!cryptography_.verify(sender, signed_bytes(ephemeral, fields).view(), signature)) {
    return std::nullopt;
  }
  return SessionInit{type == SessionMessage::ack, key_at(fields, 0), key_at(fields, kNextAt),
                     u64_at(fields, kKeySequenceAt), u64_at(fields, kSequenceAt)};
}

}  // namespace thicket::crypto
