#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/bytes.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/public_key.hpp"
#include "crypto/result.hpp"

// The handshake record of wire.md §2, without I/O.
namespace thicket::transport {

constexpr std::uint16_t kMajorVersion = 0;
constexpr std::uint16_t kMinorVersion = 5;

enum class HandshakeError {
  not_a_handshake,  ///< the first bytes are not "meta"
  speaks_tls,       ///< they look like TLS
  speaks_http,      ///< they look like HTTP
  too_short,        ///< a length under that of the signature
  bad_field,        ///< a known TLV of the wrong length, or one running past the end
  wrong_version,
  no_key,
  bad_signature,  ///< in practice: another password
  ourselves,
  not_pinned,
  not_allowed,
  truncated,  ///< the peer closed the connection inside its record
  silent,     ///< the peer closed the connection before sending anything
  timeout,    ///< the record was not complete in time
};

/// A handshake that came to nothing.
struct HandshakeFailure {
  HandshakeError error;
  std::uint16_t major = 0;  ///< the peer's version, for wrong_version
  std::uint16_t minor = 0;
  /// One human sentence without a full stop that also says what to do about it.
  std::string to_string() const;
};

/// What a peer said. Not signed, except for the key itself.
struct HandshakeRecord {
  std::uint16_t major = 0;
  std::uint16_t minor = 0;
  std::optional<PublicKey> key;
  std::uint8_t priority = 0;
  /// The body of the field routing::kCapabilitiesField; empty: none, or one that is too long.
  std::vector<std::uint8_t> capabilities;
  Signature signature;
  auto operator<=>(const HandshakeRecord&) const = default;
};

/// A field beyond those of wire.md §2; peers that do not know its type skip it.
struct ExtraField {
  std::uint16_t type;
  std::vector<std::uint8_t> value;
};

/// Our record: it says the same on every link with this password and priority. The extra fields
/// must fit a record of 65535 bytes.
std::vector<std::uint8_t> encode_handshake(const KeyPair& identity, std::string_view password,
                                           std::uint8_t priority,
                                           std::span<const ExtraField> extra = {});

/// The same record with one more field, which must fit it.
std::vector<std::uint8_t> with_field(std::vector<std::uint8_t> record, const ExtraField& field);

/// Takes a record apart as it trickles in. Of equal fields the last counts. Holds no more than one
/// known value at a time and routing::limits::kCapabilitiesBytes, whatever length the peer
/// announces.
class HandshakeParser {
 public:
  /// Takes bytes of the stream and returns how many belonged to the record: all, unless the record
  /// is complete. An error is final. The outcome does not depend on how the stream is cut up.
  Result<std::size_t, HandshakeError> feed(ByteView bytes);
  bool complete() const { return step_ == Step::complete; }
  /// Whether any byte has been taken.
  bool started() const { return started_; }
  const HandshakeRecord& record() const { return record_; }

 private:
  enum class Step : std::uint8_t {
    preamble,
    field_header,
    known_value,
    capabilities,
    unknown_value,
    signature,
    complete
  };
  static constexpr std::size_t kLongestPart = Signature::kSize;

  Result<void, HandshakeError> part_done();
  Result<void, HandshakeError> preamble_done();
  Result<void, HandshakeError> field_header_done();
  void take(ByteView bytes);
  void value_done();
  void next_field();
  void expect(Step step, std::size_t size);
  std::optional<HandshakeError> check_preamble() const;

  Step step_ = Step::preamble;
  bool started_ = false;
  std::uint16_t type_ = 0;       // of the field being read
  std::size_t fields_left_ = 0;  // bytes of fields that follow the present part
  std::size_t wanted_ = 6;       // size of the present part
  std::size_t have_ = 0;         // bytes of it taken
  std::array<std::uint8_t, kLongestPart> part_{};
  HandshakeRecord record_;
};

/// What a record must satisfy for the link to come up.
struct HandshakeTerms {
  PublicKey own_key;
  std::string_view password;
  std::span<const PublicKey> pinned;             ///< empty: any
  const std::set<PublicKey>* allowed = nullptr;  ///< null or empty: any
};
Result<void, HandshakeFailure> check_handshake(const HandshakeRecord& record,
                                               const HandshakeTerms& terms);

}  // namespace thicket::transport
