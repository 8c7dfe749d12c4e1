#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/sweep_grid.hpp"

namespace thicket::sim {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Outcome {
  int status = -1;
  std::string text;  ///< standard output and error
};

Outcome shell(const std::string& command) {
  Outcome outcome;
  std::FILE* pipe = ::popen(("{ " + command + "\n} 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> part{};
  while (const std::size_t n = std::fread(part.data(), 1, part.size(), pipe)) {
    outcome.text.append(part.data(), n);
  }
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  return outcome;
}

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

nlohmann::json json_of(const fs::path& file) {
  return nlohmann::json::parse(content(file), nullptr, false);
}

/// Runs the real program in a folder of its own.
class Commands : public testing::Test {
 protected:
  Commands() {
    std::string name = (fs::temp_directory_path() / "thicket-sim-test-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Commands() override { fs::remove_all(folder_); }

  Outcome sim(const std::string& words) const {
    return shell("cd " + shell_quoted(folder_.string()) + " && " +
                 shell_quoted(THICKET_SIM_PROGRAM) + " " + words);
  }
  fs::path in(const std::string& name) const { return folder_ / name; }

  // Six nodes in a ring: over in a moment.
  static constexpr const char* kTiny =
      " --topology ring --nodes 6 --crypto fast --duration 40 --set traffic.pings=20 ";

 private:
  fs::path folder_;
};

TEST_F(Commands, RunWritesAllResults) {
  const Outcome run = sim(std::string("run --seed 5 --out results") + kTiny);
  ASSERT_EQ(run.status, 0) << run.text;
  EXPECT_THAT(run.text, HasSubstr("Converged"));
  EXPECT_THAT(run.text, HasSubstr("6 nodes, 6 links"));
  const auto summary = json_of(in("results/summary.json"));
  for (const char* key : {"trace_hash", "nodes", "converged_s", "delivery", "stretch_hops_mean",
                          "stretch_latency_mean", "control_bytes_per_node_s",
                          "state_bytes_per_node", "wall_s", "rss_bytes", "version", "seed"}) {
    EXPECT_TRUE(summary.contains(key)) << key;
  }
  EXPECT_EQ(summary.value("nodes", 0), 6);
  EXPECT_EQ(summary.value("seed", 0), 5);
  EXPECT_EQ(summary.value("delivery", 0.0), 1.0);
  EXPECT_GT(summary.value("wall_s", 0.0), 0);
  EXPECT_GT(summary.value("rss_bytes", 0.0), 1e6);
  EXPECT_EQ(json_of(in("results/scenario.json")).value("seed", 0), 5);
  EXPECT_THAT(content(in("results/report.html")), HasSubstr("id=\"convergence\""));
  EXPECT_FALSE(fs::is_empty(in("results")));
}

TEST_F(Commands, ScenarioOfARunRunsAgain) {
  ASSERT_EQ(sim(std::string("run --quiet --out a") + kTiny).status, 0);
  const Outcome again = sim("run --quiet --scenario a/scenario.json --out b");
  ASSERT_EQ(again.status, 0) << again.text;
  EXPECT_EQ(again.text, "");
  EXPECT_EQ(json_of(in("a/summary.json")).value("trace_hash", "a"),
            json_of(in("b/summary.json")).value("trace_hash", "b"));
}

TEST_F(Commands, RunLeavesForeignFoldersAlone) {
  fs::create_directory(in("mine"));
  std::ofstream(in("mine/thesis.txt")) << "text";
  const Outcome run = sim(std::string("run --out mine") + kTiny);
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.text, HasSubstr("no results of a run (thesis.txt)"));
  EXPECT_FALSE(fs::exists(in("mine/scenario.json")));
}

TEST_F(Commands, RunPrintsJson) {
  const Outcome run = sim(std::string("run --quiet --json") + kTiny);
  ASSERT_EQ(run.status, 0) << run.text;
  EXPECT_EQ(nlohmann::json::parse(run.text, nullptr, false).value("nodes", 0), 6);
}

TEST_F(Commands, ReplaySeesTheSameRun) {
  ASSERT_EQ(sim(std::string("run --quiet --out a") + kTiny).status, 0);
  const Outcome replay = sim("replay a --last 3");
  EXPECT_EQ(replay.status, 0) << replay.text;
  EXPECT_THAT(replay.text, HasSubstr("the same run: trace hash"));
  EXPECT_EQ(std::ranges::count(replay.text, '\n'), 4);
  auto summary = json_of(in("a/summary.json"));
  summary["trace_hash"] = "0000000000000000";
  std::ofstream(in("a/summary.json")) << summary;
  const Outcome other = sim("replay a");
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.text, HasSubstr("another run"));
}

TEST_F(Commands, ReplaySeesThatAFailureIsGone) {
  ASSERT_EQ(sim(std::string("run --quiet --out a") + kTiny).status, 0);
  std::ofstream(in("failure.json")) << nlohmann::json{
      {"what", "x < y"}, {"event", 7}, {"scenario", json_of(in("a/scenario.json"))}};
  const Outcome replay = sim("replay failure.json");
  EXPECT_EQ(replay.status, 1);
  EXPECT_THAT(replay.text, HasSubstr("did not fail this time; recorded: x < y at event 7"));
}

TEST_F(Commands, SweepGoesOnWhereItEnded) {
  const std::string words =
      std::string("sweep --seeds 1..2 --set topology.nodes=5,6 --out s") + kTiny;
  const Outcome first = sim(words);
  ASSERT_EQ(first.status, 0) << first.text;
  const std::string done = "s/topology.nodes=5_traffic.pings=20_seed=1/summary.json";
  ASSERT_TRUE(fs::exists(in(done))) << first.text;
  const std::string csv = content(in("s/sweep.csv"));
  EXPECT_EQ(std::ranges::count(csv, '\n'), 5);
  EXPECT_THAT(csv, HasSubstr("point,exit_status,topology.nodes,traffic.pings,seed,"));

  const auto time = fs::last_write_time(in(done));
  const std::string open = "s/topology.nodes=6_traffic.pings=20_seed=2/summary.json";
  fs::remove(in(open));
  const Outcome second = sim(words);
  EXPECT_EQ(second.status, 0) << second.text;
  EXPECT_THAT(second.text, HasSubstr("(3 of them earlier)"));
  EXPECT_TRUE(fs::exists(in(open)));
  EXPECT_EQ(fs::last_write_time(in(done)), time);
}

TEST_F(Commands, SweepSaysWhichRunsFailed) {
  fs::create_directories(in("s/seed=1"));
  std::ofstream(in("s/seed=1/scenario.json")) << "{}";
  fs::create_directory(in("s/seed=1/summary.json"));  // cannot be written
  std::ofstream(in("s/seed=1/summary.json/x")) << "x";
  const Outcome sweep = sim("sweep --seeds 1,2 --out s --topology ring --nodes 4 --duration 20");
  EXPECT_EQ(sweep.status, 1);
  EXPECT_THAT(sweep.text, HasSubstr("1 of 2 runs failed:\n  seed=1: exit status 1"));
  EXPECT_TRUE(fs::exists(in("s/seed=2/summary.json")));
}

TEST_F(Commands, PrintedCommandsRunAsTheyAre) {
  const std::string words = std::string("sweep --seeds 1,2 --out 'a folder'") + kTiny;
  const Outcome print = sim(words + " --print");
  ASSERT_EQ(print.status, 0) << print.text;
  EXPECT_FALSE(fs::exists(in("a folder")));
  ASSERT_EQ(std::ranges::count(print.text, '\n'), 2) << print.text;
  std::ofstream(in("commands.sh")) << print.text;
  const Outcome run = shell("cd " + shell_quoted(in("").string()) + " && sh -e commands.sh");
  ASSERT_EQ(run.status, 0) << run.text;
  const Outcome collect = sim(words);
  EXPECT_EQ(collect.status, 0) << collect.text;
  EXPECT_THAT(collect.text, HasSubstr("(2 of them earlier)"));
}

TEST_F(Commands, CompareSetsFiguresSideBySide) {
  ASSERT_EQ(sim(std::string("run --quiet --out a --seed 1") + kTiny).status, 0);
  ASSERT_EQ(sim(std::string("run --quiet --out b --seed 2") + kTiny).status, 0);
  const Outcome table = sim("compare a b");
  EXPECT_EQ(table.status, 0) << table.text;
  EXPECT_THAT(table.text, HasSubstr("warning: seed differs: 1 and 2"));
  EXPECT_THAT(table.text, HasSubstr("Delivery (pings answered)"));
  const Outcome json = sim("compare a b --json");
  const auto figures = nlohmann::json::parse(json.text, nullptr, false);
  EXPECT_EQ(figures["figures"]["nodes"].value("ratio", 0.0), 1.0);
  EXPECT_EQ(sim("compare a nowhere").status, 1);
}

TEST_F(Commands, UsageErrorsSayWhatIsWrong) {
  const std::pair<const char*, const char*> kCases[] = {
      {"rn", "unknown command \"rn\"; did you mean \"run\"?"},
      {"run", "needs --scenario NAME|FILE, --graph FILE or --topology KIND"},
      {"run --topolgy ring", "unknown option --topolgy; did you mean \"--topology\"?"},
      {"run --topology ring --seed x", "--seed: found \"x\", expected a whole number"},
      {"run --topology ring --duration 0", "--duration: found \"0\", expected seconds above 0"},
      {"run --topology ring --crypto none", "--crypto: found \"none\", expected real or fast"},
      {"run --topology ring --set nodes", "--set: found \"nodes\", expected KEY=VALUE"},
      {"run --topology ring extra", "unexpected argument \"extra\""},
      {"sweep --topology ring", "needs --out DIR"},
      {"sweep --topology ring --out s --seeds 3..1", "--seeds: found \"3..1\""},
      {"sweep --topology ring --out s --jobs 0", "--jobs: found \"0\""},
      {"replay", "expected DIR|failure.json"},
      {"replay x --last 0", "--last: found \"0\", expected a whole number above 0"},
      {"compare a", "expected DIR_A DIR_B"},
  };
  for (const auto& [words, what] : kCases) {
    const Outcome outcome = sim(words);
    EXPECT_EQ(outcome.status, 2) << words << ": " << outcome.text;
    EXPECT_THAT(outcome.text, HasSubstr(what)) << words;
    EXPECT_THAT(outcome.text, HasSubstr("--help'.")) << words;
  }
}

TEST_F(Commands, HelpExplainsEveryCommand) {
  EXPECT_THAT(sim("--version").text, HasSubstr("thicket-sim "));
  for (const char* command : {"run", "sweep", "replay", "compare", "graph"}) {
    const Outcome help = sim(std::string("help ") + command);
    EXPECT_EQ(help.status, 0) << help.text;
    EXPECT_THAT(help.text, HasSubstr("Exit status:"));
    EXPECT_EQ(sim(std::string(command) + " --help").text, help.text);
    EXPECT_THAT(sim("--help").text, HasSubstr(std::string("  ") + command));
  }
}

}  // namespace
}  // namespace thicket::sim
