#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "crypto/invariant.hpp"
#include "sim/run.hpp"

// What becomes of a run in which an invariant does not hold.
namespace thicket::sim {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Scenario small_scenario() {
  TopologyOptions ring;
  ring.kind = TopologyKind::ring;
  ring.nodes = 8;
  Scenario scenario = scenario_for(ring);
  scenario.cryptography = CryptographyKind::fast;
  scenario.seed = 7;
  return scenario;
}

RunFailure trip_at(std::uint64_t event) {
  RunHooks hooks;
  hooks.trace = [event](const TraceEvent& traced) { INVARIANT(traced.number != event); };
  auto results = run(small_scenario(), hooks);
  return results ? RunFailure{} : results.error();
}

TEST(ViolationTest, EndsTheRunAndSaysWhere) {
  const RunFailure failed = trip_at(500);
  EXPECT_TRUE(failed.violation);
  EXPECT_THAT(failed.what, HasSubstr("traced.number != event"));
  EXPECT_EQ(failed.seed, 7u);
  EXPECT_EQ(failed.event, 500u);
  ASSERT_EQ(failed.last_events.size(), 256u);
  EXPECT_EQ(failed.last_events.back().number, 500u);
  EXPECT_EQ(failed.elapsed, failed.last_events.back().at);
}

TEST(ViolationTest, IsTheSameEveryTime) {
  const RunFailure first = trip_at(700);
  const RunFailure second = trip_at(700);
  EXPECT_EQ(first.elapsed, second.elapsed);
  ASSERT_FALSE(first.last_events.empty());
  EXPECT_EQ(first.last_events.back().digest, second.last_events.back().digest);
}

/// Runs programs in a folder of its own.
class ViolationCommands : public testing::Test {
 protected:
  ViolationCommands() {
    std::string name = (fs::temp_directory_path() / "thicket-sim-test-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~ViolationCommands() override { fs::remove_all(folder_); }

  int call(const std::string& program, const std::string& words) {
    text_.clear();
    const std::string command =
        fmt::format("cd {} && {} {} 2>&1", folder_.string(), program, words);
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return -1;
    std::array<char, 4096> part{};
    while (const std::size_t n = std::fread(part.data(), 1, part.size(), pipe)) {
      text_.append(part.data(), n);
    }
    const int status = ::pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  static constexpr const char* kTripped = THICKET_SIM_TRIPPED_PROGRAM;
  static constexpr const char* kHonest = THICKET_SIM_PROGRAM;
  static constexpr const char* kRun =
      "run --quiet --topology ring --nodes 8 --crypto fast --seed 7 --out out "
      "--set invariant_interval=1";
  fs::path folder_;
  std::string text_;
};

TEST_F(ViolationCommands, RunKeepsTheFailureAndReplayReproducesIt) {
  EXPECT_EQ(call(kTripped, kRun), 3) << text_;
  EXPECT_THAT(text_, HasSubstr("an invariant did not hold: "));
  EXPECT_THAT(text_, HasSubstr("seed 7, event "));
  EXPECT_THAT(text_, HasSubstr("thicket-sim replay out"));
  EXPECT_FALSE(fs::exists(folder_ / "out" / "summary.json"));
  std::ifstream file(folder_ / "out" / "failure.json");
  const auto kept = nlohmann::json::parse(file, nullptr, false);
  ASSERT_TRUE(kept.is_object());
  EXPECT_EQ(kept.value("seed", 0), 7);
  EXPECT_TRUE(kept.value("violation", false));
  EXPECT_GT(kept.value("event", 0), 0);

  EXPECT_EQ(call(kTripped, "replay --quiet out"), 0) << text_;
  EXPECT_THAT(text_, HasSubstr("the same failure: "));
  EXPECT_EQ(call(kTripped, "replay --last 5 out/failure.json"), 0) << text_;
  EXPECT_THAT(text_, HasSubstr(fmt::format("#{}", kept.value("event", 0))));
}

TEST_F(ViolationCommands, ReplaySaysIfTheBugIsGone) {
  ASSERT_EQ(call(kTripped, kRun), 3) << text_;
  EXPECT_EQ(call(kHonest, "replay --quiet out"), 1);
  EXPECT_THAT(text_, HasSubstr("it did not fail this time"));
}

}  // namespace
}  // namespace thicket::sim
