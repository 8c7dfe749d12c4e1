#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "crypto/bytes.hpp"
#include "crypto/packet.hpp"
#include "crypto/public_key.hpp"
#include "crypto/result.hpp"
#include "routing/bloom_filter.hpp"
#include "routing/path.hpp"

// The ten frame types of wire.md §2. Decoded frames hold views into the packet they came in; a
// payload is never copied. A "body" is a frame without its length prefix, first byte the type.
namespace thicket::routing {

constexpr std::size_t kMaxFrameSize = 131070;
/// Watermark of a frame that nobody has forwarded yet (wire.md §4).
constexpr std::uint64_t kNoWatermark = ~std::uint64_t{0};

enum class FrameType : std::uint8_t {
  dummy = 0,
  keepalive = 1,
  sig_req = 2,
  sig_res = 3,
  announce = 4,
  bloom_filter = 5,
  path_lookup = 6,
  path_notify = 7,
  path_broken = 8,
  traffic = 9,
};

enum class FrameError {
  empty,
  too_long,
  bad_length,  ///< the length prefix is not a uvarint
  unknown_type,
  truncated,
  left_over_bytes,
  bad_uvarint,
  bad_filter,
};
std::string_view describe(FrameError error);

struct Dummy {};
struct Keepalive {};

struct SigReq {
  std::uint64_t seq = 0;
  std::uint64_t nonce = 0;
  auto operator<=>(const SigReq&) const = default;
};

struct SigRes {
  std::uint64_t seq = 0;
  std::uint64_t nonce = 0;
  Port port;
  Signature psig;
  auto operator<=>(const SigRes&) const = default;
};

/// A spanning tree record (wire.md §3) as it travels.
struct Announce {
  PublicKey key;
  PublicKey parent;
  std::uint64_t seq = 0;
  std::uint64_t nonce = 0;
  Port port;
  Signature psig;
  Signature sig;
  auto operator<=>(const Announce&) const = default;
};

struct BloomFrame {
  BloomFilter filter;
};

struct PathLookup {
  PublicKey source;
  PublicKey dest;  ///< may be a partial key
  PathView from;
};

/// Where in a body the watermark stands, so that forwarding can patch it in place.
struct WatermarkField {
  std::size_t offset = 0;
  std::size_t size = 0;
};

struct PathNotify {
  PathView path;
  std::uint64_t watermark = kNoWatermark;
  PublicKey source;
  PublicKey dest;
  std::uint64_t seq = 0;
  PathView coords;
  Signature sig;
  WatermarkField watermark_field;  ///< set by decode_frame
};

struct PathBroken {
  PathView path;
  std::uint64_t watermark = kNoWatermark;
  PublicKey source;
  PublicKey dest;
  WatermarkField watermark_field;
};

struct Traffic {
  PathView path;
  PathView from;
  PublicKey source;
  PublicKey dest;
  std::uint64_t watermark = kNoWatermark;
  std::size_t payload_offset = 0;  ///< in the body; the payload is the rest
  WatermarkField watermark_field;
};

using Frame = std::variant<Dummy, Keepalive, SigReq, SigRes, Announce, BloomFrame, PathLookup,
                           PathNotify, PathBroken, Traffic>;

/// The type of a body, before anything else of it is looked at; nullopt: empty or unknown.
std::optional<FrameType> peek_type(ByteView body);

/// Decodes a whole body. The result views `body`, which must outlive it. Allocates nothing. Bodies
/// of Dummy and Keepalive are ignored; all others must be used up exactly.
Result<Frame, FrameError> decode_frame(ByteView body);
/// The same for a body whose type is Traffic, for the forwarding path: the result is small.
Result<Traffic, FrameError> decode_traffic(ByteView body);

/// Bodies of frames, with head room for the length prefix. An empty PathView is the empty path.
Packet encode(const Dummy& frame);
Packet encode(const Keepalive& frame);
Packet encode(const SigReq& frame);
Packet encode(const SigRes& frame);
Packet encode(const Announce& frame);
Packet encode(const BloomFrame& frame);
Packet encode(const PathLookup& frame);
Packet encode(const PathNotify& frame);
Packet encode(const PathBroken& frame);

/// Bytes that prepend_traffic_header() puts in front. Paths come from strangers: whoever sends must
/// see to it that header and payload together stay within kMaxFrameSize.
std::size_t traffic_header_size(const Traffic& header);
/// Puts the header of a Traffic frame in front of its payload, in place; `header.payload_offset`
/// and `header.watermark_field` are ignored. The paths must not lie in `payload`.
void prepend_traffic_header(Packet& payload, const Traffic& header);

/// Writes a new watermark (minimal form) into a body. The new one must not encode longer than the
/// old one; what stands before the field moves towards the payload, which stays where it is. Views
/// into the body are void afterwards.
void set_watermark(Packet& body, WatermarkField field, std::uint64_t watermark);

/// Puts the length prefix in front of a body of 1 to kMaxFrameSize bytes: what results goes to the
/// link as it is.
void prepend_length(Packet& body);

/// A length prefix found at the start of a stream.
struct LengthPrefix {
  std::size_t prefix_size = 0;
  std::size_t body_size = 0;
};
/// nullopt: more bytes are needed. Lengths of 0 or over kMaxFrameSize are errors (wire.md §2).
Result<std::optional<LengthPrefix>, FrameError> decode_length(ByteView stream);

/// The bytes that tree signatures cover (wire.md §3): key, parent, seq, nonce, port.
std::vector<std::uint8_t> signed_bytes(const PublicKey& key, const PublicKey& parent,
                                       std::uint64_t seq, std::uint64_t nonce, Port port);
/// The bytes that a PathNotify's signature covers (wire.md §5): seq, coordinates, in minimal form.
std::vector<std::uint8_t> signed_bytes(std::uint64_t seq, const PathView& coords);

}  // namespace thicket::routing
