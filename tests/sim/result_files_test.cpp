#include "sim/result_files.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/summary.hpp"

namespace thicket::sim {
namespace {

using namespace std::chrono_literals;

Results example() {
  Results results;
  results.version = "1.2.3";
  results.scenario = "churn";
  results.scenario_json = R"({"duration_s": 5})";
  results.policy = "thicket";
  results.seed = 42;
  results.nodes = 7;
  results.trace_hash = 0xab;
  results.delivery = 0.75;
  results.stretch_hops = distribution_of({1, 1.5, 2});
  results.frames_lost = {{"link cut", 3}};
  results.series.push_back({.time_s = 1, .running = 7, .roots = 2, .pings_sent = 4});
  results.series.push_back({.time_s = 2, .running = 6, .roots = 1, .pings_sent = 0});
  results.ping_outcomes.push_back({.from = 1,
                                   .to = 2,
                                   .sent_at = 1500ms,
                                   .arrived = true,
                                   .hops = 3,
                                   .shortest_hops = 2,
                                   .one_way = 30ms,
                                   .travel = 20ms,
                                   .lost_by = "a, \"b\""});
  results.stretch_samples = {1.0, 1.0, 1.3, 2.05};
  return results;
}

class ResultFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::string content(const std::string& name) const {
    std::ifstream stream(folder / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }
  std::filesystem::path folder = std::filesystem::temp_directory_path() /
                                 ("thicket_result_files_" + std::to_string(::getpid()) + "_" +
                                  testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(ResultFilesTest, AreAllThere) {
  const auto written = write_results(example(), folder / "deep" / "down");
  ASSERT_TRUE(written) << written.error();
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "deep" / "down")) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names,
            (std::vector<std::string>{"pings.csv", "series.csv", "stretch.csv", "summary.json"}));
}

TEST_F(ResultFilesTest, SummariesCanBeReadBack) {
  ASSERT_TRUE(write_results(example(), folder));
  const auto summary = read_summary(folder);
  ASSERT_TRUE(summary) << summary.error();
  EXPECT_EQ(std::get<std::string>(summary->at("version")), "1.2.3");
  EXPECT_EQ(std::get<std::string>(summary->at("trace_hash")), "00000000000000ab");
  EXPECT_EQ(std::get<double>(summary->at("seed")), 42);
  EXPECT_EQ(std::get<double>(summary->at("nodes")), 7);
  EXPECT_EQ(std::get<double>(summary->at("delivery")), 0.75);
  EXPECT_EQ(std::get<double>(summary->at("stretch_hops_mean")), 1.5);
  EXPECT_EQ(std::get<double>(summary->at("stretch_hops_p50")), 1.5);
  EXPECT_EQ(std::get<double>(summary->at("stretch_hops_max")), 2);
  EXPECT_EQ(std::get<double>(summary->at("frames_lost.link cut")), 3);
  EXPECT_EQ(std::get<double>(summary->at("options.duration_s")), 5);
  EXPECT_FALSE(summary->contains("converged_s"));
  EXPECT_EQ(read_summary(folder / "summary.json"), summary);
}

TEST_F(ResultFilesTest, SummariesHaveAllTheNamesThatOthersReadInAStableOrder) {
  const auto json = nlohmann::ordered_json::parse(summary_json(example()));
  for (const char* name :
       {"trace_hash", "nodes", "converged_s", "delivery", "stretch_hops_mean",
        "stretch_latency_mean", "control_bytes_per_node_s", "state_bytes_per_node", "wall_s",
        "rss_bytes", "seed", "version", "policy", "crypto", "topology", "scenario", "options"}) {
    EXPECT_TRUE(json.contains(name)) << name;
  }
  EXPECT_TRUE(json["converged_s"].is_null());
  EXPECT_EQ(json.begin().key(), "version");
  EXPECT_EQ(summary_json(example()), summary_json(example()));
}

TEST_F(ResultFilesTest, TablesHoldWhatWasMeasured) {
  ASSERT_TRUE(write_results(example(), folder));
  EXPECT_EQ(content("series.csv"),
            "time_s,running_nodes,roots,right_coordinates_share,reachable_share,pings_sent,"
            "pings_answered,control_bytes_per_node_s,traffic_bytes_per_node_s,"
            "state_bytes_per_node,position_changes,lookups\n"
            "1,7,2,0,0,4,0,0,0,0,0,0\n"
            "2,6,1,0,0,0,0,0,0,0,0,0\n");
  EXPECT_EQ(content("pings.csv"),
            "sent_s,from,to,possible,arrived,answered,hops,shortest_hops,one_way_ms,travel_ms,"
            "quickest_ms,round_trip_ms,lost_by\n"
            "1.5,1,2,1,1,0,3,2,30,20,0,0,\"a, \"\"b\"\"\"\n");
  EXPECT_EQ(content("stretch.csv"),
            "stretch_hops_from,stretch_hops_below,pings,share\n"
            "1.0,1.1,2,0.5\n"
            "1.3,1.4,1,0.25\n"
            "2.0,2.1,1,0.25\n");
}

TEST_F(ResultFilesTest, ErrorsNameTheFile) {
  const auto missing = read_summary(folder / "nowhere.json");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().find("nowhere.json"), std::string::npos);
  std::ofstream(folder / "summary.json") << "[1, 2]";
  const auto no_object = read_summary(folder);
  ASSERT_FALSE(no_object);
  EXPECT_NE(no_object.error().find("summary.json"), std::string::npos);
  const auto under_a_file = write_results(example(), folder / "summary.json" / "below");
  ASSERT_FALSE(under_a_file);
  EXPECT_NE(under_a_file.error().find("below"), std::string::npos);
}

TEST_F(ResultFilesTest, FilesAreReplacedWholeOrNotAtAll) {
  ASSERT_TRUE(write_file(folder / "a", "old"));
  ASSERT_TRUE(write_file(folder / "a", "new and longer"));
  EXPECT_EQ(content("a"), "new and longer");
  std::filesystem::create_directories(folder / "b" / "not empty");
  EXPECT_FALSE(write_file(folder / "b", "text"));
  EXPECT_TRUE(std::filesystem::is_directory(folder / "b"));
  EXPECT_FALSE(std::filesystem::exists(folder / "b.new"));
}

}  // namespace
}  // namespace thicket::sim
