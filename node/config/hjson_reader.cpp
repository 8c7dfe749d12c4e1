#include "node/config/hjson_reader.hpp"

#include <algorithm>
#include <charconv>

#include "node/config/hjson_word.hpp"
#include "node/utf8.hpp"

namespace thicket::node {

namespace {

// Keys are short words; anything else may be a secret that lost its key.
std::string shown_key(std::string_view key) {
  constexpr std::size_t kLongestShown = 40;
  const bool plain = std::all_of(key.begin(), key.end(),
                                 [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
  return plain && key.size() <= kLongestShown ? "the key \"" + std::string(key) + "\"" : "a key";
}

}  // namespace

Result<HjsonValue, HjsonError> HjsonReader::root() {
  skip_blanks();
  const HjsonReader start = *this;
  const bool closed = peek() == '{' || peek() == '[';
  Value result = closed ? value(0) : object(1, Braces::none);
  // Without a single "key:" it is no object whose braces were left out, but perhaps a lone value.
  if (!result && !closed && !key_seen_) {
    HjsonReader again = start;
    Value lone = again.value(0);
    if (lone && again.finished() && again.open_comment_line_ == 0) return lone;
  }
  if (open_comment_line_ != 0) {
    return failure(HjsonError{open_comment_line_, "a comment without end", "*/"});
  }
  if (!result) return result;
  if (auto end = finished(); !end) return failure(end.error());
  return result;
}

HjsonReader::Value HjsonReader::value(std::size_t depth) {
  const std::size_t line = line_;
  const auto text_value = [line](Text text) {
    return text.map([line](std::string content) {
      return HjsonValue{std::move(content), line, {}};
    });
  };
  switch (peek()) {
    case '{':
      return object(depth + 1, Braces::open);
    case '[':
      return array(depth + 1);
    case '\'':
      if (starts_with("'''")) return text_value(multi_line());
      return text_value(quoted());
    case '"':
      return text_value(quoted());
    default:
      return quoteless();
  }
}

HjsonReader::Value HjsonReader::object(std::size_t depth, Braces braces) {
  HjsonValue out{HjsonValue::Object{}, line_, {}};
  auto& members = std::get<HjsonValue::Object>(out.data);
  if (depth > kMaxHjsonDepth) return failure(expected("objects nested less deeply"));
  if (braces == Braces::open) advance();
  skip_blanks();
  for (;;) {
    if (braces == Braces::none && at_end()) return out;
    if (braces == Braces::open && peek() == '}') {
      advance();
      return out;
    }
    if (braces == Braces::open && at_end()) {
      return failure(expected("'}' for the '{' in line " + std::to_string(out.line)));
    }
    auto next = member(depth);
    if (!next) return failure(next.error());
    members.push_back(std::move(*next));
    skip_comma();
  }
}

Result<HjsonMember, HjsonError> HjsonReader::member(std::size_t depth) {
  HjsonMember out;
  out.line = line_;
  Text name = key();
  if (!name) return failure(name.error());
  skip_blanks();
  if (peek() != ':') return failure(expected("':' after " + shown_key(*name)));
  key_seen_ = true;
  advance();
  skip_blanks();
  Value content = value(depth);
  if (!content) return failure(content.error());
  out.key = std::move(*name);
  out.value = std::move(*content);
  return out;
}

HjsonReader::Value HjsonReader::array(std::size_t depth) {
  HjsonValue out{HjsonValue::Array{}, line_, {}};
  auto& elements = std::get<HjsonValue::Array>(out.data);
  if (depth > kMaxHjsonDepth) return failure(expected("lists nested less deeply"));
  advance();
  skip_blanks();
  while (peek() != ']') {
    if (at_end()) {
      return failure(expected("']' for the '[' in line " + std::to_string(out.line)));
    }
    Value element = value(depth);
    if (!element) return element;
    elements.push_back(std::move(*element));
    skip_comma();
  }
  advance();
  return out;
}

HjsonReader::Text HjsonReader::key() {
  if (peek() == '"' || peek() == '\'') return quoted();
  const std::size_t start = position_;
  while (!at_end() && !is_blank(peek()) && !is_punctuator(peek())) advance();
  if (position_ == start) return failure(expected("a key"));
  return std::string(text_.substr(start, position_ - start));
}

// A bare word ends where its line does, unless it is a number, true, false or null and something
// that cannot belong to it follows.
HjsonReader::Value HjsonReader::quoteless() {
  if (at_end() || is_punctuator(peek())) return failure(expected("a value"));
  HjsonValue out{nullptr, line_, {}};
  const std::string_view rest = text_.substr(position_);
  const std::string_view word = rest.substr(0, word_length(rest));
  const std::string_view tail = rest.substr(word.size());
  const auto rest_of_line = [rest] { return rest.substr(0, rest.find_first_of("\r\n")); };
  if (auto data = parse_word(trimmed(word))) {
    out.data = std::move(*data);
    const bool alone = tail.empty() || tail.starts_with('\n') || tail.starts_with('\r') ||
                       tail.starts_with('#') || tail.starts_with("//");
    if (alone) out.bare_text = trimmed(rest_of_line());
    advance(word.size());
    return out;
  }
  const std::string_view line = rest_of_line();
  out.data = std::string(trimmed(line));
  advance(line.size());
  return out;
}

HjsonReader::Text HjsonReader::quoted() {
  const char quote = peek();
  const HjsonError unterminated{line_, "a string without end",
                                std::string("a closing ") + quote + " in the same line"};
  std::string out;
  advance();
  while (peek() != quote) {
    if (at_end() || peek() == '\n' || peek() == '\r') return failure(unterminated);
    if (peek() == '\\') {
      if (auto done = escape(out); !done) return failure(done.error());
    } else {
      out.push_back(peek());
      advance();
    }
  }
  advance();
  return out;
}

Result<void, HjsonError> HjsonReader::escape(std::string& out) {
  constexpr std::string_view kNames = "\"'\\/bfnrt";
  constexpr std::string_view kMeanings = "\"'\\/\b\f\n\r\t";
  advance();
  if (peek() == 'u') {
    auto unit = escaped_unit();
    if (!unit) return failure(unit.error());
    std::uint32_t code_point = *unit;
    if (code_point >= 0xd800 && code_point <= 0xdbff && starts_with("\\u")) {
      advance();
      auto low = escaped_unit();
      if (!low) return failure(low.error());
      if (*low < 0xdc00 || *low > 0xdfff) return failure(expected("the second half of a pair"));
      code_point = 0x10000 + ((code_point - 0xd800) << 10) + (*low - 0xdc00);
    }
    if (code_point >= 0xd800 && code_point <= 0xdfff) {
      return failure(HjsonError{line_, "half of a surrogate pair", "both halves"});
    }
    append_utf8(out, code_point);
    return {};
  }
  const std::size_t which = kNames.find(peek());
  if (at_end() || which == std::string_view::npos) {
    return failure(expected("one of \" ' \\ / b f n r t u after \\"));
  }
  out.push_back(kMeanings[which]);
  advance();
  return {};
}

Result<std::uint32_t, HjsonError> HjsonReader::escaped_unit() {
  const std::string_view digits = text_.substr(position_).substr(1, 4);
  std::uint32_t unit = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
  if (digits.size() != 4 || error != std::errc{} || end != digits.data() + 4) {
    return failure(HjsonError{line_, "\\u with something else", "\\u and four hexadecimal digits"});
  }
  advance(5);
  return unit;
}

// The text between two '''; each line loses as much indentation as the opening ''' has, and the
// line breaks next to the quotes do not count.
HjsonReader::Text HjsonReader::multi_line() {
  const HjsonError unterminated{line_, "a ''' string without end", "a closing '''"};
  const std::size_t indent = position_ - line_start_;
  std::string out;
  advance(3);
  while (is_blank(peek()) && peek() != '\n') advance();
  if (peek() == '\n') {
    advance();
    skip_indent(indent);
  }
  while (!starts_with("'''")) {
    if (at_end()) return failure(unterminated);
    const char c = peek();
    advance();
    if (c != '\r') out.push_back(c);
    if (c == '\n') skip_indent(indent);
  }
  advance(3);
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

char HjsonReader::peek(std::size_t ahead) const {
  return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
}

bool HjsonReader::starts_with(std::string_view prefix) const {
  return text_.substr(position_).starts_with(prefix);
}

void HjsonReader::advance(std::size_t count) {
  for (std::size_t i = 0; i < count && !at_end(); ++i) {
    if (text_[position_++] != '\n') continue;
    ++line_;
    line_start_ = position_;
  }
}

void HjsonReader::skip_blanks() {
  for (;;) {
    while (is_blank(peek())) advance();
    if (starts_with("/*")) {
      skip_block_comment();
    } else if (peek() == '#' || starts_with("//")) {
      while (!at_end() && peek() != '\n') advance();
    } else {
      return;
    }
  }
}

void HjsonReader::skip_block_comment() {
  const std::size_t line = line_;
  advance(2);
  while (!at_end() && !starts_with("*/")) advance();
  if (at_end()) open_comment_line_ = line;
  advance(2);
}

void HjsonReader::skip_indent(std::size_t columns) {
  while (columns-- > 0 && is_blank(peek()) && peek() != '\n') advance();
}

void HjsonReader::skip_comma() {
  skip_blanks();
  if (peek() != ',') return;
  advance();
  skip_blanks();
}

Result<void, HjsonError> HjsonReader::finished() {
  skip_blanks();
  if (!at_end()) return failure(expected("nothing after the value"));
  return {};
}

std::string HjsonReader::describe_here() const {
  if (at_end()) return "the end of the file";
  if (peek() == '\n' || peek() == '\r') return "the end of the line";
  // One character and no more: the text may be a secret.
  std::size_t length = 1;
  while (length < 4 && valid_utf8_prefix(text_.substr(position_, length)) == 0) ++length;
  return std::string("'").append(text_.substr(position_, length)).append("'");
}

HjsonError HjsonReader::expected(std::string what) const {
  return HjsonError{line_, describe_here(), std::move(what)};
}

}  // namespace thicket::node
