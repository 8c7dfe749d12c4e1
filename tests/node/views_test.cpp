#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "node/bounded_json.hpp"
#include "node/commands/node_info_view.hpp"
#include "node/commands/paths_view.hpp"
#include "node/commands/peers_view.hpp"
#include "node/commands/sessions_view.hpp"
#include "node/commands/status_view.hpp"
#include "node/commands/tree_view.hpp"
#include "node/display_text.hpp"

namespace thicket::node {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Terminal kPipe{.width = 0, .utf8 = true};
constexpr Terminal kScreen{.width = 80, .height = 24, .interactive = true, .utf8 = true};

json peer(bool up) {
  json out = {{"remote", "tls://peer.example.net:443"},
              {"up", up},
              {"inbound", false},
              {"key", up ? std::string(64, 'a') : ""},
              {"port", 1},
              {"priority", 0},
              {"cost", 7}};
  if (up) {
    out.update({{"address", "200:1:2:3:4:5:6:7"},
                {"bytes_recvd", 2048},
                {"bytes_sent", 5},
                {"rate_recvd", 1024},
                {"uptime", 3725.5},
                {"latency", 1'500'000},
                {"agent", "thicket/0.1.0"}});
  } else {
    out.update({{"last_error", "connection refused"}, {"last_error_time", 3'000'000'000}});
  }
  return out;
}

TEST(PeersView, ShowsEachPeerAndWhatIsWrong) {
  const std::string text = peers_view({{"peers", {peer(true), peer(false)}}}, kPipe);
  for (const char* part :
       {"PEER", "200:1:2:3:4:5:6:7", "1.50 ms", "2.0 KiB", "1.0 KiB/s", "1h 2m", "thicket/0.1.0",
        "down", "tls://peer.example.net:443: connection refused, 3s ago\n"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, Not(HasSubstr("auto")));
  json up = peer(true);
  json down = peer(false);
  up["auto"] = down["auto"] = true;
  const std::string chosen = peers_view({{"peers", {up, down}}}, kPipe);
  EXPECT_THAT(chosen, HasSubstr("up, auto"));
  EXPECT_THAT(chosen, HasSubstr("down, auto"));
  EXPECT_THAT(peers_view(json::object(), kPipe), HasSubstr("thicket peer add"));
}

TEST(Views, TablesFitNarrowScreens) {
  constexpr Terminal kNarrow{.width = 40, .height = 24, .interactive = true, .utf8 = true};
  const std::string address = "200:1234:5678:9abc:def0:1234:5678:9abc";
  json up = peer(true);
  up["auto"] = true;
  up["address"] = address;
  const json session = {
      {"address", address}, {"bytes_recvd", 1e9}, {"bytes_sent", 1e9}, {"uptime", 1e6}};
  const json path = {
      {"address", address}, {"path", std::vector<int>(40, 123)}, {"sequence", 1234567890}};
  for (const std::string& text :
       {peers_view({{"peers", {up}}}, kNarrow), sessions_view({{"sessions", {session}}}, kNarrow),
        paths_view({{"paths", {path}}}, kNarrow)}) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), 40U) << text;
  }
}

TEST(SessionsView, BusiestFirst) {
  const auto session = [](const char* address, int bytes) {
    return json{{"address", address},
                {"key", std::string(64, 'b')},
                {"bytes_recvd", bytes},
                {"bytes_sent", 1},
                {"uptime", 61.2}};
  };
  const std::string text =
      sessions_view({{"sessions", {session("200::1", 10), session("200::2", 4096)}}}, kScreen);
  EXPECT_LT(text.find("200::2"), text.find("200::1"));
  EXPECT_THAT(text, HasSubstr("4.0 KiB"));
  EXPECT_THAT(text, HasSubstr("1m 1s"));
}

TEST(PathsView, ShowsThePorts) {
  const std::string text =
      paths_view({{"paths",
                   {{{"address", "200::1"}, {"key", "k"}, {"path", {1, 4, 300}}, {"sequence", 9}},
                    {{"address", "200::2"}, {"key", "l"}, {"path", json::array()}}}}},
                 kPipe);
  EXPECT_THAT(text, HasSubstr("200::1   1 4 300                    9  k\n"));
  EXPECT_THAT(text, HasSubstr("(the root)"));
}

json entry(const std::string& key, const std::string& parent) {
  return {{"key", key}, {"parent", parent}, {"address", "addr-" + key}, {"sequence", 1}};
}

TEST(TreeView, DrawsChildrenUnderTheirParents) {
  const json answer = {
      {"tree",
       {entry("a", "a"), entry("b", "a"), entry("c", "b"), entry("d", "a"), entry("e", "b")}}};
  const TreeMarks marks{.self = "c", .peers = {"b"}};
  EXPECT_EQ(tree_view(answer, marks, kPipe),
            "addr-a  root\n"
            "├─ addr-b  peer\n"
            "│  ├─ addr-c  this node\n"
            "│  └─ addr-e\n"
            "└─ addr-d\n");
  EXPECT_EQ(tree_view({{"tree", {entry("a", "a"), entry("b", "a")}}}, marks,
                      Terminal{.width = 0, .utf8 = false}),
            "addr-a  root\n`- addr-b  peer\n");
}

TEST(TreeView, TakesLoopsAndGaps) {
  const json answer = {
      {"tree",
       {entry("a", "b"), entry("b", "a"), entry("c", "nobody"), entry("d", "c"), entry("d", "d")}}};
  EXPECT_EQ(tree_view(answer, {}, kPipe),
            "addr-c  its parent is not known\n"
            "└─ addr-d\n"
            "addr-a  its parents form a loop\n"
            "└─ addr-b\n");
  EXPECT_THAT(tree_view(json::array(), {}, kPipe), HasSubstr("No tree"));
}

TEST(TreeView, ADeepTreeStaysOnTheScreen) {
  json tree = json::array();
  const auto name = [](int i) { return fmt::format("k{:04}", i); };
  tree.push_back(entry(name(0), name(0)));
  for (int i = 1; i < 3000; ++i) tree.push_back(entry(name(i), name(i - 1)));
  const std::string text = tree_view({{"tree", tree}}, {}, kScreen);
  std::istringstream lines(text);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    ASSERT_LE(display_width(line), 80U);
    ASSERT_LE(line.size(), 200U);
  }
  EXPECT_EQ(count, 3000);
  EXPECT_THAT(text, HasSubstr("depth 2999"));
}

json status() {
  const json other = {{"key", "bb"}, {"address", "200::b"}};
  return {{"node",
           {{"build_name", "thicket"},
            {"build_version", "0.1.0"},
            {"key", "aa"},
            {"address", "200::a"},
            {"subnet", "300::/64"},
            {"uptime", 61},
            {"root", other},
            {"parent", other},
            {"coordinates", {3, 1}},
            {"tun", {{"enabled", true}, {"name", "tun0"}, {"mtu", 1500}}}}},
          {"peers", {{"total", 3}, {"up", 2}, {"shown", {peer(true)}}}},
          {"sessions", {{"total", 4}, {"shown", json::array()}}},
          {"traffic", {{"bytes_recvd", 4096}, {"bytes_sent", 1}}},
          {"lookups",
           {{"lookup", "auto"},
            {"enabled", true},
            {"joined", true},
            {"estimated_nodes", 12},
            {"records", 5}}},
          {"health", {{"healthy", true}, {"problems", json::array()}}}};
}

TEST(StatusView, ShowsAllOnOneScreen) {
  const std::string text = status_view(status(), kScreen);
  EXPECT_EQ(text,
            "thicket 0.1.0, up 1m 1s\n"
            "\n"
            "  Address     200::a\n"
            "  Subnet      300::/64\n"
            "  Key         aa\n"
            "  Interface   tun0, MTU 1500\n"
            "  Root        200::b\n"
            "  Parent      200::b\n"
            "  Coordinates [3 1], 2 below the root\n"
            "  Peers       2 of 3 up\n"
            "  Sessions    4\n"
            "  Traffic     in 4.0 KiB (1.0 KiB/s), out 1 B (0 B/s)\n"
            "  Lookups     auto, in the DHT of about 12 nodes, 5 records kept\n"
            "  Health      good\n");
}

TEST(StatusView, SaysWhatIsWrong) {
  json bad = status();
  bad["health"] = {{"healthy", false},
                   {"problems", {{{"problem", "x"}, {"reason", "no \x1b[1mTUN"}}}}};
  bad["node"]["root"] = {{"key", "aa"}, {"address", "200::a"}};
  const std::string text = status_view(bad, kScreen);
  EXPECT_THAT(text, HasSubstr("thicket doctor"));
  EXPECT_THAT(text, HasSubstr("    no ?[1mTUN\n"));
  EXPECT_THAT(text, HasSubstr("Root        this node\n"));
}

TEST(NodeInfoView, ShowsMembersOfAnyKind) {
  const json info = {{"name", "Ångström"},
                     {"nested", {{"list", {1, nullptr}}}},
                     {"evil\n\x1b[2J", "\x1b]0;owned\x07\xff"}};
  const std::string text = node_info_view({{"ab", info}}, kPipe);
  EXPECT_EQ(text,
            "ab\n"
            "  evil??[2J  ?]0;owned??\n"
            "  name       Ångström\n"
            "  nested     {\"list\":[1,null]}\n");
  EXPECT_THAT(node_info_view({{"ab", json::object()}}, kPipe), HasSubstr("nothing"));
}

// --- hostile answers -----------------------------------------------------------------------------

/// Any JSON, with the names that views look for among its members and escape sequences in strings.
json any_json(int depth) {
  constexpr const char* kNames[] = {
      "peers",   "sessions",   "paths",  "tree",    "node",   "health",      "shown",  "remote",
      "address", "key",        "up",     "path",    "parent", "problems",    "reason", "traffic",
      "agent",   "last_error", "uptime", "latency", "total",  "coordinates", "tun",    "root"};
  switch (*rc::gen::inRange(depth > 0 ? 0 : 2, 7)) {
    case 0: {
      json out = json::object();
      for (int i = *rc::gen::inRange(0, 7); i > 0; --i) {
        out[*rc::gen::elementOf(std::vector<std::string>(std::begin(kNames), std::end(kNames)))] =
            any_json(depth - 1);
      }
      return out;
    }
    case 1: {
      json out = json::array();
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i) out.push_back(any_json(depth - 1));
      return out;
    }
    case 2:
      return *rc::gen::arbitrary<double>();
    case 3:
      return *rc::gen::arbitrary<std::int64_t>();
    case 4:
      return *rc::gen::arbitrary<bool>();
    case 5:
      return fmt::format("\x1b[2J\n\u009b31m\x7f\u202e{}", *rc::gen::arbitrary<std::string>());
    default:
      return nullptr;
  }
}

