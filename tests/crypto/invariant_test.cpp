#include "crypto/invariant.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>
#include <string>

namespace thicket {
namespace {

struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Puts a handler in place for one test.
class Installed {
 public:
  explicit Installed(InvariantHandler handler) : before_(set_invariant_handler(handler)) {}
  ~Installed() { set_invariant_handler(before_); }
  Installed(const Installed&) = delete;
  Installed& operator=(const Installed&) = delete;

 private:
  InvariantHandler before_;
};

void throw_broken(const char* what, const char* file, int line) {
  throw Broken(std::string(file) + ":" + std::to_string(line) + ":" + what);
}
void ignore(const char*, const char*, int) {}

TEST(Invariant, ThatHoldsCallsNobody) {
  const Installed installed(throw_broken);
  EXPECT_NO_THROW(INVARIANT(1 + 1 == 2));
}

TEST(Invariant, HandlerMayThrow) {
  const Installed installed(throw_broken);
  try {
    INVARIANT(1 + 1 == 3);
    FAIL() << "went on";
  } catch (const Broken& broken) {
    const std::string text = broken.what();
    EXPECT_NE(text.find("invariant_test.cpp:"), std::string::npos);
    EXPECT_NE(text.find(":1 + 1 == 3"), std::string::npos);
  }
}

TEST(InvariantDeathTest, PrintsAndAbortsByDefault) {
  EXPECT_DEATH(INVARIANT(1 + 1 == 3), "invariant failed: 1 \\+ 1 == 3");
}

TEST(InvariantDeathTest, AbortsIfTheHandlerReturns) {
  const Installed installed(ignore);
  EXPECT_EXIT(INVARIANT(1 + 1 == 3), testing::KilledBySignal(SIGABRT), "");
}

TEST(InvariantDeathTest, NullHandlerIsTheDefault) {
  const Installed outer(ignore);
  const Installed installed(nullptr);
  EXPECT_DEATH(INVARIANT(1 + 1 == 3), "invariant failed");
}

}  // namespace
}  // namespace thicket
