#include "sim/result_folder.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "sim/result_files.hpp"

namespace thicket::sim {
namespace {

namespace fs = std::filesystem;

class ResultFolder : public testing::Test {
 protected:
  ResultFolder() {
    std::string name = (fs::temp_directory_path() / "thicket-sim-test-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~ResultFolder() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(ResultFolder, KeepsFailures) {
  RunFailure run_failure{"x < y", true, 9, 1234, std::chrono::seconds(3), {TraceEvent{}}};
  ASSERT_TRUE(write_failure(folder_, run_failure, R"({"name": "a", "seed": 9})"));
  const auto read = read_failure(folder_ / "failure.json");
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->what, "x < y");
  EXPECT_EQ(read->event, 1234U);
  EXPECT_EQ(read->scenario_json, R"({"name":"a","seed":9})");
}

TEST_F(ResultFolder, RefusesWhatIsNoFailure) {
  for (const char* text : {"", "[]", "{}", R"({"what": 1, "event": 1, "scenario": {}})"}) {
    ASSERT_TRUE(write_file(folder_ / "failure.json", text));
    EXPECT_FALSE(read_failure(folder_ / "failure.json")) << text;
  }
  EXPECT_FALSE(read_failure(folder_));
}

TEST_F(ResultFolder, IsOfItsScenarioOnly) {
  ASSERT_TRUE(prepare_result_folder(folder_, "{}"));
  EXPECT_FALSE(holds_run_of(folder_, "{}"));  // not complete
  Results results;
  ASSERT_TRUE(write_result_folder(folder_, results));
  EXPECT_TRUE(holds_run_of(folder_, "{}"));
  EXPECT_FALSE(holds_run_of(folder_, "{ }"));
  ASSERT_TRUE(prepare_result_folder(folder_, "{ }"));  // ours: may be used again, and is emptied
  EXPECT_FALSE(holds_run_of(folder_, "{ }"));
}

}  // namespace
}  // namespace thicket::sim
