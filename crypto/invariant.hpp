#pragma once

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace thicket {

/// What is to happen when an invariant does not hold, before the process ends. It may throw.
using InvariantHandler = void (*)(const char* what, const char* file, int line);

namespace detail {
inline std::atomic<InvariantHandler> invariant_handler{nullptr};
}

/// For the whole process; null: the failure is printed. Simulations need to say how to repeat it.
inline void set_invariant_handler(InvariantHandler handler) {
  detail::invariant_handler.store(handler);
}

[[noreturn]] inline void invariant_failed(const char* what, const char* file, int line) {
  if (const InvariantHandler handler = detail::invariant_handler.load()) handler(what, file, line);
  std::fprintf(stderr, "%s:%d: invariant failed: %s\n", file, line, what);
  std::abort();
}

}  // namespace thicket

/// Checks our own logic, in every build. Never for bytes from outside: those are errors, not bugs.
#define INVARIANT(condition) \
  ((condition) ? void() : ::thicket::invariant_failed(#condition, __FILE__, __LINE__))
