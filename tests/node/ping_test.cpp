#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "crypto/address.hpp"
#include "node/admin/admin_client.hpp"
#include "node/admin/ping_status.hpp"
#include "node/commands/exit_code.hpp"
#include "node/commands/ping_report.hpp"
#include "node/run_program.hpp"
#include "node/sample_config.hpp"
#include "node/test_nodes.hpp"

namespace thicket::node {
namespace {

using nlohmann::json;
using std::chrono::microseconds;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// --- what is shown -------------------------------------------------------------------------------

PingOutcome answered(std::optional<Duration> echo, std::optional<Duration> query) {
  PingOutcome outcome;
  outcome.end = PingOutcome::End::answered;
  outcome.key = PublicKey::from_hex(kZeroPublicKey).value();
  outcome.address = Address::of(outcome.key);
  outcome.echo = echo;
  outcome.query = query;
  return outcome;
}

TEST(PingReport, SaysWhoAnsweredAndHowThatWasOnTheWhole) {
  PingReport report("target", 56);
  EXPECT_EQ(report.heading(), "PING target with 56 bytes of data\n");
  PingOutcome first = answered(microseconds(1000), microseconds(900));
  first.lookup = microseconds(2500);
  first.session = microseconds(4250);
  const std::string address(kZeroAddress);
  EXPECT_EQ(report.add(1, ping_status(first)),
            "key " + std::string(kZeroPublicKey) +
                "\npath found in 2.50 ms, session set up in 4.25 ms\n" + address +
                ": seq=1 time=1.00 ms (ICMPv6 echo)\n");
  EXPECT_EQ(report.add(2, ping_status(answered({}, microseconds(3000)))),
            address + ": seq=2 time=3.00 ms (node)\n");
  PingOutcome silent = answered({}, {});
  silent.end = PingOutcome::End::silent;
  EXPECT_EQ(report.add(3, ping_status(silent)), "no answer: seq=3\n");
  EXPECT_EQ(report.add(4, ping_status({})), "not found: seq=4\n");
  EXPECT_EQ(report.summary(std::chrono::milliseconds(3004)),
            "\n--- target ping statistics ---\n"
            "4 packets transmitted, 2 received, 50% packet loss, time 3004 ms\n"
            "rtt min/avg/max/mdev = 1.000/2.000/3.000/1.000 ms\n"
            "1 answers by the host, to ICMPv6 echo, 1 by the node itself\n");
  const json summary = report.summary_json(std::chrono::seconds(3));
  EXPECT_EQ(summary["transmitted"], 4);
  EXPECT_EQ(summary["received"], 2);
  EXPECT_EQ(summary["received_icmp"], 1);
  EXPECT_EQ(summary["loss_percent"], 50);
  EXPECT_EQ(summary["rtt_min"], 1'000'000);
  EXPECT_EQ(summary["rtt_avg"], 2'000'000);
  EXPECT_EQ(summary["rtt_max"], 3'000'000);
  EXPECT_EQ(summary["rtt_mdev"], 1'000'000);
}

TEST(PingReport, WithoutAnswersThereAreNoTimes) {
  PingReport report("x\x1b[31m", 16);
  EXPECT_THAT(report.summary(Duration(0)), Not(HasSubstr("rtt")));
  EXPECT_THAT(report.summary(Duration(0)), Not(HasSubstr("\x1b")));
  EXPECT_FALSE(report.summary_json(Duration(0)).contains("rtt_min"));
  for (const char* answer : {"null", "{}", "[]", R"({"answered": true})",
                             R"({"answered": true, "time": "x", "result": "\u001b[31m"})",
                             R"({"answered": 1, "time": 5, "lookup_time": [], "key": {}})"}) {
    const std::string lines = report.add(1, json::parse(answer));
    EXPECT_THAT(lines, Not(HasSubstr("\x1b"))) << answer;
    EXPECT_THAT(lines, HasSubstr(": seq=1\n")) << answer;
  }
  EXPECT_EQ(report.sent(), 6U);
  EXPECT_EQ(report.answered(), 0U);
}

TEST(PingStatus, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(ping_status({}), (json{{"result", "not found"}, {"answered", false}}));
  const json both = ping_status(answered(microseconds(5), microseconds(3)));
  EXPECT_EQ(both["time"], 5000);
  EXPECT_EQ(both["way"], "icmp");
  EXPECT_EQ(both["query_time"], 3000);
  EXPECT_FALSE(both.contains("session_time"));
}

// --- from the command line to another node -------------------------------------------------------

class PingCommand : public ::testing::Test {
 protected:
  /// Three nodes in a row; the last one has a host behind it or none.
  void start(bool last_with_device) {
    Config config = nodes.make_config();
    config.admin_listen = uri;
    first = nodes.make(std::move(config), false);
    ASSERT_TRUE(first->node->start());
    middle = nodes.make(nodes.make_config({first->uri()}), false);
    ASSERT_TRUE(middle->node->start());
    last = nodes.make(nodes.make_config({middle->uri()}), last_with_device);
    ASSERT_TRUE(last->node->start());
    // The filters of the far node take a while.
    ASSERT_TRUE(nodes.run_until([&] {
      return ping({"-c", "1", last->key.to_hex()}).status == kExitOk;
    }));
  }
  ProgramResult ping(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"ping", "--socket", uri, "-i", "0.1"});
    std::atomic<bool> ended = false;
    ProgramResult result;
    std::thread thread([&] {
      result = run_program(arguments);
      ended = true;
    });
    EXPECT_TRUE(nodes.run_until([&] { return ended.load(); }));
    thread.join();
    return result;
  }
  std::vector<json> lines(const ProgramResult& result) {
    std::vector<json> out;
    std::istringstream text(result.output);
    for (std::string line; std::getline(text, line);) {
      out.push_back(json::parse(line, nullptr, false));
    }
    return out;
  }

