#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace thicket::node {

/// How text stands out, on terminals that show colours.
enum class Style { plain, title, good, bad, faint };

/// What is known of where the text goes.
struct Terminal {
  std::size_t width = 0;  ///< columns; 0: any number, as in a file or a pipe
  std::size_t height = 0;
  bool interactive = false;  ///< somebody looks at it
  bool colours = false;
  bool utf8 = false;  ///< else nothing but ASCII can be shown

  /// Standard output's: colours only on a terminal, unless NO_COLOR is set or TERM is dumb; its
  /// width, or else COLUMNS; UTF-8 if LC_ALL, LC_CTYPE or LANG says so.
  static Terminal of_standard_output();

  /// Columns for running text: as wide as the terminal, but no wider than is read with ease.
  std::size_t text_width() const;

  /// `text` in that style. It is shown as it is: see displayable().
  std::string styled(std::string_view text, Style style) const;
};

}  // namespace thicket::node
