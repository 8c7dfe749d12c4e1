#include "node/config/hjson.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "node/utf8.hpp"

namespace thicket::node {
namespace {

using nlohmann::json;

json parsed(std::string_view text) {
  const auto value = parse_hjson(text);
  if (!value) return "error in line " + std::to_string(value.error().line);
  return to_json(*value);
}

std::string problem(std::string_view text) {
  const auto value = parse_hjson(text);
  if (value) return "no error";
  return std::to_string(value.error().line) + ": found " + value.error().found + ", expected " +
         value.error().expected;
}

struct Case {
  std::string_view text;
  std::string_view json;
};

// What these texts mean was checked with the reference implementation, hjson-cli.
constexpr Case kCases[] = {
    {"", "{}"},
    {"# nothing\n", "{}"},
    {"{}", "{}"},
    {"[]", "[]"},
    {"{\"a\":[1,-2,3.5,1e2],\"b\":{\"c\":null}}", R"({"a":[1,-2,3.5,100.0],"b":{"c":null}})"},
    {"a: 1\nb: two\n", R"({"a":1,"b":"two"})"},
    {"{a: 1, b: 2}", R"({"a":1,"b":2})"},
    {"{a: one, b: 2}\n}", R"({"a":"one, b: 2}"})"},
    {"a: 5 # five\nb: five # five\n", R"({"a":5,"b":"five # five"})"},
    {"a: 5 // five\nb: 6 /* six */\nc: true#\n", R"({"a":5,"b":6,"c":true})"},
    {"a: true\nb: false\nc: null\nd: nullify\ne: True", R"({"a":true,"b":false,"c":null,)"
                                                        R"("d":"nullify","e":"True"})"},
    {"a: 007\nb: -\nc: 1e999\nd: 0x10\ne: -0.5\nf: .5", R"({"a":"007","b":"-","c":"1e999",)"
                                                        R"("d":"0x10","e":-0.5,"f":".5"})"},
    {"a: tcp://h:1/p?x=y#z\n", R"({"a":"tcp://h:1/p?x=y#z"})"},
    {"a: 5/6\nb: 5/", R"({"a":"5/6","b":"5/"})"},
    {"a\n:\n1", R"({"a":1})"},
    {"a /* why */ : # because\n 1", R"({"a":1})"},
    {"a#b: 1\nc/d: 2\nit's: 3", R"({"a#b":1,"c/d":2,"it's":3})"},
    {"'a b': 'it is \"so\"'\n\"c\": \"it's\"", R"({"a b":"it is \"so\"","c":"it's"})"},
    {"[\n a\n b,\n \"c\" \"d\"\n]", R"(["a","b,","c","d"])"},
    {"[1 2\n]", R"(["1 2"])"},
    {"{a: [1, 2,], }", R"({"a":[1,2]})"},
    {"a: \"\\\"\\'\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"",
     R"({"a":"\"'\\/\b\f\n\r\t\u00e9\ud83d\ude00"})"},
    {"a: \"tab\there\"", R"({"a":"tab\there"})"},
    {"a: '''one'''", R"({"a":"one"})"},
    {"a:\n  '''\n  x\n    y\n z\n  '''\n", R"({"a":"x\n  y\nz"})"},
    {"{a: '''x''y'''}", R"({"a":"x''y"})"},
    {"a: 1\r\nb: two\r\nc: '''\r\nx\r\n'''\r\n", R"({"a":1,"b":"two","c":"x"})"},
    {"\xef\xbb\xbf{a: 1}", R"({"a":1})"},
    {"a: 1\na: 2", R"({"a":2})"},
    {"\"lone\"", R"("lone")"},
    {"12", "12"},
    {"lone words", R"("lone words")"},
    {"18446744073709551615", "18446744073709551615"},
    {"-9223372036854775808", "-9223372036854775808"},
};

TEST(Hjson, MeansWhatTheReferenceImplementationSays) {
  for (const Case& c : kCases) EXPECT_EQ(parsed(c.text), json::parse(c.json)) << c.text;
}

TEST(Hjson, SaysWhatIsWrongAndInWhichLine) {
  EXPECT_EQ(problem("{\n a: 1\n"),
            "3: found the end of the file, expected '}' for the '{' in line 1");
  EXPECT_EQ(problem("a: [\n1,\n2\n"),
            "4: found the end of the file, expected ']' for the '[' in line 1");
  EXPECT_EQ(problem("a: 1\nb 2\n"), "2: found '2', expected ':' after the key \"b\"");
  EXPECT_EQ(problem("a: 1\n: 2\n"), "2: found ':', expected a key");
  EXPECT_EQ(problem("{a: 1,, b: 2}"), "1: found ',', expected a key");
  EXPECT_EQ(problem("a: 1\nb:\n"), "3: found the end of the file, expected a value");
  EXPECT_EQ(problem("a: }\n"), "1: found '}', expected a value");
  EXPECT_EQ(problem("a: 1\nb: \"x\ny\"\n"),
            "2: found a string without end, expected a closing \" in the same line");
  EXPECT_EQ(problem("a: '''x\ny\n"), "1: found a ''' string without end, expected a closing '''");
  EXPECT_EQ(problem("a: 1\n/* b\nc: 2\n"), "2: found a comment without end, expected */");
  EXPECT_EQ(problem("{a: 1}\nb"), "2: found 'b', expected nothing after the value");
  EXPECT_EQ(problem("{a: \"\\x\"}"),
            "1: found 'x', expected one of \" ' \\ / b f n r t u after \\");
  EXPECT_EQ(problem("{a: \"\\u00g0\"}"),
            "1: found \\u with something else, expected \\u and four hexadecimal digits");
  EXPECT_EQ(problem("{a: \"\\ud800\"}"), "1: found half of a surrogate pair, expected both halves");
  EXPECT_EQ(problem("a: 1\nb: \xff\n"), "2: found bytes that are no UTF-8, expected UTF-8 text");
  EXPECT_EQ(problem(std::string_view("a: \0", 4)), "1: found a NUL byte, expected UTF-8 text");
  EXPECT_EQ(problem("\xff\xfe{"), "1: found UTF-16 text, expected UTF-8 text");
}

TEST(Hjson, KnowsTheLineOfEveryValue) {
  const auto root =
      parse_hjson("# comment\na: 1\nb: [\n  x\n\n  {c: '''\n  y\n  ''', d: 2}\n]\ne: 3\n");
  ASSERT_TRUE(root);
  const auto& members = std::get<HjsonValue::Object>(root->data);
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(members[0].line, 2u);
  EXPECT_EQ(members[1].value.line, 3u);
  const auto& elements = std::get<HjsonValue::Array>(members[1].value.data);
  ASSERT_EQ(elements.size(), 2u);
  EXPECT_EQ(elements[0].line, 4u);
  EXPECT_EQ(elements[1].line, 6u);
  EXPECT_EQ(std::get<HjsonValue::Object>(elements[1].data)[1].line, 8u);
  EXPECT_EQ(members[2].line, 10u);
}

TEST(Hjson, KeepsTheTextOfBareWordsThatHaveTheirLineForThemselves) {
  const auto root = parse_hjson("{a: 1.50\nb: true # x\nc: 3, d: 4\ne: \"5\"\nf: 6}");
  ASSERT_TRUE(root);
  const auto& members = std::get<HjsonValue::Object>(root->data);
  ASSERT_EQ(members.size(), 6u);
  EXPECT_EQ(members[0].value.bare_text, "1.50");
  EXPECT_EQ(members[1].value.bare_text, "true # x");
  EXPECT_EQ(members[2].value.bare_text, "");
  EXPECT_EQ(members[4].value.bare_text, "");
  EXPECT_EQ(members[5].value.bare_text, "");
}

TEST(Hjson, LimitsDepthAndSize) {
  const std::string deepest = std::string(kMaxHjsonDepth, '[') + std::string(kMaxHjsonDepth, ']');
  EXPECT_TRUE(parse_hjson(deepest));
  EXPECT_FALSE(parse_hjson("[" + deepest + "]"));
  EXPECT_FALSE(parse_hjson(std::string(kMaxHjsonBytes - 1, '[')));
  std::string longest = "a: ";
  longest.resize(kMaxHjsonBytes, 'x');
  EXPECT_TRUE(parse_hjson(longest));
  EXPECT_FALSE(parse_hjson(longest + "x"));
}

// Each of these took quadratic time in a reader that looks ahead once too often.
TEST(Hjson, TakesLinearTime) {
  const auto repeated = [](std::string_view part) {
    std::string out = "[\n";
    while (out.size() + part.size() + 4 < kMaxHjsonBytes) out += part;
    return out + "\n]";
  };
  EXPECT_TRUE(parse_hjson(repeated("1,")));
  EXPECT_TRUE(parse_hjson(repeated("9")));
  EXPECT_TRUE(parse_hjson(repeated("1/ ")));
  EXPECT_TRUE(parse_hjson(repeated("x,")));
  EXPECT_TRUE(parse_hjson(repeated("\"\" ")));
  EXPECT_TRUE(parse_hjson(repeated("\n#")));
}

rc::Gen<std::string> any_text() {
  const auto code_point =
      rc::gen::map(rc::gen::inRange<std::uint32_t>(1, 0x10ffff),
                   [](std::uint32_t c) { return c >= 0xd800 && c <= 0xdfff ? 0xfffdu : c; });
  const auto common = rc::gen::cast<std::uint32_t>(rc::gen::inRange<int>(1, 0x7f));
  return rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(
                          rc::gen::weightedOneOf<std::uint32_t>({{4, common}, {1, code_point}})),
                      [](const std::vector<std::uint32_t>& code_points) {
                        std::string out;
                        for (const auto c : code_points) append_utf8(out, c);
                        return out;
                      });
}

json any_json(int depth) {
  const int kind = *rc::gen::inRange(0, depth > 0 ? 8 : 6);
  switch (kind) {
    case 0:
      return nullptr;
    case 1:
      return *rc::gen::arbitrary<bool>();
    case 2:
      return *rc::gen::arbitrary<std::int64_t>();
    case 3:
      return *rc::gen::arbitrary<std::uint64_t>();
    case 4:
      return *rc::gen::arbitrary<double>();
    case 5:
      return *any_text();
    case 6: {
      json out = json::array();
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i) out.push_back(any_json(depth - 1));
      return out;
    }
    default: {
      json out = json::object();
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i) out[*any_text()] = any_json(depth - 1);
      return out;
    }
  }
}

