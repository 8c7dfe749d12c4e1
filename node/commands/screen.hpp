#pragma once

#include <termios.h>

#include <optional>
#include <string>
#include <string_view>

#include "crypto/time.hpp"
#include "node/commands/terminal.hpp"

namespace thicket::node {

/// The terminal for as long as it lives: a screen of its own without a cursor, keys read one by one
/// and not shown. Afterwards all is as it was. The signals that end the process must be held back
/// meanwhile (Interruption).
class Screen {
 public:
  Screen();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// Shows lines of text, as many as fit. False: it cannot be written to.
  bool show(std::string_view text, const Terminal& terminal);
  /// Waits for so long at most. True: it is to end, by the key q or because `stop_descriptor`
  /// became readable.
  bool wait(Duration at_most, int stop_descriptor);

 private:
  std::optional<termios> before_;  // none: keys do not come from a terminal
};

/// `text` as a whole picture of the screen: from its first line on, what stood there removed.
std::string screen_picture(std::string_view text, std::size_t height);

}  // namespace thicket::node
