#include "node/commands/screen.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>

namespace thicket::node {

namespace {

constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";

bool write_out(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
         std::fflush(stdout) == 0;
}

}  // namespace

Screen::Screen() {
  termios now{};
  if (::tcgetattr(STDIN_FILENO, &now) == 0) {
    before_ = now;
    now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    now.c_cc[VSUSP] = _POSIX_VDISABLE;  // stopped, it would leave the terminal like this
    ::tcsetattr(STDIN_FILENO, TCSANOW, &now);
  }
  write_out(kEnter);
}

Screen::~Screen() {
  write_out(kLeave);
  if (before_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &*before_);
}

bool Screen::show(std::string_view text, const Terminal& terminal) {
  return write_out(screen_picture(text, terminal.height));
}

bool Screen::wait(Duration at_most, int stop_descriptor) {
  using std::chrono::steady_clock;
  const auto until = steady_clock::now() + at_most;
  pollfd sources[] = {{.fd = stop_descriptor, .events = POLLIN, .revents = 0},
                      {.fd = before_ ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0}};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
    const int ready = ::poll(sources, 2, static_cast<int>(std::max<long>(left.count(), 0)));
    if (ready == 0) return false;
    if (ready < 0) {
      // A changed window size wakes us: the next picture is due.
      return errno != EINTR;
    }
    if (sources[0].revents != 0) return true;
    char key = 0;
    // Nothing to read any more: the terminal has gone.
    if (::read(STDIN_FILENO, &key, 1) <= 0 || key == 'q' || key == 'Q') return true;
  }
}

std::string screen_picture(std::string_view text, std::size_t height) {
  std::string out = "\x1b[H";
  std::size_t line = 0;
  while (!text.empty() && line + 1 < height) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.append(text.substr(0, end)).append("\x1b[K\r\n");
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
  }
  return out + "\x1b[J";
}

}  // namespace thicket::node
