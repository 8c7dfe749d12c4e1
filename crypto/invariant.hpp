#pragma once

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace thicket {

/// Called when an invariant does not hold. It may throw or end the program; if it returns, the
/// program is aborted.
using InvariantHandler = void (*)(const char* what, const char* file, int line);

inline void print_invariant(const char* what, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: invariant failed: %s\n", file, line, what);
}

namespace detail {
inline std::atomic<InvariantHandler> invariant_handler{print_invariant};
}

/// Puts `handler` in the place of the one there is, for the whole process, and returns that one.
/// Null stands for the default, which prints.
inline InvariantHandler set_invariant_handler(InvariantHandler handler) {
  return detail::invariant_handler.exchange(handler != nullptr ? handler : print_invariant);
}

[[noreturn]] inline void invariant_failed(const char* what, const char* file, int line) {
  detail::invariant_handler.load()(what, file, line);
  std::abort();
}

}  // namespace thicket

/// Checks our own logic, in every build. Never for bytes from outside: those are errors, not bugs.
#define INVARIANT(condition) \
  ((condition) ? void() : ::thicket::invariant_failed(#condition, __FILE__, __LINE__))
