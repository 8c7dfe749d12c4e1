#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/command_line.hpp"
#include "sim/exit_code.hpp"

namespace thicket::sim {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Outcome {
  int status = -1;
  std::string out;
  std::string error;
};

Outcome lookup(std::vector<const char*> words) {
  words.insert(words.begin(), {"thicket-sim", "lookup"});
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.status = run_command_line(static_cast<int>(words.size()), words.data());
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.error = testing::internal::GetCapturedStderr();
  return outcome;
}

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class LookupCommandTest : public testing::Test {
 protected:
  LookupCommandTest() {
    std::string name = (fs::temp_directory_path() / "thicket-lookup-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~LookupCommandTest() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(LookupCommandTest, WritesTheKeysThatOthersRelyOn) {
  const std::string out = (folder_ / "results").string();
  const Outcome run = lookup({"--topology", "ring", "--nodes", "12", "--lookups", "20", "--settle",
                              "20", "--idle", "10", "--crypto", "fast", "--out", out.c_str()});
  ASSERT_EQ(run.status, kExitOk) << run.error;
  EXPECT_THAT(run.out, HasSubstr("model: bloom"));
  const auto summary = nlohmann::json::parse(content(folder_ / "results/summary.json"));
  for (const char* key :
       {"version", "seed", "crypto", "nodes", "links", "wall_s", "rss_bytes", "options", "model"}) {
    EXPECT_TRUE(summary.contains(key)) << key;
  }
  ASSERT_EQ(summary["lookups"].size(), 4U);
  for (const char* policy : {"auto", "bloom", "dht", "both"}) {
    const auto& figures = summary["lookups"][policy];
    for (const char* key : {"transmissions_mean", "success", "time_ms_p50", "busiest_share",
                            "table_entries_mean", "idle_bytes_per_node_s", "trace_hash"}) {
      EXPECT_TRUE(figures.contains(key)) << policy << " " << key;
    }
    EXPECT_EQ(figures["success"], 1.0) << policy;
  }
  EXPECT_EQ(summary["lookups"]["bloom"]["table_entries_mean"], 0.0);
  EXPECT_EQ(summary["options"]["settle_s"], 20.0);
}

TEST_F(LookupCommandTest, StudiesThePoliciesAskedForInTheirOrder) {
  const Outcome run = lookup({"--topology", "line", "--nodes", "3", "--lookups", "2", "--settle",
                              "5", "--idle", "1", "--lookup", "dht,bloom", "--quiet", "--json"});
  ASSERT_EQ(run.status, kExitOk) << run.error;
  const auto summary = nlohmann::ordered_json::parse(run.out);
  ASSERT_EQ(summary["lookups"].size(), 2U);
  EXPECT_EQ(summary["lookups"].begin().key(), "dht");
  EXPECT_EQ(summary["crypto"], "real");
  EXPECT_TRUE(summary["auto_over_better"].is_null());
}

TEST_F(LookupCommandTest, SaysWhatIsWrongWithTheCommandLine) {
  const auto refuses = [](std::vector<const char*> words, const char* why) {
    words.insert(words.end(), {"--topology", "line"});
    const Outcome run = lookup(words);
    EXPECT_EQ(run.status, kExitUsage) << why;
    EXPECT_THAT(run.error, HasSubstr(why));
  };
  refuses({"--lookup", "auto,fast"}, "--lookup: found \"auto,fast\", expected each of auto");
  refuses({"--lookup", "dht,dht"}, "at most once");
  refuses({"--lookup", "dht,"}, "--lookup: found");
  refuses({"--lookups", "0"}, "--lookups: found \"0\", expected a whole number from 1");
  refuses({"--lookups", "many"}, "--lookups");
  refuses({"--hostile", "1"}, "--hostile: found \"1\", expected a share from 0 to below 1");
  refuses({"--churn", "0.5"}, "--churn: found \"0.5\", expected seconds from 1");
  refuses({"--settle", "-3"}, "--settle");
  refuses({"--idle", "0"}, "--idle");
  refuses({"--crash"}, "--crash needs --churn SECONDS");
  refuses({"--crypto", "none"}, "expected real or fast");
  refuses({"--seed", "x"}, "--seed: found \"x\"");
  refuses({"--links", "3"}, "links");
  const Outcome nothing = lookup({});
  EXPECT_EQ(nothing.status, kExitUsage);
  EXPECT_THAT(nothing.error, HasSubstr("needs --graph FILE or --topology KIND"));
}

TEST_F(LookupCommandTest, HelpListsTheOptionsOfEachGroupAndNothingElse) {
  const Outcome help = lookup({"--help"});
  EXPECT_EQ(help.status, kExitOk);
  EXPECT_THAT(help.out, HasSubstr("Options:\n      --seed N"));
  EXPECT_THAT(help.out, HasSubstr("Graph options:\n      --graph FILE"));
  EXPECT_THAT(help.out, HasSubstr("Output options:\n  -o, --out DIR"));
  EXPECT_THAT(help.out, testing::Not(HasSubstr("[OPTION...]")));
}

TEST_F(LookupCommandTest, LeavesForeignFoldersAlone) {
  std::ofstream(folder_ / "thesis.txt") << "text";
  const std::string out = folder_.string();
  const Outcome run = lookup({"--topology", "line", "--nodes", "3", "--out", out.c_str()});
  EXPECT_EQ(run.status, kExitFailure);
  EXPECT_THAT(run.error, HasSubstr("thesis.txt"));
}

TEST_F(LookupCommandTest, NeedsTwoNodes) {
  const Outcome run = lookup({"--topology", "line", "--nodes", "1"});
  EXPECT_EQ(run.status, kExitFailure);
  EXPECT_THAT(run.error, HasSubstr("fewer than two nodes"));
}

}  // namespace
}  // namespace thicket::sim