RC_GTEST_PROP(ViewsProperty, WhateverIsAnsweredNothingEscapes, ()) {
  json answer = any_json(5);
  if (*rc::gen::arbitrary<bool>()) {
    const char* const lists[] = {"peers", "sessions", "paths", "tree"};
    answer = json::object();
    for (const char* list : lists) answer[list] = json::array({any_json(3), any_json(3)});
  }
  for (const bool utf8 : {true, false}) {
    const std::string shown = displayable_json(to_text(answer, true), utf8);
    RC_ASSERT(json::parse(shown) == json::parse(to_text(answer, true)));
    std::istringstream lines(shown);
    for (std::string line; std::getline(lines, line);) {
      // Marks that combine may pile up in JSON, but stay in their line.
      RC_ASSERT(displayable_json(line, utf8) == line);
      RC_ASSERT(
          std::ranges::none_of(line, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }));
    }
  }
  for (const Terminal& terminal : {kPipe, kScreen}) {
    for (const std::string& text :
         {peers_view(answer, terminal), sessions_view(answer, terminal),
          paths_view(answer, terminal), tree_view(answer, {}, terminal),
          status_view(answer, terminal), node_info_view(answer, terminal)}) {
      std::istringstream lines(text);
      for (std::string line; std::getline(lines, line);) {
        RC_ASSERT(displayable(line, true) == line);
      }
    }
  }
}

}  // namespace
}  // namespace thicket::node
