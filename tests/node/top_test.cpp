#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "node/commands/exit_code.hpp"
#include "node/commands/screen.hpp"
#include "node/commands/top_view.hpp"
#include "node/display_text.hpp"
#include "node/run_program.hpp"

namespace thicket::node {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

json status() {
  json peer = {{"remote", "tcp://192.0.2.1:1"},
               {"up", true},
               {"address", "200::b"},
               {"rate_recvd", 1536},
               {"rate_sent", 10},
               {"agent", "\x1b[31mevil"},
               {"key", "bb"},
               {"uptime", 5}};
  json session = {{"address", "200::c"}, {"key", "cc"}, {"bytes_recvd", 1024}, {"uptime", 3}};
  return {{"node",
           {{"build_name", "thicket"},
            {"build_version", "0.1.0"},
            {"address", "200::a"},
            {"uptime", 61}}},
          {"peers", {{"total", 300}, {"up", 299}, {"shown", {peer, peer}}}},
          {"sessions", {{"total", 1}, {"shown", {session}}}},
          {"health", {{"healthy", true}}}};
}

TEST(Top, SaysItInALine) {
  EXPECT_EQ(top_line(status(), Terminal{}),
            "up 1m 1s, peers 299/300, sessions 1, in 3.0 KiB/s, out 20 B/s, health good\n");
  EXPECT_EQ(top_line(json::array(), Terminal{}),
            "up 0s, peers 0/0, sessions 0, in 0 B/s, out 0 B/s, health not good\n");
}

TEST(Top, ShowsPeersAndSessions) {
  const Terminal terminal{.width = 80, .height = 24, .interactive = true};
  const std::string text = top_view(status(), terminal);
  for (const char* part : {"200::a", "q: quit", "tcp://192.0.2.1:1", "1.5 KiB/s", "200::c",
                           "2 of 300 peers are shown"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), 80U);
}

TEST(Top, APictureStaysOnTheScreen) {
  EXPECT_EQ(screen_picture("a\nb\nc\n", 3), "\x1b[Ha\x1b[K\r\nb\x1b[K\r\n\x1b[J");
  EXPECT_EQ(screen_picture("a", 24), "\x1b[Ha\x1b[K\r\n\x1b[J");
  EXPECT_EQ(screen_picture("", 24), "\x1b[H\x1b[J");
}

TEST(Top, RefusesBadNumbers) {
  for (const auto& [option, value] :
       {std::pair{"--count", "0"}, {"--count", "x"}, {"--interval", "0"}, {"--interval", "1s"}}) {
    const auto result = run_program({"top", option, value});
    EXPECT_EQ(result.status, kExitUsage) << option << value;
    EXPECT_THAT(result.errors, HasSubstr("expected a number from")) << option << value;
  }
}

}  // namespace
}  // namespace thicket::node
