#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Showing text that strangers may have written on a terminal.
namespace thicket::node {

/// `text` with a '?' for everything that could do anything but stand there: control characters
/// (escape sequences begin with one), line and paragraph separators, characters that turn the
/// direction of writing or are not seen, and bytes that are no UTF-8. Without `utf8` also for each
/// character beyond ASCII. What is returned is one line.
std::string displayable(std::string_view text, bool utf8);

/// JSON with an escape for each character within its strings that displayable() would replace: it
/// means the same. `json` is well-formed UTF-8, and indented or not.
std::string displayable_json(std::string_view json, bool utf8);

/// How many columns displayable text takes. East Asian characters and emoji take two, marks that
/// combine with the character before them none.
std::size_t display_width(std::string_view displayable_text);

/// The words of displayable text that is ASCII, in lines of at most `width` columns, all but the
/// first after `indent` spaces; no newline at the end.
std::string wrapped(std::string_view displayable_text, std::size_t indent, std::size_t width);

/// The beginning of displayable text that fits, with an ellipsis if that is not all.
std::string shortened(std::string_view displayable_text, std::size_t width, bool utf8);

}  // namespace thicket::node
