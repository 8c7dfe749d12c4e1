#include <cstdint>

#include "crypto/invariant.hpp"
#include "routing/router.hpp"
#include "sim/command_line.hpp"

// thicket-sim with a bug built in: the linker passes calls of Router::check_invariants() through
// here (--wrap), and the 200th finds a violation.

namespace {

constexpr std::uint64_t kGoodChecks = 200;

}  // namespace

extern "C" {

void __real__ZNK7thicket7routing6Router16check_invariantsEv(const thicket::routing::Router* router);

void __wrap__ZNK7thicket7routing6Router16check_invariantsEv(
    const thicket::routing::Router* router) {
  static std::uint64_t checks = 0;
  const bool tripped = ++checks == kGoodChecks;
  INVARIANT(!tripped);
  __real__ZNK7thicket7routing6Router16check_invariantsEv(router);
}
}

int main(int argc, char** argv) {
  return thicket::sim::run_command_line(argc, argv);
}
