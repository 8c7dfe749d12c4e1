#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "routing/frame.hpp"
#include "routing/uvarint.hpp"
#include "routing/wire_bytes.hpp"
#include "routing/wire_generators.hpp"

namespace thicket::routing {
namespace {

using test::any_fixed;
using test::any_number;
using test::any_path;
using test::Bytes;

// Decodes `body` as a FrameOfOneType; fails the property if it is anything else.
template <class FrameOfOneType>
FrameOfOneType decode_as(const Packet& body) {
  const auto frame = decode_frame(body.bytes());
  RC_ASSERT(frame.has_value());
  RC_ASSERT(std::holds_alternative<FrameOfOneType>(*frame));
  return std::get<FrameOfOneType>(*frame);
}

RC_GTEST_PROP(Frame, SigReqSurvives, ()) {
  const SigReq frame{*any_number(), *any_number()};
  RC_ASSERT(decode_as<SigReq>(encode(frame)) == frame);
}

RC_GTEST_PROP(Frame, SigResSurvives, ()) {
  const SigRes frame{*any_number(), *any_number(), Port{*any_number()}, *any_fixed<Signature>()};
  RC_ASSERT(decode_as<SigRes>(encode(frame)) == frame);
}

RC_GTEST_PROP(Frame, AnnounceSurvives, ()) {
  const Announce frame{*any_fixed<PublicKey>(), *any_fixed<PublicKey>(), *any_number(),
                       *any_number(),           Port{*any_number()},     *any_fixed<Signature>(),
                       *any_fixed<Signature>()};
  RC_ASSERT(decode_as<Announce>(encode(frame)) == frame);
}

RC_GTEST_PROP(Frame, BloomFilterSurvives, ()) {
  const BloomFrame frame{*test::any_filter()};
  RC_ASSERT(decode_as<BloomFrame>(encode(frame)).filter == frame.filter);
}

RC_GTEST_PROP(Frame, PathLookupSurvives, ()) {
  const Path from = *any_path();
  const Bytes from_wire = encode_path(from);
  const PathLookup frame{*any_fixed<PublicKey>(), *any_fixed<PublicKey>(), PathView(from_wire)};
  const Packet body = encode(frame);
  const auto again = decode_as<PathLookup>(body);
  RC_ASSERT(again.source == frame.source);
  RC_ASSERT(again.dest == frame.dest);
  RC_ASSERT(again.from.to_path() == from);
}

RC_GTEST_PROP(Frame, PathNotifySurvives, ()) {
  const Path path = *any_path();
  const Path coords = *any_path();
  const Bytes path_wire = encode_path(path);
  const Bytes coords_wire = encode_path(coords);
  PathNotify frame;
  frame.path = PathView(path_wire);
  frame.watermark = *any_number();
  frame.source = *any_fixed<PublicKey>();
  frame.dest = *any_fixed<PublicKey>();
  frame.seq = *any_number();
  frame.coords = PathView(coords_wire);
  frame.sig = *any_fixed<Signature>();
  const Packet body = encode(frame);
  const auto again = decode_as<PathNotify>(body);
  RC_ASSERT(again.path.to_path() == path);
  RC_ASSERT(again.watermark == frame.watermark);
  RC_ASSERT(again.source == frame.source);
  RC_ASSERT(again.dest == frame.dest);
  RC_ASSERT(again.seq == frame.seq);
  RC_ASSERT(again.coords.to_path() == coords);
  RC_ASSERT(again.sig == frame.sig);
}

RC_GTEST_PROP(Frame, PathBrokenSurvives, ()) {
  const Path path = *any_path();
  const Bytes path_wire = encode_path(path);
  PathBroken frame;
  frame.path = PathView(path_wire);
  frame.watermark = *any_number();
  frame.source = *any_fixed<PublicKey>();
  frame.dest = *any_fixed<PublicKey>();
  const Packet body = encode(frame);
  const auto again = decode_as<PathBroken>(body);
  RC_ASSERT(again.path.to_path() == path);
  RC_ASSERT(again.watermark == frame.watermark);
  RC_ASSERT(again.source == frame.source);
  RC_ASSERT(again.dest == frame.dest);
}

/// A Traffic frame and what it views.
struct AnyTraffic {
  Path path = *any_path();
  Path from = *any_path();
  Bytes path_wire = encode_path(path);
  Bytes from_wire = encode_path(from);
  Bytes payload = *rc::gen::arbitrary<Bytes>();
  Traffic header;

  AnyTraffic() {
    header.path = PathView(path_wire);
    header.from = PathView(from_wire);
    header.source = *any_fixed<PublicKey>();
    header.dest = *any_fixed<PublicKey>();
    header.watermark = *any_number();
  }

  // With less head room than the header needs, too.
  Packet body() const {
    Packet packet = Packet::copy_of(payload, *rc::gen::element<std::size_t>(0, 40, 384));
    prepend_traffic_header(packet, header);
    return packet;
  }

