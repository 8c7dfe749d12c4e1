#include <utility>

#include "routing/frame.hpp"
#include "routing/frame_reader.hpp"
#include "routing/uvarint.hpp"

namespace thicket::routing {

namespace {

void read(FrameReader& in, Dummy&) {
  in.take_rest();
}

void read(FrameReader& in, Keepalive&) {
  in.take_rest();
}

void read(FrameReader& in, SigReq& frame) {
  frame.seq = in.uvarint();
  frame.nonce = in.uvarint();
}

void read(FrameReader& in, SigRes& frame) {
  frame.seq = in.uvarint();
  frame.nonce = in.uvarint();
  frame.port.value = in.uvarint();
  frame.psig = in.fixed<Signature>();
}

void read(FrameReader& in, Announce& frame) {
  frame.key = in.fixed<PublicKey>();
  frame.parent = in.fixed<PublicKey>();
  frame.seq = in.uvarint();
  frame.nonce = in.uvarint();
  frame.port.value = in.uvarint();
  frame.psig = in.fixed<Signature>();
  frame.sig = in.fixed<Signature>();
}

void read(FrameReader& in, PathLookup& frame) {
  frame.source = in.fixed<PublicKey>();
  frame.dest = in.fixed<PublicKey>();
  frame.from = in.path();
}

void read(FrameReader& in, PathNotify& frame) {
  frame.path = in.path();
  frame.watermark = in.watermark(frame.watermark_field);
  frame.source = in.fixed<PublicKey>();
  frame.dest = in.fixed<PublicKey>();
  frame.seq = in.uvarint();
  frame.coords = in.path();
  frame.sig = in.fixed<Signature>();
}

void read(FrameReader& in, PathBroken& frame) {
  frame.path = in.path();
  frame.watermark = in.watermark(frame.watermark_field);
  frame.source = in.fixed<PublicKey>();
  frame.dest = in.fixed<PublicKey>();
}

void read(FrameReader& in, Traffic& frame) {
  frame.path = in.path();
  frame.from = in.path();
  frame.source = in.fixed<PublicKey>();
  frame.dest = in.fixed<PublicKey>();
  frame.watermark = in.watermark(frame.watermark_field);
  frame.payload_offset = in.offset();
  in.take_rest();
}

template <class FrameOfOneType>
std::optional<FrameError> read_body(ByteView body, FrameOfOneType& frame) {
  // Offsets count from the type byte, which the caller has looked at.
  FrameReader in(body, 1);
  read(in, frame);
  return in.finish();
}

std::optional<FrameError> read_body(ByteView body, BloomFrame& frame) {
  const std::optional<BloomFilter> filter = BloomFilter::decode(body.subspan(1));
  if (!filter) return FrameError::bad_filter;
  frame.filter = *filter;
  return std::nullopt;
}

// Decodes where the caller will find it: a Frame is as large as its largest member, the filter, and
// moving a small frame would move all of that.
template <class FrameOfOneType>
Result<Frame, FrameError> decode_as(ByteView body) {
  Result<Frame, FrameError> result(tl::in_place, std::in_place_type<FrameOfOneType>);
  if (const auto error = read_body(body, *std::get_if<FrameOfOneType>(&*result))) {
    result = failure(*error);
  }
  return result;
}

std::optional<FrameError> wrong_size(ByteView body) {
  if (body.empty()) return FrameError::empty;
  if (body.size() > kMaxFrameSize) return FrameError::too_long;
  return std::nullopt;
}

}  // namespace

std::optional<FrameType> peek_type(ByteView body) {
  if (body.empty() || body[0] > static_cast<std::uint8_t>(FrameType::traffic)) return std::nullopt;
  return static_cast<FrameType>(body[0]);
}

Result<Frame, FrameError> decode_frame(ByteView body) {
  if (const auto error = wrong_size(body)) return failure(*error);
  const std::optional<FrameType> type = peek_type(body);
  if (!type) return failure(FrameError::unknown_type);
  switch (*type) {
    case FrameType::dummy:
      return decode_as<Dummy>(body);
    case FrameType::keepalive:
      return decode_as<Keepalive>(body);
    case FrameType::sig_req:
      return decode_as<SigReq>(body);
    case FrameType::sig_res:
      return decode_as<SigRes>(body);
    case FrameType::announce:
      return decode_as<Announce>(body);
    case FrameType::bloom_filter:
      return decode_as<BloomFrame>(body);
    case FrameType::path_lookup:
      return decode_as<PathLookup>(body);
    case FrameType::path_notify:
      return decode_as<PathNotify>(body);
    case FrameType::path_broken:
      return decode_as<PathBroken>(body);
    case FrameType::traffic:
      return decode_as<Traffic>(body);
  }
  return failure(FrameError::unknown_type);
}

Result<Traffic, FrameError> decode_traffic(ByteView body) {
  if (const auto error = wrong_size(body)) return failure(*error);
  if (peek_type(body) != FrameType::traffic) return failure(FrameError::unknown_type);
  Result<Traffic, FrameError> result(tl::in_place);
  if (const auto error = read_body(body, *result)) result = failure(*error);
  return result;
}

Result<std::optional<LengthPrefix>, FrameError> decode_length(ByteView stream) {
  const Uvarint length = decode_uvarint(stream);
  if (length.status == Uvarint::Status::malformed) return failure(FrameError::bad_length);
  if (length.status == Uvarint::Status::truncated) return std::optional<LengthPrefix>();
  if (length.value == 0) return failure(FrameError::empty);
  if (length.value > kMaxFrameSize) return failure(FrameError::too_long);
  return LengthPrefix{length.size, static_cast<std::size_t>(length.value)};
}

std::string_view describe(FrameError error) {
  switch (error) {
    case FrameError::empty:
      return "frame without a type";
    case FrameError::too_long:
      return "frame longer than 131070 bytes";
    case FrameError::bad_length:
      return "malformed frame length";
    case FrameError::unknown_type:
      return "unknown frame type";
    case FrameError::truncated:
      return "frame ends within a field";
    case FrameError::left_over_bytes:
      return "frame goes on after its last field";
    case FrameError::bad_uvarint:
      return "malformed number in a frame";
    case FrameError::bad_filter:
      return "malformed bloom filter";
  }
  return "unknown frame error";
}

}  // namespace thicket::routing
