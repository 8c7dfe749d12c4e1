#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "node/bounded_json.hpp"

namespace thicket::node {
namespace {

using State = JsonScanner::State;

/// How many bytes it took to complete an object; nullopt: it never did.
std::optional<std::size_t> scanned(const std::string& text) {
  JsonScanner scanner;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const State state = scanner.feed(text[i]);
    if (state == State::complete) return i + 1;
    if (state == State::invalid) return std::nullopt;
  }
  return std::nullopt;
}

TEST(JsonScanner, FindsTheEndOfAnObject) {
  EXPECT_EQ(scanned("{}"), 2U);
  EXPECT_EQ(scanned(" \n{\"a\": [1, {}]}{}"), 16U);
  EXPECT_EQ(scanned(R"({"a": "}"})"), 10U);
  EXPECT_EQ(scanned(R"({"a": "\"}"})"), 12U);
  EXPECT_EQ(scanned(R"({"a": "\\"})"), 11U);
}

TEST(JsonScanner, RefusesWhatIsNoObject) {
  EXPECT_EQ(scanned("GET / HTTP/1.1\r\n\r\n{}"), std::nullopt);
  EXPECT_EQ(scanned("[]"), std::nullopt);
  EXPECT_EQ(scanned("{\"a\": "), std::nullopt);
}

std::string nested(std::size_t depth) {
  return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

TEST(JsonScanner, RefusesDeepNesting) {
  EXPECT_TRUE(scanned(nested(kMaxJsonDepth)));
  EXPECT_FALSE(scanned(nested(kMaxJsonDepth + 1)));
}

TEST(ParseObject, TakesObjectsOnly) {
  EXPECT_TRUE(parse_object("{\"a\": 1}\n"));
  EXPECT_FALSE(parse_object(""));
  EXPECT_FALSE(parse_object("[1]"));
  EXPECT_FALSE(parse_object("{} {}"));
  EXPECT_FALSE(parse_object(std::string("{}\0", 3)));
  EXPECT_FALSE(parse_object("{\"a\": ]}"));
  EXPECT_FALSE(parse_object("{\"a\": \"\xff\"}"));
  EXPECT_FALSE(parse_object(nested(100000)));
}

RC_GTEST_PROP(ParseObject, AnyBytesAreSafe, (const std::string& text)) {
  for (const std::string& bytes : {text, "{" + text, "{\"" + text + "\":1}"}) {
    if (const auto object = parse_object(bytes)) {
      RC_ASSERT(parse_object(to_text(*object, true)) == *object);
    }
  }
}

TEST(ToText, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(to_text(nlohmann::json("\xff"), false), "\"\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace thicket::node
