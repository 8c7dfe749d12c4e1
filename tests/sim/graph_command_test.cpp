#include "sim/graph_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

namespace thicket::sim {
namespace {

using testing::HasSubstr;

class GraphCommand : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("thicket-graph-command-" + std::to_string(::getpid()));
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const char* name) const { return (folder_ / name).string(); }
  static std::string content(const std::string& path) {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
  }

  int run(const std::vector<std::string>& words) {
    std::vector<const char*> argv{"graph"};
    for (const std::string& word : words) argv.push_back(word.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int status = run_graph_command(static_cast<int>(argv.size()), argv.data());
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return status;
  }

  std::string out_;
  std::string err_;

 private:
  std::filesystem::path folder_;
};

TEST_F(GraphCommand, WritesAGraph) {
  EXPECT_EQ(run({"--topology", "ring", "--nodes", "3", "--latency", "1.5ms"}), 0);
  EXPECT_EQ(out_, "3 3\n0 1 1.5\n0 2 1.5\n1 2 1.5\n");
}

TEST_F(GraphCommand, ConvertsAFileByTheNameOfTheOther) {
  EXPECT_EQ(
      run({"--topology", "geometric", "--nodes", "20", "--seed", "7", "--out", file("a.json")}), 0);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(nlohmann::json::parse(content(file("a.json")))["nodes"].size(), 20u);
  EXPECT_EQ(run({"--graph", file("a.json"), "-o", file("a.edges")}), 0);
  EXPECT_EQ(run({"--topology", "geometric", "--nodes", "20", "--seed", "7"}), 0);
  EXPECT_EQ(content(file("a.edges")), out_);
  EXPECT_EQ(run({"--topology", "geometric", "--nodes", "20", "--seed", "8"}), 0);
  EXPECT_NE(content(file("a.edges")), out_);
}

TEST_F(GraphCommand, DescribesAGraph) {
  EXPECT_EQ(run({"--topology", "ring", "--nodes", "10", "--describe"}), 0);
  EXPECT_EQ(out_,
            "nodes              10\n"
            "links              10\n"
            "components         1\n"
            "degree             2 min, 2.00 mean, 2 max\n"
            "diameter           5 hops\n"
            "mean distance      2.78 hops\n"
            "clustering         0.0000\n"
            "\n"
            "  degree   nodes\n"
            "       2      10\n");
  EXPECT_EQ(run({"--topology", "line", "--nodes", "3000", "--describe"}), 0);
  EXPECT_THAT(out_, HasSubstr("at least 2999 hops"));
  EXPECT_THAT(out_, HasSubstr("(sampled)"));
}

TEST_F(GraphCommand, DescribesAGraphAsJson) {
  EXPECT_EQ(run({"--topology", "line", "--nodes", "3", "--describe", "--json"}), 0);
  const auto it = nlohmann::json::parse(out_);
  EXPECT_EQ(it["nodes"], 3);
  EXPECT_EQ(it["links"], 2);
  EXPECT_EQ(it["diameter"], 2);
  EXPECT_EQ(it["distances_exact"], true);
  EXPECT_EQ(it["degree_histogram"], (nlohmann::json{{"1", 2}, {"2", 1}}));
}

TEST_F(GraphCommand, PutsManyDegreesIntoRanges) {
  std::ofstream star(file("star.edges"));
  star << "31 30\n";
  for (int leaf = 1; leaf <= 30; ++leaf) star << "0 " << leaf << "\n";
  star.close();
  EXPECT_EQ(run({"--graph", file("star.edges"), "--describe"}), 0);
  EXPECT_THAT(out_, HasSubstr("       1      30\n   16-31       1\n"));
}

TEST_F(GraphCommand, ExplainsItself) {
  EXPECT_EQ(run({"--help"}), 0);
  for (const char* word :
       {"--topology", "--graph", "--seed", "--describe", "Exit status", "random-tree"}) {
    EXPECT_THAT(out_, HasSubstr(word));
  }
}

TEST_F(GraphCommand, TellsMistakesOnTheCommandLine) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{}, "needs --graph FILE or --topology KIND"},
      {{"--topology", "ring", "--sed", "5"}, "unknown option \"--sed\""},
      {{"--topology", "ring", "extra"}, "unexpected argument \"extra\""},
      {{"--topology", "ring", "--seed", "x"}, "--seed: found \"x\", expected a whole number"},
      {{"--topology", "ring", "--format", "dot"}, "--format: found \"dot\""},
      {{"--topology", "ring", "--json"}, "--json needs --describe"},
      {{"--topology", "ring", "--describe", "--format", "json"}, "--format does not go with"},
      {{"--topology"}, "topology"},
      {{"--topology", "torus"}, "expected one of line, ring"},
  };
  for (const auto& [words, what] : cases) {
    EXPECT_EQ(run(words), 2) << what;
    EXPECT_THAT(err_, HasSubstr(what));
    EXPECT_THAT(err_, HasSubstr("Try 'thicket-sim graph --help'."));
    EXPECT_EQ(out_, "");
  }
}

TEST_F(GraphCommand, TellsWhatCouldNotBeDone) {
  EXPECT_EQ(run({"--topology", "ring", "--nodes", "2"}), 1);
  EXPECT_EQ(err_, "thicket-sim graph: ring needs at least 3 nodes, got 2\n");
  EXPECT_EQ(run({"--graph", file("none")}), 1);
  EXPECT_THAT(err_, HasSubstr("none: cannot be opened"));
  EXPECT_EQ(run({"--topology", "ring", "--out", file("no/such/folder")}), 1);
  EXPECT_THAT(err_, HasSubstr("cannot be written: No such file or directory"));
}

}  // namespace
}  // namespace thicket::sim
