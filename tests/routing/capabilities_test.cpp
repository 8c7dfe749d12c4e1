#include "routing/capabilities.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "crypto/hex.hpp"

namespace thicket::routing {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(std::string_view hex) {
  Bytes bytes(hex.size() / 2);
  EXPECT_TRUE(from_hex(hex, bytes));
  return bytes;
}

std::string any_text(std::size_t size_max) {
  auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0x20, 0x7f));
  text.resize(std::min(text.size(), size_max));
  return text;
}

Capabilities any_capabilities() {
  Capabilities any;
  any.version = *rc::gen::arbitrary<std::uint64_t>();
  any.agent = any_text(limits::kAgentBytes);
  any.dht = *rc::gen::arbitrary<bool>();
  any.seen = any_text(limits::kSeenBytes);
  return any;
}

/// {"v": 1, "agent": "thicket/0.1.0", "caps": ["dht"], "seen": "[2001:db8::1]:12345"}
constexpr std::string_view kFull =
    "84a17601a56167656e74ad746869636b65742f302e312e30a46361707391a3646874a47365656eb35b323030313a64"
    "62383a3a315d3a3132333435";

TEST(Capabilities, GoldenBytes) {
  const Capabilities full{1, "thicket/0.1.0", true, "[2001:db8::1]:12345"};
  EXPECT_EQ(encode_capabilities(full), bytes_of(kFull));
  EXPECT_EQ(decode_capabilities(bytes_of(kFull)), full);
  // {"v": 1, "caps": []}
  const Capabilities nothing{1, "", false, ""};
  EXPECT_EQ(encode_capabilities(nothing), bytes_of("82a17601a46361707390"));
  EXPECT_EQ(decode_capabilities(bytes_of("82a17601a46361707390")), nothing);
  EXPECT_EQ(full.names(), std::vector<std::string_view>{"dht"});
  EXPECT_TRUE(nothing.names().empty());
}

TEST(Capabilities, PassesOverWhatItDoesNotKnow) {
  // {"v": 2, "x": [1, nil, {1: 2}], 7: true, "caps": ["dht", 5, "more"], nil: nil}
  const auto decoded = decode_capabilities(
      bytes_of("85a17602a1789301c081010207c3a46361707393a364687405a46d6f7265c0c0"));
  EXPECT_EQ(decoded, (Capabilities{2, "", true, ""}));
}

TEST(Capabilities, TheLastOfEqualKeysCounts) {
  // {"v": 1, "caps": ["dht"], "caps": []}
  const auto decoded = decode_capabilities(bytes_of("83a17601a46361707391a3646874a46361707390"));
  EXPECT_EQ(decoded, (Capabilities{1, "", false, ""}));
}

TEST(Capabilities, TextsArePrintableAndBounded) {
  // {"v": 1, "agent": "\x1b[2J\xff\x00"}
  const auto decoded = decode_capabilities(bytes_of("82a17601a56167656e74a61b5b324aff00"));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->agent, "?[2J??");
  Bytes bytes = bytes_of("82a17601a56167656e74d9c8");
  bytes.resize(bytes.size() + 200, 'x');
  EXPECT_EQ(decode_capabilities(bytes)->agent, std::string(limits::kAgentBytes, 'x'));
  Capabilities long_winded;
  long_winded.agent = std::string(1000, 'y');
  long_winded.seen = std::string(1000, '\n');
  const auto encoded = encode_capabilities(long_winded);
  EXPECT_LT(encoded.size(), limits::kCapabilitiesBytes / 2);
  EXPECT_EQ(decode_capabilities(encoded)->seen, std::string(limits::kSeenBytes, '?'));
}

TEST(Capabilities, RefusesWhatIsMalformed) {
  const auto error_of = [](std::string_view hex) {
    const auto decoded = decode_capabilities(bytes_of(hex));
    return decoded ? "none" : describe(decoded.error());
  };
  const auto malformed = describe(CapabilitiesError::malformed);
  const auto bad_field = describe(CapabilitiesError::bad_field);
  EXPECT_EQ(error_of(""), malformed);
  EXPECT_EQ(error_of("c0"), malformed);
  EXPECT_EQ(error_of("90"), malformed);
  EXPECT_EQ(error_of("81a17601c0"), malformed);                    // left-over bytes
  EXPECT_EQ(error_of("dfffffffffa17601"), malformed);              // a map of 4 billion
  EXPECT_EQ(error_of("82a17601a178dbffffffff"), malformed);        // a text of 4 GB
  EXPECT_EQ(error_of("82a17601a17891919191919191c0"), malformed);  // too deep
  EXPECT_EQ(error_of("80"), bad_field);                            // no version
  EXPECT_EQ(error_of("81a176ff"), bad_field);                      // version -1
  EXPECT_EQ(error_of("82a17601a463617073a3646874"), bad_field);    // caps: "dht"
  EXPECT_EQ(error_of("82a17601a56167656e7405"), bad_field);        // agent: 5
  Bytes padded = bytes_of("82a17601a178c5");
  const std::size_t size = limits::kCapabilitiesBytes - padded.size() - 2;
  padded.push_back(static_cast<std::uint8_t>(size >> 8));
  padded.push_back(static_cast<std::uint8_t>(size));
  padded.resize(limits::kCapabilitiesBytes, 0);
  EXPECT_TRUE(decode_capabilities(padded));
  padded.push_back(0);
  EXPECT_EQ(decode_capabilities(padded).error(), CapabilitiesError::too_long);
}

RC_GTEST_PROP(Capabilities, DecodesWhatWasEncoded, ()) {
  const Capabilities any = any_capabilities();
  const Bytes bytes = encode_capabilities(any);
  RC_ASSERT(decode_capabilities(bytes) == any);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    RC_ASSERT(!decode_capabilities(ByteView(bytes).first(size)));
  }
}

RC_GTEST_PROP(Capabilities, AnyBytesGiveAnErrorOrSomethingTame, (Bytes bytes)) {
  if (*rc::gen::arbitrary<bool>()) {
    bytes = encode_capabilities(any_capabilities());
    const auto changes = *rc::gen::inRange(1, 6);
    for (int i = 0; i < changes; ++i) {
      bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<std::uint8_t>();
    }
  }
  const auto decoded = decode_capabilities(bytes);
  if (!decoded) {
    RC_ASSERT(!describe(decoded.error()).empty());
    return;
  }
  RC_ASSERT(decoded->agent.size() <= limits::kAgentBytes);
  RC_ASSERT(printable(decoded->agent, limits::kAgentBytes) == decoded->agent);
  RC_ASSERT(printable(decoded->seen, limits::kSeenBytes) == decoded->seen);
  RC_ASSERT(decode_capabilities(encode_capabilities(*decoded)) == *decoded);
}

}  // namespace
}  // namespace thicket::routing
