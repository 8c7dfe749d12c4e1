#include "node/commands/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "program/suggestion.hpp"

namespace thicket::node {

namespace {

constexpr std::size_t kLeastWidth = 40;
constexpr std::size_t kMostWidth = 1000;
constexpr std::size_t kUsualWidth = 80;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

bool is_utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = variable(name);
    if (value.empty()) continue;
    const std::string lower = program::lower_case(value);
    return lower.find("utf-8") != lower.npos || lower.find("utf8") != lower.npos;
  }
  return false;
}

// 0: it is not set, or to something else.
std::size_t width_in_environment() {
  const std::string_view text = variable("COLUMNS");
  std::size_t width = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
  if (error != std::errc{} || end != text.data() + text.size()) return 0;
  return width >= kLeastWidth && width <= kMostWidth ? width : 0;
}

std::string_view code_of(Style style) {
  switch (style) {
    case Style::title:
      return "1";
    case Style::good:
      return "32";
    case Style::bad:
      return "31";
    case Style::faint:
      return "2";
    case Style::plain:
      break;
  }
  return {};
}

}  // namespace

Terminal Terminal::of_standard_output() {
  Terminal terminal;
  terminal.interactive = ::isatty(STDOUT_FILENO) == 1;
  terminal.utf8 = is_utf8_locale();
  terminal.width = width_in_environment();
  if (!terminal.interactive) return terminal;
  terminal.colours = variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  terminal.height = known && size.ws_row != 0 ? size.ws_row : 24;
  // What the terminal says now counts more than what it said when the shell started.
  if (known && size.ws_col != 0) {
    terminal.width = size.ws_col < kLeastWidth ? kLeastWidth : size.ws_col;
  } else if (terminal.width == 0) {
    terminal.width = kUsualWidth;
  }
  return terminal;
}

std::size_t Terminal::text_width() const {
  return width == 0 ? kUsualWidth : std::min(width, kUsualWidth);
}

std::string Terminal::styled(std::string_view text, Style style) const {
  const std::string_view code = code_of(style);
  if (!colours || code.empty() || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

}  // namespace thicket::node
