#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "node/config/hjson.hpp"

namespace thicket::node {

bool is_blank(char c);
/// One of the characters that give an HJSON text its structure.
bool is_punctuator(char c);
/// Without blanks at either end.
std::string_view trimmed(std::string_view text);

/// How many bytes at the front of `text` may belong to a number, true, false or null: up to
/// punctuation, a comment or the end of the line.
std::size_t word_length(std::string_view text);
/// The number (in JSON's grammar), true, false or null that `word` is; nullopt: it is text.
std::optional<HjsonValue::Data> parse_word(std::string_view word);

}  // namespace thicket::node