  TemporaryFolder folder;
  std::string uri = "unix://" + (folder.path() / "sock").string();
  testing::TestNodes nodes;
  std::unique_ptr<testing::TestNode> first;
  std::unique_ptr<testing::TestNode> middle;
  std::unique_ptr<testing::TestNode> last;
};

TEST_F(PingCommand, TheHostAnswers) {
  start(true);
  const auto result = ping({"--json", "--icmp", "-c", "3", last->address.to_string()});
  ASSERT_EQ(result.status, kExitOk) << result.errors;
  const auto got = lines(result);
  ASSERT_EQ(got.size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(got[i]["sequence"], i + 1);
    EXPECT_EQ(got[i]["way"], "icmp");
    EXPECT_EQ(got[i]["key"], last->key.to_hex());
    EXPECT_GT(got[i]["time"], 0);
  }
  EXPECT_FALSE(got[0].contains("query_time"));
  EXPECT_EQ(got[3]["received_icmp"], 3);
  EXPECT_EQ(last->answers, 0U);
}

TEST_F(PingCommand, TheNodeAnswers) {
  start(false);
  const auto result = ping({"-c", "2", last->address.to_string()});
  ASSERT_EQ(result.status, kExitOk) << result.errors;
  EXPECT_THAT(result.output, HasSubstr(last->address.to_string() + ": seq=2 time="));
  EXPECT_THAT(result.output, HasSubstr(" ms (node)\n"));
  EXPECT_THAT(result.output, HasSubstr("2 packets transmitted, 2 received, 0% packet loss"));
  const auto echo = ping({"-c", "1", "-W", "0.3", "--icmp", last->key.to_hex()});
  EXPECT_EQ(echo.status, kExitNotFound);
  EXPECT_THAT(echo.output, HasSubstr("no answer: seq=1\n"));
  EXPECT_THAT(echo.output, HasSubstr("1 packets transmitted, 0 received, 100% packet loss"));
  // A host in its subnet that is not there.
  std::string host = Subnet::of(last->key).to_string();
  host.replace(host.find("::/64"), 5, ":1:2:3:4");
  const auto result_host = ping({"-c", "1", host});
  EXPECT_EQ(result_host.status, kExitOk);
  EXPECT_THAT(result_host.output, HasSubstr(host + ": seq=1 time="));
}

TEST_F(PingCommand, CarriesAsMuchDataAsIsAsked) {
  start(true);
  const auto result = ping({"-c", "2", "--icmp", "--size", "1024", last->key.to_hex()});
  EXPECT_EQ(result.status, kExitOk) << result.errors;
  EXPECT_THAT(result.output, StartsWith("PING " + last->key.to_hex() + " with 1024 bytes"));
  EXPECT_THAT(result.output, HasSubstr("(ICMPv6 echo)"));
}

TEST_F(PingCommand, TheSocketRefusesWhatIsWrong) {
  start(false);
  const auto ask = [&](json arguments) {
    std::atomic<bool> ended = false;
    std::string error;
    std::thread thread([&] {
      const auto answer = ask_admin(uri, "ping", arguments);
      error = answer ? "" : answer.error().message;
      ended = true;
    });
    EXPECT_TRUE(nodes.run_until([&] { return ended.load(); }));
    thread.join();
    return error;
  };
  EXPECT_EQ(ask(json::object()), "no public key or address supplied");
  EXPECT_EQ(ask({{"key", 7}}), "no public key or address supplied");
  EXPECT_THAT(ask({{"key", "x"}}), StartsWith("key: found \"x\""));
  const std::string key = last->key.to_hex();
  EXPECT_EQ(ask({{"key", key}, {"timeout", 11}}), "timeout: expected a number from 0.01 to 10");
  EXPECT_EQ(ask({{"key", key}, {"timeout", "1"}}), "timeout: expected a number from 0.01 to 10");
  EXPECT_EQ(ask({{"key", key}, {"size", 15}}), "size: expected a number from 16 to 1024");
  EXPECT_EQ(ask({{"key", key}, {"way", "x"}}), "way: expected \"any\", \"icmp\" or \"query\"");
  EXPECT_EQ(ask({{"key", first->address.to_string()}}),
            first->address.to_string() + " is this node itself");
}

TEST(PingCommandLine, ExplainsWhatIsWrong) {
  const TemporaryFolder folder;
  const std::string uri = "unix://" + (folder.path() / "none.sock").string();
  const std::string address(kZeroAddress);
  const auto dead = run_program({"ping", "-c", "1", "--socket", uri, address});
  EXPECT_EQ(dead.status, kExitFailure);
  EXPECT_THAT(dead.errors, StartsWith("thicket ping: " + uri + ": "));
  EXPECT_THAT(dead.output, Not(HasSubstr("statistics")));
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{},
                                                {address, address},
                                                {"2001:db8::1"},
                                                {"-c", "0", address},
                                                {"-c", "x", address},
                                                {"-i", "0.01", address},
                                                {"-i", "nan", address},
                                                {"-W", "11", address},
                                                {"-W", "", address},
                                                {"-s", "15", address},
                                                {"--ping", address}}) {
    std::vector<std::string> arguments{"ping", "--socket", uri};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    EXPECT_EQ(run_program(arguments).status, kExitUsage) << ::testing::PrintToString(wrong);
  }
}

}  // namespace
}  // namespace thicket::node
