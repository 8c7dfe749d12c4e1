#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "crypto/bytes.hpp"
#include "crypto/result.hpp"
#include "routing/dht/identifier.hpp"
#include "routing/dht/path_record.hpp"

// The datagrams of extension E2: payloads of Traffic frames, first byte 0x44, then a MessagePack
// array [kind, txid, sender record, fields of the kind …, padding].
namespace thicket::routing::dht {

/// First byte of a payload that is ours.
constexpr std::uint8_t kPayloadType = 0x44;

/// Chosen by who asks; the answer repeats it, which proves that it was asked.
using TransactionId = std::array<std::uint8_t, 8>;

struct Ping {
  bool operator==(const Ping&) const = default;
};
struct Pong {
  bool operator==(const Pong&) const = default;
};
/// Goes from contact to contact, ever closer to the target.
struct Find {
  /// Added to `hops_left` of second and further ways: those who know of it pass the find on to any
  /// contact that is on the way, and not always to the same, so that one node cannot stop it. To
  /// those who do not it is a long way to go; each hop comes closer all the same.
  static constexpr std::uint8_t kDetour = 0x80;

  Identifier target;
  std::uint8_t hops_left = 0;
  std::optional<PathRecord> origin;  ///< who asked, and gets the answer; nullopt: the sender
  /// Records up to this seq are of no use to who asked: their path proved broken. Behind the
  /// specified fields, so whoever does not know it takes it for padding; left out if 0.
  std::uint64_t newer_than = 0;
  bool operator==(const Find&) const = default;
};
/// None: nobody closer is known, and the record is not there.
struct Found {
  std::vector<PathRecord> records;
  bool operator==(const Found&) const = default;
};
struct Store {
  std::optional<PathRecord> record;  ///< nullopt: the sender's
  std::uint8_t hops_left = 0;        ///< 0: a copy, to be kept and not handed on
  bool operator==(const Store&) const = default;
};
struct Stored {
  bool operator==(const Stored&) const = default;
};
struct Neighbours {
  Identifier id;
  bool operator==(const Neighbours&) const = default;
};
struct Contacts {
  std::vector<PathRecord> records;
  bool operator==(const Contacts&) const = default;
};

/// In order of their kinds, 0 to 7.
using Body = std::variant<Ping, Pong, Find, Found, Store, Stored, Neighbours, Contacts>;

/// The place of `Kind` among the alternatives of Body.
template <class Kind>
constexpr std::size_t kKindOf = []<class... Kinds>(const std::variant<Kinds...>*) {
  std::size_t place = 0;
  static_cast<void>(((std::is_same_v<Kind, Kinds> || (++place, false)) || ...));
  return place;
}(static_cast<const Body*>(nullptr));

struct Datagram {
  TransactionId txid{};
  /// Introduces the sender, and gives the way back. May be missing where neither is needed.
  std::optional<PathRecord> sender;
  Body body;
  bool operator==(const Datagram&) const = default;
};

enum class MessageError {
  too_long,
  not_ours,      ///< another first byte
  malformed,     ///< no MessagePack, over a limit, or trailing bytes
  unknown_kind,  ///< of a later version: to be ignored
  bad_field,
};
std::string_view describe(MessageError error);

/// A whole payload, first byte included. Elements beyond the known ones are ignored.
Result<Datagram, MessageError> decode_datagram(ByteView payload);
/// The payload, padded if need be to `size_min` bytes (at most limits::kPaddingBytes of padding).
std::vector<std::uint8_t> encode_datagram(const Datagram& datagram, std::size_t size_min = 0);
/// A reply that is no longer than `request_size`: leaves away the sender's record, then the last
/// records, as need be. nullopt: there is no room even so.
std::optional<std::vector<std::uint8_t>> encode_reply(Datagram reply, std::size_t request_size);

/// Bytes that a record takes up in a datagram.
std::size_t room_for_record(const PathRecord& record);
/// Bytes of a Found or Contacts datagram beyond its records.
constexpr std::size_t kReplyOverhead = 18;

}  // namespace thicket::routing::dht
