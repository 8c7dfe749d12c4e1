#include "node/display_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <sstream>

#include "node/utf8.hpp"

namespace thicket::node {

namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// Characters that are not seen, or that change how others are shown.
constexpr Range kHidden[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x34f, 0x34f},     {0x61c, 0x61c},
    {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f}, {0x3164, 0x3164}, {0xe000, 0xf8ff}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
    {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
};

constexpr Range kCombining[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
    {0x6d6, 0x6dc},   {0x900, 0x902},   {0x93c, 0x93c},   {0x941, 0x948},   {0x94d, 0x94d},
    {0xe31, 0xe31},   {0xe34, 0xe3a},   {0xe47, 0xe4e},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
    {0x20d0, 0x20ff}, {0x302a, 0x302d}, {0x3099, 0x309a}, {0xfe20, 0xfe2f},
};

constexpr Range kWide[] = {
    {0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},
    {0xa000, 0xa4cf}, {0xa960, 0xa97f}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
    {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd},
};

// More marks on one character than any script needs would run into the lines above and below.
constexpr std::size_t kMostMarks = 2;

template <std::size_t n>
bool is_in(const Range (&ranges)[n], std::uint32_t character) {
  return std::ranges::any_of(ranges, [character](const Range& range) {
    return character >= range.first && character <= range.last;
  });
}

std::size_t length_at(std::string_view text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

std::uint32_t character_of(std::string_view sequence) {
  const auto lead = static_cast<std::uint8_t>(sequence.front());
  if (sequence.size() == 1) return lead;
  std::uint32_t character = lead & (0x7fU >> sequence.size());
  for (const char byte : sequence.substr(1)) {
    character = (character << 6) | (static_cast<std::uint8_t>(byte) & 0x3f);
  }
  return character;
}

std::size_t width_of(std::uint32_t character) {
  if (character < 0x300) return 1;
  return is_in(kCombining, character) ? 0 : is_in(kWide, character) ? 2 : 1;
}

}  // namespace

std::string displayable(std::string_view text, bool utf8) {
  std::string out;
  std::size_t marks = kMostMarks;  // none can stand first
  std::size_t valid = valid_utf8_prefix(text);
  while (!text.empty()) {
    if (valid == 0) {
      out += '?';
      marks = 0;
      text.remove_prefix(1);
      valid = valid_utf8_prefix(text);
      continue;
    }
    const std::string_view sequence = text.substr(0, length_at(text));
    const std::uint32_t character = character_of(sequence);
    const bool combines = width_of(character) == 0;
    marks = combines ? marks + 1 : 0;
    const bool shown =
        !is_in(kHidden, character) && (utf8 || character < 0x80) && marks <= kMostMarks;
    if (shown) {
      out += sequence;
    } else if (!combines || !utf8) {
      out += '?';
    }
    text.remove_prefix(sequence.size());
    valid -= sequence.size();
  }
  return out;
}

std::string displayable_json(std::string_view json, bool utf8) {
  std::string out;
  while (!json.empty()) {
    const std::string_view sequence = json.substr(0, length_at(json));
    const std::uint32_t character = character_of(sequence);
    json.remove_prefix(sequence.size());
    // JSON itself has no control characters but those that indent it.
    if (character < 0x7f || (utf8 && !is_in(kHidden, character))) {
      out += sequence;
    } else if (character < 0x10000) {
      out += fmt::format("\\u{:04x}", character);
    } else {
      const std::uint32_t rest = character - 0x10000;
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + (rest >> 10), 0xdc00 + (rest & 0x3ff));
    }
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const std::string_view sequence = text.substr(0, length_at(text));
    width += width_of(character_of(sequence));
    text.remove_prefix(sequence.size());
  }
  return width;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::istringstream words{std::string(text)};
  std::string out;
  std::size_t column = indent;
  for (std::string word; words >> word;) {
    if (!out.empty() && column + 1 + word.size() > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (!out.empty()) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t width, bool utf8) {
  if (display_width(text) <= width) return std::string(text);
  const std::string_view ellipsis = utf8 ? "\u2026" : "~";
  std::size_t left = width == 0 ? 0 : width - 1;
  std::string out;
  while (!text.empty()) {
    const std::string_view sequence = text.substr(0, length_at(text));
    const std::size_t taken = width_of(character_of(sequence));
    if (taken > left) break;
    left -= taken;
    out += sequence;
    text.remove_prefix(sequence.size());
  }
  if (width != 0) out += ellipsis;
  return out;
}

}  // namespace thicket::node
