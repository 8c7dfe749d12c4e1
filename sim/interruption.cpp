#include "sim/interruption.hpp"

#include <csignal>

namespace thicket::sim {

namespace {

volatile std::sig_atomic_t g_asked = 0;  // a signal handler can reach nothing else

void note(int) {
  g_asked = 1;
}

void handle(int signal) {
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

Interruption::Interruption() {
  g_asked = 0;
  handle(SIGINT);
  handle(SIGTERM);
}

Interruption::~Interruption() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool Interruption::asked() {
  return g_asked != 0;
}

}  // namespace thicket::sim