  void check(const Packet& body, std::uint64_t watermark) const {
    const auto frame = decode_traffic(body.bytes());
    RC_ASSERT(frame.has_value());
    RC_ASSERT(frame->path.to_path() == path);
    RC_ASSERT(frame->from.to_path() == from);
    RC_ASSERT(frame->source == header.source);
    RC_ASSERT(frame->dest == header.dest);
    RC_ASSERT(frame->watermark == watermark);
    RC_ASSERT(test::to_bytes(body.bytes().subspan(frame->payload_offset)) == payload);
  }
};

RC_GTEST_PROP(Frame, TrafficSurvives, ()) {
  const AnyTraffic traffic;
  const Packet body = traffic.body();
  RC_ASSERT(body.size() == traffic.payload.size() + traffic_header_size(traffic.header));
  traffic.check(body, traffic.header.watermark);
  RC_ASSERT(decode_as<Traffic>(body).watermark == traffic.header.watermark);
}

RC_GTEST_PROP(Frame, WatermarkFallsInPlace, ()) {
  const AnyTraffic traffic;
  Packet body = traffic.body();
  const auto frame = decode_traffic(body.bytes());
  RC_ASSERT(frame.has_value());
  const std::uint8_t* const payload = body.data() + frame->payload_offset;
  const std::size_t payload_from_end = body.size() - frame->payload_offset;

  const std::uint64_t lower = traffic.header.watermark >> *rc::gen::inRange(0, 64);
  set_watermark(body, frame->watermark_field, lower);
  traffic.check(body, lower);
  RC_ASSERT(body.data() + body.size() - payload_from_end == payload);
}

RC_GTEST_PROP(Frame, WatermarkOfOtherFramesFallsInPlace, ()) {
  PathBroken frame;
  frame.watermark = *any_number();
  frame.source = *any_fixed<PublicKey>();
  Packet body = encode(frame);
  const auto before = decode_as<PathBroken>(body);
  const std::uint64_t lower = frame.watermark / 2;
  set_watermark(body, before.watermark_field, lower);
  const auto after = decode_as<PathBroken>(body);
  RC_ASSERT(after.watermark == lower);
  RC_ASSERT(after.source == frame.source);
  RC_ASSERT(after.path.to_path().empty());
}

TEST(Frame, DummyAndKeepaliveAreOneByte) {
  EXPECT_EQ(test::to_bytes(encode(Dummy())), Bytes({0}));
  EXPECT_EQ(test::to_bytes(encode(Keepalive())), Bytes({1}));
}

TEST(Frame, NotifySignatureCoversTheMinimalForm) {
  const Bytes long_form{0x81, 0x00, 2, 0x80, 0x00};
  EXPECT_EQ(signed_bytes(300, PathView(long_form)), Bytes({0xac, 0x02, 1, 2, 0}));
  EXPECT_EQ(signed_bytes(5, PathView()), Bytes({5, 0}));
}

RC_GTEST_PROP(Frame, LengthPrefixSurvives, ()) {
  const Bytes content = *rc::gen::container<Bytes>(*rc::gen::element<std::size_t>(1, 127, 128, 300),
                                                   rc::gen::arbitrary<std::uint8_t>());
  Packet frame = Packet::copy_of(content, *rc::gen::element<std::size_t>(0, 16));
  prepend_length(frame);
  const auto length = decode_length(frame.bytes());
  RC_ASSERT(length.has_value());
  RC_ASSERT(length->has_value());
  RC_ASSERT((*length)->body_size == content.size());
  RC_ASSERT(test::to_bytes(frame.bytes().subspan((*length)->prefix_size)) == content);
}

// Bytes that get some way into a frame: the right type, then anything, with many small numbers.
rc::Gen<Bytes> nearly_a_frame() {
  const auto byte = rc::gen::oneOf(rc::gen::arbitrary<std::uint8_t>(),
                                   rc::gen::element<std::uint8_t>(0, 0, 1, 0x80, 0xff));
  return rc::gen::mapcat(rc::gen::inRange<std::uint8_t>(0, 11), [byte](std::uint8_t type) {
    return rc::gen::map(
        rc::gen::mapcat(rc::gen::element<std::size_t>(0, 3, 40, 70, 140, 300),
                        [byte](std::size_t size) { return rc::gen::container<Bytes>(size, byte); }),
        [type](Bytes bytes) {
          bytes.insert(bytes.begin(), type);
          return bytes;
        });
  });
}

RC_GTEST_PROP(Frame, DecoderStaysWithinItsBytes, ()) {
  const test::ExactBuffer body(*nearly_a_frame());
  const auto frame = decode_frame(body.view());
  if (!frame) return;
  if (const auto* traffic = std::get_if<Traffic>(&*frame)) {
    RC_ASSERT(traffic->payload_offset <= body.view().size());
    traffic->path.to_path();
    traffic->from.to_path();
  }
  if (const auto* notify = std::get_if<PathNotify>(&*frame)) signed_bytes(0, notify->coords);
  if (const auto* lookup = std::get_if<PathLookup>(&*frame)) {
    RC_ASSERT(test::to_bytes(encode(*lookup)) == test::to_bytes(body.view()));
  }
}

}  // namespace
}  // namespace thicket::routing
