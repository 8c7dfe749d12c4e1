#include "routing/frame.hpp"

#include <algorithm>
#include <variant>

#include "crypto/invariant.hpp"

using namespace thicket;
using namespace thicket::routing;

namespace {

bool equal(ByteView a, ByteView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

// Encoding what was decoded gives a body that is no longer, and that encodes to itself.
struct Reencode {
  ByteView body;

  template <class FrameOfOneType>
  void operator()(const FrameOfOneType& frame) const {
    const Packet once = encode(frame);
    INVARIANT(once.size() <= body.size());
    const auto again = decode_frame(once.bytes());
    INVARIANT(again.has_value());
    const auto* same = std::get_if<FrameOfOneType>(&*again);
    INVARIANT(same != nullptr);
    INVARIANT(equal(encode(*same).bytes(), once.bytes()));
  }

  void operator()(const Traffic& frame) const {
    const ByteView payload = body.subspan(frame.payload_offset);
    Packet packet = Packet::copy_of(payload, body.size() % 512);
    prepend_traffic_header(packet, frame);
    const auto again = decode_traffic(packet.bytes());
    INVARIANT(again.has_value());
    INVARIANT(again->path.to_path() == frame.path.to_path());
    INVARIANT(again->from.to_path() == frame.from.to_path());
    INVARIANT(again->watermark == frame.watermark);
    INVARIANT(equal(packet.bytes().subspan(again->payload_offset), payload));
  }
};

struct LowerWatermark {
  ByteView body;

  template <class FrameOfOneType>
  void operator()(const FrameOfOneType& frame) const {
    if constexpr (requires { frame.watermark_field; }) {
      Packet packet = Packet::copy_of(body);
      set_watermark(packet, frame.watermark_field, frame.watermark / 3);
      const auto lowered = decode_frame(packet.bytes());
      INVARIANT(lowered.has_value());
      const auto* same = std::get_if<FrameOfOneType>(&*lowered);
      INVARIANT(same != nullptr && same->watermark == frame.watermark / 3);
      INVARIANT(equal(same->path.wire(), frame.path.wire()));
    }
  }
};

void check_length(ByteView stream) {
  const auto length = decode_length(stream);
  if (!length || !*length) return;
  INVARIANT((*length)->prefix_size <= stream.size());
  INVARIANT((*length)->body_size >= 1 && (*length)->body_size <= kMaxFrameSize);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView body(data, size);
  check_length(body);
  const auto frame = decode_frame(body);
  if (!frame) {
    INVARIANT(!describe(frame.error()).empty());
    return 0;
  }
  INVARIANT(peek_type(body).has_value());
  std::visit(Reencode{body}, *frame);
  std::visit(LowerWatermark{body}, *frame);
  return 0;
}
