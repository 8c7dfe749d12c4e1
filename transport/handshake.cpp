#include "transport/handshake.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "crypto/blake2b.hpp"
#include "crypto/cryptography.hpp"
#include "crypto/invariant.hpp"
#include "routing/capabilities.hpp"

namespace thicket::transport {

namespace {

constexpr std::array<std::uint8_t, 4> kPreamble{'m', 'e', 't', 'a'};
constexpr std::size_t kMaxLength = 65535;

enum FieldType : std::uint16_t {
  major_version = 0,
  minor_version = 1,
  public_key = 2,
  priority = 3
};

std::uint16_t read_u16(const std::uint8_t* bytes) {
  return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

void append_u16(std::vector<std::uint8_t>& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

void append_field(std::vector<std::uint8_t>& out, std::uint16_t type, ByteView value) {
  append_u16(out, type);
  append_u16(out, value.size());
  out.insert(out.end(), value.begin(), value.end());
}

/// The length a field of this type must have; nullopt: a type we do not know.
std::optional<std::size_t> known_size(std::uint16_t type) {
  switch (type) {
    case major_version:
    case minor_version:
      return 2;
    case public_key:
      return PublicKey::kSize;
    case priority:
      return 1;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::vector<std::uint8_t> encode_handshake(const KeyPair& identity, std::string_view password,
                                           std::uint8_t link_priority,
                                           std::span<const ExtraField> extra) {
  const PublicKey& key = identity.public_key();
  std::vector<std::uint8_t> fields;
  const std::array<std::uint8_t, 2> major{0, kMajorVersion};
  const std::array<std::uint8_t, 2> minor{0, kMinorVersion};
  append_field(fields, major_version, major);
  append_field(fields, minor_version, minor);
  append_field(fields, public_key, key.bytes);
  append_field(fields, priority, {&link_priority, 1});
  for (const ExtraField& field : extra) append_field(fields, field.type, field.value);
  const std::size_t length = fields.size() + Signature::kSize;
  INVARIANT(length <= kMaxLength);

  const auto hash = blake2b_512(
      key.bytes, {reinterpret_cast<const std::uint8_t*>(password.data()), password.size()});
  const Signature signature = SodiumCryptography().sign(identity, hash);
  std::vector<std::uint8_t> record(kPreamble.begin(), kPreamble.end());
  record.reserve(record.size() + 2 + length);
  append_u16(record, length);
  record.insert(record.end(), fields.begin(), fields.end());
  record.insert(record.end(), signature.bytes.begin(), signature.bytes.end());
  return record;
}

std::vector<std::uint8_t> with_field(std::vector<std::uint8_t> record, const ExtraField& field) {
  constexpr std::size_t kHeader = kPreamble.size() + 2;
  INVARIANT(record.size() >= kHeader + Signature::kSize);
  std::vector<std::uint8_t> bytes;
  append_field(bytes, field.type, field.value);
  // The signature covers the key alone, and stays as it is.
  record.insert(record.end() - Signature::kSize, bytes.begin(), bytes.end());
  const std::size_t length = record.size() - kHeader;
  INVARIANT(length <= kMaxLength);
  record[kPreamble.size()] = static_cast<std::uint8_t>(length >> 8);
  record[kPreamble.size() + 1] = static_cast<std::uint8_t>(length);
  return record;
}

Result<std::size_t, HandshakeError> HandshakeParser::feed(ByteView bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !complete()) {
    started_ = true;
    std::size_t count = std::min(bytes.size() - taken, wanted_ - have_);
    if (step_ == Step::preamble) count = 1;  // so that a stranger is recognised by its first bytes
    take(bytes.subspan(taken, count));
    have_ += count;
    taken += count;
    if (step_ == Step::preamble) {
      if (const auto error = check_preamble()) return failure(*error);
    }
    if (have_ < wanted_) continue;
    if (const auto done = part_done(); !done) return tl::unexpected(done.error());
  }
  return taken;
}

/// Bytes of the present part.
void HandshakeParser::take(ByteView bytes) {
  if (step_ == Step::unknown_value) return;
  if (step_ == Step::capabilities) {
    record_.capabilities.insert(record_.capabilities.end(), bytes.begin(), bytes.end());
  } else {
    std::memcpy(part_.data() + have_, bytes.data(), bytes.size());
  }
}

std::optional<HandshakeError> HandshakeParser::check_preamble() const {
  // A first byte that is not ours is looked at together with the next, so that the outcome is the
  // same however the stream is cut: two bytes are needed to tell TLS or HTTP from noise.
  const std::size_t count = std::min(have_, kPreamble.size());
  if (std::equal(part_.begin(), part_.begin() + static_cast<std::ptrdiff_t>(count),
                 kPreamble.begin())) {
    return std::nullopt;
  }
  if (have_ < 2) return std::nullopt;
  if (part_[0] == 0x16 && part_[1] == 0x03) return HandshakeError::speaks_tls;
  if (part_[0] == 0x15 && part_[1] == 0x03) return HandshakeError::speaks_tls;
  const std::string_view start(reinterpret_cast<const char*>(part_.data()), 2);
  if (start == "GE" || start == "HT" || start == "PO" || start == "HE") {
    return HandshakeError::speaks_http;
  }
  return HandshakeError::not_a_handshake;
}

Result<void, HandshakeError> HandshakeParser::part_done() {
  switch (step_) {
    case Step::preamble:
      return preamble_done();
    case Step::field_header:
      return field_header_done();
    case Step::known_value:
      value_done();
      break;
    case Step::capabilities:
    case Step::unknown_value:
      next_field();
      break;
    case Step::signature:
      std::copy_n(part_.begin(), Signature::kSize, record_.signature.bytes.begin());
      expect(Step::complete, 0);
      break;
    case Step::complete:
      break;
  }
  return {};
}

Result<void, HandshakeError> HandshakeParser::preamble_done() {
  const std::size_t length = read_u16(&part_[4]);
  if (length < Signature::kSize) return failure(HandshakeError::too_short);
  fields_left_ = length - Signature::kSize;
  next_field();
  return {};
}

void HandshakeParser::next_field() {
  if (fields_left_ == 0) {
    expect(Step::signature, Signature::kSize);
  } else {
    expect(Step::field_header, 4);
  }
}

Result<void, HandshakeError> HandshakeParser::field_header_done() {
  type_ = read_u16(&part_[0]);
  const std::size_t size = read_u16(&part_[2]);
  if (fields_left_ < 4 || size > fields_left_ - 4) return failure(HandshakeError::bad_field);
  fields_left_ -= 4 + size;
  const auto known = known_size(type_);
  if (known && *known != size) return failure(HandshakeError::bad_field);
  const bool of_capabilities = type_ == routing::kCapabilitiesField;
  if (of_capabilities) record_.capabilities.clear();
  if (known) {
    expect(Step::known_value, size);
  } else if (of_capabilities && size != 0 && size <= routing::limits::kCapabilitiesBytes) {
    expect(Step::capabilities, size);
  } else if (size != 0) {
    expect(Step::unknown_value, size);
  } else {
    next_field();
  }
  return {};
}

void HandshakeParser::value_done() {
  switch (type_) {
    case major_version:
      record_.major = read_u16(part_.data());
      break;
    case minor_version:
      record_.minor = read_u16(part_.data());
      break;
    case public_key:
      record_.key.emplace();
      std::copy_n(part_.begin(), PublicKey::kSize, record_.key->bytes.begin());
      break;
    case priority:
      record_.priority = part_[0];
      break;
    default:
      break;
  }
  next_field();
}

void HandshakeParser::expect(Step step, std::size_t size) {
  step_ = step;
  wanted_ = size;
  have_ = 0;
}

Result<void, HandshakeFailure> check_handshake(const HandshakeRecord& record,
                                               const HandshakeTerms& terms) {
  const auto refuse = [&](HandshakeError error) {
    return tl::unexpected(HandshakeFailure{error, record.major, record.minor});
  };
  if (record.major != kMajorVersion || record.minor != kMinorVersion) {
    return refuse(HandshakeError::wrong_version);
  }
  if (!record.key) return refuse(HandshakeError::no_key);
  // Before the signature: our own record is known to be ours whatever password came back with it.
  if (*record.key == terms.own_key) return refuse(HandshakeError::ourselves);
  const auto hash = blake2b_512(
      record.key->bytes,
      {reinterpret_cast<const std::uint8_t*>(terms.password.data()), terms.password.size()});
  if (!SodiumCryptography().verify(*record.key, hash, record.signature)) {
    return refuse(HandshakeError::bad_signature);
  }
  if (!terms.pinned.empty() &&
      std::find(terms.pinned.begin(), terms.pinned.end(), *record.key) == terms.pinned.end()) {
    return refuse(HandshakeError::not_pinned);
  }
  if (terms.allowed != nullptr && !terms.allowed->empty() &&
      !terms.allowed->contains(*record.key)) {
    return refuse(HandshakeError::not_allowed);
  }
  return {};
}

std::string HandshakeFailure::to_string() const {
  switch (error) {
    case HandshakeError::not_a_handshake:
      return "the other side is no Yggdrasil or Thicket node: it did not start with a handshake";
    case HandshakeError::speaks_tls:
      return "the other side speaks TLS: this link needs tls:// on both sides";
    case HandshakeError::speaks_http:
      return "the other side speaks HTTP: it is no Yggdrasil or Thicket node";
    case HandshakeError::too_short:
      return "the peer's handshake is malformed: it is shorter than its signature";
    case HandshakeError::bad_field:
      return "the peer's handshake is malformed: a field has a wrong length";
    case HandshakeError::wrong_version:
      return fmt::format("the peer speaks version {}.{} of the protocol, we speak {}.{}", major,
                         minor, kMajorVersion, kMinorVersion);
    case HandshakeError::no_key:
      return "the peer's handshake names no public key";
    case HandshakeError::bad_signature:
      return "wrong password: the peer and we have different link passwords (?password=)";
    case HandshakeError::ourselves:
      return "the link leads back to ourselves";
    case HandshakeError::not_pinned:
      return "the peer's public key is none of those that ?key= pins";
    case HandshakeError::not_allowed:
      return "the peer's public key is not in AllowedPublicKeys";
    case HandshakeError::truncated:
      return "the peer closed the connection in the middle of its handshake";
    case HandshakeError::silent:
      return "the peer closed the connection before its handshake";
    case HandshakeError::timeout:
      return "the peer did not finish its handshake in time";
  }
  return "unknown handshake error";
}

}  // namespace thicket::transport