RC_GTEST_PROP(Hjson, ReadsAllJsonAsJson, ()) {
  const json value = any_json(4);
  const int indent = *rc::gen::element(-1, 0, 2);
  const bool ascii = *rc::gen::arbitrary<bool>();
  RC_ASSERT(parsed(value.dump(indent, ' ', ascii)) == value);
}

RC_GTEST_PROP(Hjson, SurvivesAnyText, ()) {
  const auto piece = rc::gen::element<std::string>(
      "{", "}", "[", "]", ",", ":", "\n", "\r", " ", "#", "//", "/*", "*/", "'", "'''", "\"", "\\",
      "\\u", "\\ud83d", "a", "1", "-", ".", "e9", "true", "null", "\xc3\xa9", "\xc3", "key: ");
  std::string text;
  for (const auto& p : *rc::gen::container<std::vector<std::string>>(piece)) text += p;
  const auto value = parse_hjson(text);
  if (!value) {
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    RC_ASSERT(value.error().line >= 1 && value.error().line <= lines);
    RC_ASSERT(!value.error().found.empty());
    RC_ASSERT(!value.error().expected.empty());
  } else {
    // What it read is what it reads again from its own JSON.
    RC_ASSERT(parsed(to_json(*value).dump()) == to_json(*value));
  }
}

TEST(Utf8, RefusesWhatUnicodeRefuses) {
  const std::string_view good[] = {
      "", "a", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
  for (const auto text : good) EXPECT_EQ(valid_utf8_prefix(text), text.size());
  const std::string_view bad[] = {"\x80",         "\xc1\xbf",         "\xc3",
                                  "\xe0\x9f\xbf", "\xed\xa0\x80",     "\xe2\x82",
                                  "\xf5\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80"};
  for (const auto text : bad) EXPECT_EQ(valid_utf8_prefix("ok" + std::string(text)), 2u);
}

}  // namespace
}  // namespace thicket::node
