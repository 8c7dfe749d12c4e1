#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "sim/chaos_world.hpp"

// THICKET_CHAOS_SEED=N makes ChaosTest.Replay run the world of that seed, and it prints its last
// events; THICKET_CHAOS_WORLDS=N runs the worlds of seeds 1 … N in place of the usual ones.
namespace thicket::sim::test {
namespace {

constexpr std::size_t kParts = 4;
#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t kWorlds = 40;
#else
constexpr std::uint64_t kWorlds = 200;
#endif
constexpr std::size_t kEventsShown = 60;

std::optional<std::uint64_t> setting(const char* name) {
  const char* const text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

/// Whether all was well.
bool survives(std::uint64_t seed, Duration* slowest = nullptr) {
  const ChaosOutcome outcome = ChaosWorld(seed).run();
  if (slowest != nullptr) *slowest = std::max(*slowest, outcome.healed_in);
  if (outcome.failure.empty()) return true;
  ADD_FAILURE() << "seed " << seed << " (" << outcome.world << "): " << outcome.failure << "\n"
                << outcome.losses << "\nreplay it with: THICKET_CHAOS_SEED=" << seed
                << " sim_tests --gtest_filter=ChaosTest.Replay\n"
                   "and keep it in tests/sim/chaos_seeds.txt";
  return false;
}

/// The worlds of a CI run, in a few parts that run side by side.
class ChaosPartTest : public testing::TestWithParam<std::size_t> {};

TEST_P(ChaosPartTest, WorldsHeal) {
  const std::uint64_t worlds = setting("THICKET_CHAOS_WORLDS").value_or(kWorlds);
  std::uint64_t failed = 0;
  Duration slowest{};
  for (std::uint64_t seed = 1 + GetParam(); seed <= worlds; seed += kParts) {
    failed += survives(seed, &slowest) ? 0 : 1;
    if (failed == 20) FAIL() << "too many: given up at seed " << seed;
  }
  fmt::print("slowest: right {} ms after it was healed\n", slowest / std::chrono::milliseconds(1));
}

INSTANTIATE_TEST_SUITE_P(Part, ChaosPartTest, testing::Range(std::size_t{0}, kParts));

TEST(ChaosTest, SeedsThatEverFailedHeal) {
  std::ifstream file(THICKET_SOURCE_DIR "/tests/sim/chaos_seeds.txt");
  ASSERT_TRUE(file);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::uint64_t seed = 0;
    if (words >> seed) survives(seed);
  }
}

TEST(ChaosTest, WorldsAreFunctionsOfTheirSeed) {
  const std::uint64_t hash = ChaosWorld(5).run().trace_hash;
  EXPECT_EQ(ChaosWorld(5).run().trace_hash, hash);
  EXPECT_NE(ChaosWorld(6).run().trace_hash, hash);
}

TEST(ChaosTest, Replay) {
  const ChaosOutcome outcome = ChaosWorld(setting("THICKET_CHAOS_SEED").value_or(1)).run();
  const auto& events = outcome.last_events;
  for (std::size_t i = events.size() - std::min(events.size(), kEventsShown); i < events.size();
       ++i) {
    fmt::print("{}\n", describe(events[i]));
  }
  fmt::print("{}; right {} ms after it was healed\n{}\n", outcome.world,
             outcome.healed_in / std::chrono::milliseconds(1), outcome.losses);
  EXPECT_EQ(outcome.failure, "");
}

}  // namespace
}  // namespace thicket::sim::test
