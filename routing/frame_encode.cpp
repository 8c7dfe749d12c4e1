#include <cstring>

#include "crypto/invariant.hpp"
#include "routing/frame.hpp"
#include "routing/uvarint.hpp"

namespace thicket::routing {

namespace {

// More than the longest length prefix takes.
constexpr std::size_t kPrefixRoom = 16;
constexpr std::uint8_t kEmptyPath[1] = {0};

ByteView wire_of(const PathView& path) {
  return path.wire().empty() ? ByteView(kEmptyPath) : path.wire();
}

/// Counts what a Writer would write.
struct Sizer {
  std::size_t size = 0;

  void type(FrameType) { ++size; }
  void uvarint(std::uint64_t value) { size += uvarint_size(value); }
  void bytes(ByteView view) { size += view.size(); }
};

struct Writer {
  std::uint8_t* at;

  void type(FrameType type) { *at++ = static_cast<std::uint8_t>(type); }
  void uvarint(std::uint64_t value) { at = write_uvarint(at, value); }
  void bytes(ByteView view) {
    if (!view.empty()) std::memcpy(at, view.data(), view.size());
    at += view.size();
  }
};

template <class Sink>
void put(Sink& out, const Dummy&) {
  out.type(FrameType::dummy);
}

template <class Sink>
void put(Sink& out, const Keepalive&) {
  out.type(FrameType::keepalive);
}

template <class Sink>
void put(Sink& out, const SigReq& frame) {
  out.type(FrameType::sig_req);
  out.uvarint(frame.seq);
  out.uvarint(frame.nonce);
}

template <class Sink>
void put(Sink& out, const SigRes& frame) {
  out.type(FrameType::sig_res);
  out.uvarint(frame.seq);
  out.uvarint(frame.nonce);
  out.uvarint(frame.port.value);
  out.bytes(frame.psig.bytes);
}

template <class Sink>
void put(Sink& out, const Announce& frame) {
  out.type(FrameType::announce);
  out.bytes(frame.key.bytes);
  out.bytes(frame.parent.bytes);
  out.uvarint(frame.seq);
  out.uvarint(frame.nonce);
  out.uvarint(frame.port.value);
  out.bytes(frame.psig.bytes);
  out.bytes(frame.sig.bytes);
}

template <class Sink>
void put(Sink& out, const PathLookup& frame) {
  out.type(FrameType::path_lookup);
  out.bytes(frame.source.bytes);
  out.bytes(frame.dest.bytes);
  out.bytes(wire_of(frame.from));
}

template <class Sink>
void put(Sink& out, const PathNotify& frame) {
  out.type(FrameType::path_notify);
  out.bytes(wire_of(frame.path));
  out.uvarint(frame.watermark);
  out.bytes(frame.source.bytes);
  out.bytes(frame.dest.bytes);
  out.uvarint(frame.seq);
  out.bytes(wire_of(frame.coords));
  out.bytes(frame.sig.bytes);
}

template <class Sink>
void put(Sink& out, const PathBroken& frame) {
  out.type(FrameType::path_broken);
  out.bytes(wire_of(frame.path));
  out.uvarint(frame.watermark);
  out.bytes(frame.source.bytes);
  out.bytes(frame.dest.bytes);
}

// All of a Traffic frame but its payload.
template <class Sink>
void put(Sink& out, const Traffic& frame) {
  out.type(FrameType::traffic);
  out.bytes(wire_of(frame.path));
  out.bytes(wire_of(frame.from));
  out.bytes(frame.source.bytes);
  out.bytes(frame.dest.bytes);
  out.uvarint(frame.watermark);
}

template <class FrameOfOneType>
std::size_t size_of(const FrameOfOneType& frame) {
  Sizer sizer;
  put(sizer, frame);
  return sizer.size;
}

template <class FrameOfOneType>
Packet encode_body(const FrameOfOneType& frame) {
  Packet body(size_of(frame), kPrefixRoom);
  Writer writer{body.data()};
  put(writer, frame);
  return body;
}

}  // namespace

Packet encode(const Dummy& frame) {
  return encode_body(frame);
}

Packet encode(const Keepalive& frame) {
  return encode_body(frame);
}

Packet encode(const SigReq& frame) {
  return encode_body(frame);
}

Packet encode(const SigRes& frame) {
  return encode_body(frame);
}

Packet encode(const Announce& frame) {
  return encode_body(frame);
}

Packet encode(const BloomFrame& frame) {
  const std::vector<std::uint8_t> wire = frame.filter.encode();
  Packet body(1 + wire.size(), kPrefixRoom);
  Writer writer{body.data()};
  writer.type(FrameType::bloom_filter);
  writer.bytes(wire);
  return body;
}

Packet encode(const PathLookup& frame) {
  return encode_body(frame);
}

Packet encode(const PathNotify& frame) {
  return encode_body(frame);
}

Packet encode(const PathBroken& frame) {
  return encode_body(frame);
}

std::size_t traffic_header_size(const Traffic& header) {
  return size_of(header);
}

void prepend_traffic_header(Packet& payload, const Traffic& header) {
  Writer writer{payload.push_front(size_of(header)).data()};
  put(writer, header);
}

void set_watermark(Packet& body, WatermarkField field, std::uint64_t watermark) {
  const std::size_t size = uvarint_size(watermark);
  INVARIANT(size <= field.size);
  INVARIANT(field.offset + field.size <= body.size());
  const std::size_t shift = field.size - size;
  if (shift != 0) {
    std::memmove(body.data() + shift, body.data(), field.offset);
    body.pop_front(shift);
  }
  write_uvarint(body.data() + field.offset, watermark);
}

void prepend_length(Packet& body) {
  const std::size_t size = body.size();
  write_uvarint(body.push_front(uvarint_size(size)).data(), size);
}

std::vector<std::uint8_t> signed_bytes(const PublicKey& key, const PublicKey& parent,
                                       std::uint64_t seq, std::uint64_t nonce, Port port) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(2 * PublicKey::kSize + 3 * kMaxUvarintSize);
  bytes.insert(bytes.end(), key.bytes.begin(), key.bytes.end());
  bytes.insert(bytes.end(), parent.bytes.begin(), parent.bytes.end());
  append_uvarint(bytes, seq);
  append_uvarint(bytes, nonce);
  append_uvarint(bytes, port.value);
  return bytes;
}

std::vector<std::uint8_t> signed_bytes(std::uint64_t seq, const PathView& coords) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(kMaxUvarintSize + coords.wire().size() + 1);
  append_uvarint(bytes, seq);
  for (const Port port : coords) append_uvarint(bytes, port.value);
  bytes.push_back(0);
  return bytes;
}

}  // namespace thicket::routing
