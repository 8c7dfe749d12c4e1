#include "node/display_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "node/utf8.hpp"

namespace thicket::node {
namespace {

TEST(DisplayText, LeavesWhatIsHarmless) {
  for (const char* text : {"", "plain ~ text", "Ångström", "узел", "节点", "🌳", "नोड"}) {
    EXPECT_EQ(displayable(text, true), text);
  }
  EXPECT_EQ(displayable("Ångström", false), "?ngstr?m");
}

TEST(DisplayText, NothingMovesACursorOrHides) {
  const std::pair<std::string, std::string> cases[] = {
      {"\x1b[2J\x1b]0;title\x07", "?[2J?]0;title?"},
      {"two\nlines\r\tand\x7f", "two?lines??and?"},
      {std::string("a\0b", 3), "a?b"},
      {"\u009b31m", "?31m"},  // CSI in one character
      {"\x9b"
       "31m",
       "?31m"},  // and as a byte
      {"\u202egnp.exe", "?gnp.exe"},
      {"\u2066x\u2069\u200b\ufeff", "?x???"},
      {"\u2028\u2029", "??"},
      {"\U000e0041", "?"},
      {"\xc0\x9b", "??"},       // an overlong escape
      {"\xed\xa0\x80", "???"},  // a surrogate
      {"\xf0\x9f\x8c", "???"},  // cut short
  };
  for (const auto& [given, shown] : cases) EXPECT_EQ(displayable(given, true), shown);
}

TEST(DisplayText, JsonMeansTheSameAndMovesNoCursor) {
  const std::string text = "{\n  \"\u009b2J\x7f\": \"\u202eÅ\U000e0041🌳\"\n}";
  EXPECT_EQ(displayable_json(text, true),
            "{\n  \"\\u009b2J\\u007f\": \"\\u202eÅ\\udb40\\udc41🌳\"\n}");
  EXPECT_EQ(displayable_json("\"Å🌳\"", false), "\"\\u00c5\\ud83c\\udf33\"");
}

TEST(DisplayText, MarksDoNotPileUp) {
  std::string text = "e";
  for (int i = 0; i < 50; ++i) text += "\u0301";
  const std::string shown = displayable(text, true);
  EXPECT_TRUE(shown.starts_with("e\u0301\u0301"));
  EXPECT_LE(shown.size(), 5U);
  EXPECT_EQ(display_width(shown), 1U);
}

TEST(DisplayText, KnowsWidths) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("Ångström"), 8U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("节点"), 4U);
  EXPECT_EQ(display_width("🌳"), 2U);
}

TEST(DisplayText, IsCutWhereItEnds) {
  EXPECT_EQ(shortened("abcdef", 6, true), "abcdef");
  EXPECT_EQ(shortened("abcdefg", 6, true), "abcde…");
  EXPECT_EQ(shortened("abcdefg", 6, false), "abcde~");
  EXPECT_EQ(shortened("节点节点", 4, true), "节…");
  EXPECT_EQ(shortened("abc", 0, true), "");
}

RC_GTEST_PROP(DisplayTextProperty, AnyBytesBecomeOneHarmlessLine, (std::string bytes, bool utf8)) {
  const std::string shown = displayable(bytes, utf8);
  RC_ASSERT(valid_utf8_prefix(shown) == shown.size());
  for (const char byte : shown) {
    const auto code = static_cast<unsigned char>(byte);
    RC_ASSERT(code >= 0x20 && code != 0x7f);
    RC_ASSERT(utf8 || code < 0x80);
  }
  RC_ASSERT(displayable(shown, utf8) == shown);
  const auto width = *rc::gen::inRange<std::size_t>(0, 40);
  RC_ASSERT(display_width(shortened(shown, width, utf8)) <= width);
}

}  // namespace
}  // namespace thicket::node
