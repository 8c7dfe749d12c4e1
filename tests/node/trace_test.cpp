#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "crypto/address.hpp"
#include "node/admin/admin_client.hpp"
#include "node/admin/next_hop_status.hpp"
#include "node/commands/exit_code.hpp"
#include "node/commands/trace_report.hpp"
#include "node/run_program.hpp"
#include "node/sample_config.hpp"
#include "node/test_nodes.hpp"

namespace thicket::node {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// --- what is shown -------------------------------------------------------------------------------

routing::Path path_of(std::vector<std::uint64_t> ports) {
  routing::Path path;
  for (const std::uint64_t port : ports) path.push_back(routing::Port{port});
  return path;
}

NextHop some_hop() {
  NextHop hop;
  hop.end = NextHop::End::next;
  hop.target = PublicKey::from_hex(kZeroPublicKey).value();
  hop.target_path = path_of({1, 2, 3});
  hop.at.bytes.fill(0x77);
  hop.at_path = path_of({4});
  hop.next.emplace().bytes.fill(0x55);
  hop.next_path = path_of({1});
  hop.peers = 4;
  hop.located = 4;
  hop.nearer = 2;
  return hop;
}

TEST(TraceReport, ShowsEachHop) {
  NextHop hop = some_hop();
  json step = next_hop_status(hop);
  EXPECT_EQ(step["at"]["distance"], 4);
  EXPECT_EQ(step["next"]["distance"], 2);
  EXPECT_EQ(step["next"]["path"], json{1});
  EXPECT_EQ(step["certain"], false);
  const json ping = {{"answered", true}, {"time", 1234567}};
  const std::string address = Address::of(*hop.next).to_string();
  EXPECT_EQ(trace_heading(step, {}),
            "trace to " + std::string(kZeroAddress) + ", 4 links away in the tree\nkey " +
                std::string(kZeroPublicKey) +
                "\n  #  NODE                                      FAR  ROUND "
                "TRIP\n");
  EXPECT_THAT(trace_line(12, step, ping, {}), StartsWith(" 12  " + address));
  EXPECT_THAT(trace_line(12, step, ping, {}), HasSubstr("     2     1.23 ms  1 of 2\n"));
  EXPECT_EQ(trace_hop(step, ping)["time"], 1234567);
  EXPECT_EQ(trace_hop(step, ping)["key"], hop.next->to_hex());
  hop.nearer = 1;
  EXPECT_THAT(trace_line(1, next_hop_status(hop), json::object(), {}),
              HasSubstr(" 2           *  likely\n"));
  hop.certain = true;
  EXPECT_THAT(trace_line(1, next_hop_status(hop), json::object(), {}),
              HasSubstr(" 2           *\n"));
}

TEST(TraceReport, FitsNarrowTerminals) {
  NextHop hop = some_hop();
  hop.nearer = 12;
  const Terminal narrow{.width = 40};
  const std::string line = trace_line(12, next_hop_status(hop), {{"time", 1e9}}, narrow);
  EXPECT_LE(line.size(), 41U) << line;
  EXPECT_THAT(line, HasSubstr("1000.00 ms  1 of 12\n"));
  const std::string heading = trace_heading(next_hop_status(hop), narrow);
  EXPECT_THAT(heading, HasSubstr("\n  #  NODE      FAR  ROUND TRIP\n"));
}

TEST(TraceReport, SaysWhatIsNotKnown) {
  NextHop hop = some_hop();
  hop.end = NextHop::End::silent;
  EXPECT_FALSE(next_hop_status(hop).contains("next"));
  EXPECT_THAT(trace_gap(3, next_hop_status(hop)), StartsWith("  3  *  it "));
  EXPECT_THAT(trace_gap(3, next_hop_status(hop)), HasSubstr("does not tell its peers\n"));
  hop.end = NextHop::End::nobody;
  hop.next.reset();
  EXPECT_THAT(trace_gap(3, next_hop_status(hop)), HasSubstr("no nearer peer found\n"));
  EXPECT_THAT(trace_far_end(next_hop_status(hop), {{"time", 5e6}}, {}),
              StartsWith("  *  " + std::string(kZeroAddress)));
  EXPECT_EQ(next_hop_status({}), (json{{"result", "not found"}, {"found", false}}));
}

TEST(TraceReport, WhateverCameIsShown) {
  for (const char* step :
       {"null", "{}", "[]", R"({"next": 5, "target": [], "at": "x"})",
        R"({"next": {"address": "\u001b[31m", "distance": -1}, "nearer": "x", "result": []})"}) {
    const json value = json::parse(step);
    for (const std::string& text : {trace_heading(value, {}), trace_line(1, value, value, {}),
                                    trace_gap(1, value), trace_far_end(value, value, {})}) {
      EXPECT_THAT(text, Not(HasSubstr("\x1b"))) << step;
      std::istringstream lines(text);
      for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
    }
    EXPECT_TRUE(trace_hop(value, value).is_object());
  }
}

// --- from the command line to another node -------------------------------------------------------

/// Four nodes in a row.
class TraceCommand : public ::testing::Test {
 protected:
  TraceCommand() {
    std::vector<std::string> peers;
    for (int i = 0; i < 4; ++i) {
      Config config = nodes.make_config(peers);
      if (i == 0) config.admin_listen = uri;
      row.push_back(nodes.make(std::move(config), false));
      EXPECT_TRUE(row.back()->node->start());
      peers = {row.back()->uri()};
    }
    // The filters of the far node take a while.
    EXPECT_TRUE(nodes.run_until([&] { return trace(row.back()->key.to_hex()).status == kExitOk; }));
  }
  ProgramResult trace(const std::string& target) {
    std::atomic<bool> ended = false;
    ProgramResult result;
    std::thread thread([&] {
      result = run_program({"trace", "--json", "--socket", uri, target});
      ended = true;
    });
    EXPECT_TRUE(nodes.run_until([&] { return ended.load(); }));
    thread.join();
    return result;
  }

  TemporaryFolder folder;
  std::string uri = "unix://" + (folder.path() / "sock").string();
  testing::TestNodes nodes;
  std::vector<std::unique_ptr<testing::TestNode>> row;
};

TEST_F(TraceCommand, FollowsARow) {
  const auto result = trace(row[3]->address.to_string());
  ASSERT_EQ(result.status, kExitOk) << result.errors;
  const json answer = json::parse(result.output);
  EXPECT_EQ(answer["complete"], true);
  EXPECT_EQ(answer["target"]["key"], row[3]->key.to_hex());
  ASSERT_EQ(answer["hops"].size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(answer["hops"][i]["key"], row[i + 1]->key.to_hex());
    EXPECT_EQ(answer["hops"][i]["certain"], true);
    EXPECT_GT(answer["hops"][i]["time"], 0);
    EXPECT_EQ(answer["hops"][i]["distance"], 2 - i);
  }
}

TEST_F(TraceCommand, SaysWhenThereIsNothingToFollow) {
  const auto own = trace(row[0]->address.to_string());
  EXPECT_EQ(own.status, kExitFailure);
  EXPECT_THAT(own.errors, HasSubstr("is this node itself"));
  const auto nobody = trace("20f:1234:5678:9abc:def0:1234:5678:9abc");
  EXPECT_EQ(nobody.status, kExitNotFound) << nobody.errors;
  EXPECT_EQ(json::parse(nobody.output)["found"], false);
}

}  // namespace
}  // namespace thicket::node
