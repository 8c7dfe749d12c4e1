#pragma once

#include <fmt/format.h>

#include <charconv>
#include <system_error>

#include "node/commands/admin_options.hpp"
#include "node/json_fields.hpp"

namespace thicket::node {

/// Reads a number within bounds if the option is there. False: it is something else, which is said.
template <class Number>
bool take_number(const Command& command, const Arguments& arguments, const char* option,
                 Number least, Number most, Number& number) {
  const auto word = option_value(arguments, option);
  if (!word) return true;
  const auto [end, error] = std::from_chars(word->data(), word->data() + word->size(), number);
  const bool read = error == std::errc{} && end == word->data() + word->size();
  if (read && number >= least && number <= most) return true;
  usage_error(command.name, fmt::format("--{}: found \"{}\", expected a number from {} to {}",
                                        option, printable(*word), least, most));
  return false;
}

}  // namespace thicket::node
