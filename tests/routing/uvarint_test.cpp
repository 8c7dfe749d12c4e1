#include "routing/uvarint.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "routing/wire_bytes.hpp"
#include "routing/wire_generators.hpp"

namespace thicket::routing {
namespace {

using test::Bytes;
using Status = Uvarint::Status;

Bytes encode(std::uint64_t value) {
  Bytes bytes;
  append_uvarint(bytes, value);
  return bytes;
}

TEST(Uvarint, EncodesMinimally) {
  EXPECT_EQ(encode(0), Bytes({0}));
  EXPECT_EQ(encode(127), Bytes({0x7f}));
  EXPECT_EQ(encode(128), Bytes({0x80, 0x01}));
  EXPECT_EQ(encode(300), Bytes({0xac, 0x02}));
  EXPECT_EQ(encode(~std::uint64_t{0}), test::unhex("ffffffffffffffffff01"));
}

TEST(Uvarint, AcceptsLongerThanMinimalForms) {
  const Uvarint seven = decode_uvarint(Bytes{0x87, 0x00});
  EXPECT_EQ(seven.status, Status::complete);
  EXPECT_EQ(seven.value, 7u);
  EXPECT_EQ(seven.size, 2u);
  const Uvarint zero = decode_uvarint(test::unhex("80808080808080808000"));
  EXPECT_EQ(zero.status, Status::complete);
  EXPECT_EQ(zero.value, 0u);
  EXPECT_EQ(zero.size, 10u);
}

TEST(Uvarint, RefusesMoreThanTenBytes) {
  EXPECT_EQ(decode_uvarint(test::unhex("8180808080808080808000")).status, Status::malformed);
  EXPECT_EQ(decode_uvarint(test::unhex("81808080808080808080")).status, Status::malformed);
}

TEST(Uvarint, RefusesMoreThan64Bits) {
  EXPECT_EQ(decode_uvarint(test::unhex("ffffffffffffffffff02")).status, Status::malformed);
  EXPECT_EQ(decode_uvarint(test::unhex("80808080808080808002")).status, Status::malformed);
}

TEST(Uvarint, SaysThatBytesAreMissing) {
  EXPECT_EQ(decode_uvarint({}).status, Status::truncated);
  EXPECT_EQ(decode_uvarint(Bytes{0x80}).status, Status::truncated);
  EXPECT_EQ(decode_uvarint(test::unhex("ffffffffffffffffff")).status, Status::truncated);
}

RC_GTEST_PROP(Uvarint, DecodeUndoesEncode, ()) {
  const std::uint64_t value = *test::any_number();
  const Bytes tail = *rc::gen::arbitrary<Bytes>();
  const Bytes wire = encode(value);
  RC_ASSERT(wire.size() == uvarint_size(value));
  const Uvarint decoded = decode_uvarint(test::join({wire, tail}));
  RC_ASSERT(decoded.status == Status::complete);
  RC_ASSERT(decoded.value == value);
  RC_ASSERT(decoded.size == wire.size());
}

RC_GTEST_PROP(Uvarint, EveryBeginningIsTruncated, ()) {
  Bytes wire = encode(*test::any_number());
  wire.resize(*rc::gen::inRange<std::size_t>(0, wire.size()));
  RC_ASSERT(decode_uvarint(wire).status == Status::truncated);
}

RC_GTEST_PROP(Uvarint, StaysWithinItsBytes, ()) {
  const Bytes bytes = *rc::gen::container<Bytes>(
      rc::gen::oneOf(rc::gen::arbitrary<std::uint8_t>(), rc::gen::just<std::uint8_t>(0x80)));
  const test::ExactBuffer exact(bytes);
  const Uvarint decoded = decode_uvarint(exact.view());
  if (decoded.status == Status::complete) {
    RC_ASSERT(decoded.size >= 1u);
    RC_ASSERT(decoded.size <= bytes.size());
    RC_ASSERT(uvarint_size(decoded.value) <= decoded.size);
  }
}

}  // namespace
}  // namespace thicket::routing
