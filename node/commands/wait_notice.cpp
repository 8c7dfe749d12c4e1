#include "node/commands/wait_notice.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace thicket::node {

namespace {

constexpr std::string_view kEraseLine = "\r\x1b[K";

void write_error(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

bool is_watched() {
  const char* type = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && type != nullptr && std::string_view(type) != "dumb";
}

}  // namespace

WaitNotice::WaitNotice(std::string_view text) : shown_(is_watched()) {
  if (!shown_) return;
  write_error(text);
  write_error(" ...");
}

WaitNotice::~WaitNotice() {
  if (shown_) write_error(kEraseLine);
}

}  // namespace thicket::node
