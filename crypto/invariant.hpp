#pragma once

#include <cstdio>
#include <cstdlib>

namespace thicket {

[[noreturn]] inline void invariant_failed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: invariant failed: %s\n", file, line, what);
  std::abort();
}

}  // namespace thicket

/// Checks our own logic, in every build. Never for bytes from outside: those are errors, not bugs.
#define INVARIANT(condition) \
  ((condition) ? void() : ::thicket::invariant_failed(#condition, __FILE__, __LINE__))
