#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "crypto/address.hpp"
#include "node/admin/admin_client.hpp"
#include "node/admin/lookup_status.hpp"
#include "node/admin/lookup_target.hpp"
#include "node/commands/exit_code.hpp"
#include "node/commands/lookup_table.hpp"
#include "node/run_program.hpp"
#include "node/sample_config.hpp"
#include "node/test_nodes.hpp"
#include "routing/path.hpp"

namespace thicket::node {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

PublicKey zero_key() {
  return PublicKey::from_hex(kZeroPublicKey).value();
}

// --- what people write ---------------------------------------------------------------------------

TEST(LookupTarget, AllNamesOfANodeMeanTheSame) {
  const LookupKey wanted = LookupKey::of(zero_key());
  EXPECT_EQ(parse_lookup_target(kZeroPublicKey).value(), zero_key());
  for (const std::string_view text :
       {kZeroAddress, kZeroSubnet, std::string_view("302:24ae:c219:8a4a::"),
        std::string_view("302:24ae:c219:8a4a:1:2:3:4"),
        std::string_view("0302:24AE:C219:8A4A::1")}) {
    const auto target = parse_lookup_target(text);
    ASSERT_TRUE(target) << text << ": " << target.error();
    EXPECT_EQ(LookupKey::of(*target), wanted) << text;
  }
}

TEST(LookupTarget, AnythingElseIsAnError) {
  for (const char* text : {"", "xyz", "2001:db8::1", "fe80::1", "::", "192.0.2.1", "202:24ae",
                           "3b6a27bcceb6a42d", "302:24ae:c219:8a4a::/48"}) {
    EXPECT_FALSE(parse_lookup_target(text)) << text;
  }
  EXPECT_LT(parse_lookup_target(std::string(100'000, 'x')).error().size(), 300U);
}

TEST(LookupTarget, OnlyAddressesNameHosts) {
  EXPECT_EQ(parse_host_address(kZeroAddress), Address::of(zero_key()));
  const auto host = parse_host_address("302:24ae:c219:8a4a:1:2:3:4");
  ASSERT_TRUE(host);
  EXPECT_TRUE(belongs_to(*host, zero_key()));
  EXPECT_EQ(host->to_string(), "302:24ae:c219:8a4a:1:2:3:4");
  for (const std::string_view text :
       {kZeroPublicKey, kZeroSubnet, std::string_view("2001:db8::1"),
        std::string_view("302:24ae:c219:8a4a::"), std::string_view("302:24ae:c219:8a4a::1/64")}) {
    EXPECT_EQ(parse_host_address(text), std::nullopt) << text;
  }
}

// --- what is shown -------------------------------------------------------------------------------

using routing::dht::StepAnswer;
using routing::dht::WalkEnd;

class LookupTableTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kNow = 1'700'000'100;

  LookupTableTest() {
    trace.asked = zero_key();
    trace.filters.peers_asked = 2;
    add(key(1), {1}, StepAnswer::nearer, {key(2), key(3)});
    add(key(2), {1, 2}, StepAnswer::silent, {});
    add(key(3), {1, 70000, 3}, StepAnswer::holds, {});
    trace.walk.record.emplace();
    trace.walk.record->key = zero_key();
    trace.walk.record->seq = kNow - 42;
    routing::Path far;
    for (std::uint64_t i = 0; i < 40; ++i) far.push_back(routing::Port{1000 + i});
    trace.walk.record->coords = routing::encode_path(far);
    trace.walk.end = WalkEnd::found;
    trace.walk.took = std::chrono::microseconds(154'320);
  }
  static PublicKey key(std::uint8_t first) {
    PublicKey out;
    out.bytes.fill(0x55);
    out.bytes[0] = first;
    return out;
  }
  void add(const PublicKey& of, std::vector<std::uint64_t> place, StepAnswer answer,
           std::vector<PublicKey> named) {
    routing::Path path;
    for (const std::uint64_t port : place) path.push_back(routing::Port{port});
    routing::dht::WalkStep step;
    step.key = of;
    step.coords = routing::encode_path(path);
    step.distance = 12;
    step.shared_digits = 3;
    step.answer = answer;
    step.named = std::move(named);
    step.took = std::chrono::microseconds(1234);
    trace.walk.steps.push_back(std::move(step));
  }
  json status() const { return lookup_status(trace, kNow); }
  std::string table(std::size_t width = 80) const {
    std::string text = lookup_table(kZeroAddress, status(), {.width = width});
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      // A key is not cut, nor an address in a sentence.
      if (line.find(zero_key().to_hex()) != line.npos || line.find("  Address") == 0 ||
          line.find("Looking for") == 0) {
        continue;
      }
      EXPECT_LE(line.size(), width) << line;
    }
    return text;
  }
  routing::LookupTrace trace;
};

TEST_F(LookupTableTest, ShowsEachStep) {
  const json answer = status();
  EXPECT_EQ(answer["found"], true);
  EXPECT_EQ(answer["way"], "dht");
  EXPECT_EQ(answer["key"], zero_key().to_hex());
  EXPECT_EQ(answer["address"], kZeroAddress);
  EXPECT_EQ(answer["age"], 42);
  EXPECT_EQ(answer["path"].size(), 40U);
  ASSERT_EQ(answer["steps"].size(), 3U);
  EXPECT_EQ(answer["steps"][2]["path"], (json{1, 70000, 3}));
  EXPECT_EQ(answer["steps"][0]["nearer"], (json{key(2).to_hex(), key(3).to_hex()}));
  EXPECT_EQ(answer["steps"][1]["answer"], "no answer");
  EXPECT_EQ(answer["steps"][1]["time"], 1'234'000);
  const std::string text = table();
  EXPECT_THAT(text, HasSubstr("DHT: found after 2 steps, 154.32 ms\n"));
  EXPECT_THAT(text, HasSubstr("\n  0  this node "));
  EXPECT_THAT(text, HasSubstr("2 nearer"));
  EXPECT_THAT(text, HasSubstr(Address::of(key(2)).to_string()));
  EXPECT_THAT(text, HasSubstr("no answer  1.23\n"));
  EXPECT_THAT(text, HasSubstr("has it"));
  EXPECT_THAT(text, HasSubstr("Bloom filters: 2 peers asked, no answer\n"));
  EXPECT_THAT(text, HasSubstr("\nFound by the DHT.\n  Key      " + zero_key().to_hex()));
  EXPECT_THAT(text, HasSubstr("Record   42 s old"));
  EXPECT_THAT(table(40), HasSubstr("no answer"));
}

TEST_F(LookupTableTest, TheFasterWayFoundIt) {
  trace.filters.answer = routing::TracedPath{zero_key(), {0}, kNow + 5};
  trace.filters.took = trace.walk.took - std::chrono::microseconds(1);
  EXPECT_EQ(status()["way"], "bloom");
  EXPECT_EQ(status()["age"], 0);
  EXPECT_THAT(table(), HasSubstr("2 peers asked, answered after 154.32 ms"));
  EXPECT_THAT(table(), HasSubstr("\nFound by the bloom filters.\n"));
  EXPECT_THAT(table(), HasSubstr("Path     (the root)"));
  trace.filters.took = trace.walk.took;
  EXPECT_EQ(status()["way"], "dht");
  trace.walk.held = trace.walk.record;
  trace.walk.held->seq -= 10;
  trace.filters.took = Duration(1);
  EXPECT_EQ(status()["way"], "dht") << "what is held takes no time";
  EXPECT_EQ(status()["age"], 42) << "the newer record counts";
  EXPECT_EQ(status()["dht"]["held"]["age"], 52);
  EXPECT_THAT(table(), HasSubstr("\nFound: this node holds its record for the DHT.\n"));
  trace.known = routing::TracedPath{zero_key(), {1, 0}, kNow - 7};
  EXPECT_EQ(status()["way"], "known");
  EXPECT_THAT(table(), HasSubstr("Paths in use: one, told 7 s ago"));
  EXPECT_THAT(table(), HasSubstr("\nFound: a path to it was known already.\n"));
}

TEST_F(LookupTableTest, NotFoundByAnyWay) {
  trace.walk = {};
  trace.filters.peers_asked = 0;
  const json answer = status();
  EXPECT_EQ(answer["found"], false);
  EXPECT_EQ(answer["way"], "none");
  EXPECT_FALSE(answer.contains("key"));
  EXPECT_EQ(answer["dht"]["result"], "nobody to ask");
  EXPECT_THAT(table(), HasSubstr("DHT: this node knows nobody who takes part\n"));
  EXPECT_THAT(table(), HasSubstr("no peer's filter claims it"));
  EXPECT_THAT(table(), HasSubstr("\nNot found.\n"));
}

TEST_F(LookupTableTest, OneselfNeedsNoSearch) {
  trace.own = true;
  trace.known = routing::TracedPath{zero_key(), {0}, kNow};
  EXPECT_EQ(status()["way"], "own");
  EXPECT_THAT(table(), StartsWith("This is the node itself.\n"));
}

TEST(LookupTable, WhateverCameIsShown) {
  for (const char* answer :
       {"null", "{}", "[]", R"({"steps": 5, "dht": [], "bloom": "x", "found": "yes"})",
        R"({"steps": [1, {"nearer": 3, "answer": 7}], "dht": {"time": -1}, "path": [{}]})",
        R"({"found": true, "key": 5, "address": "\u001b[31m", "path": "x", "way": []})"}) {
    const std::string text = lookup_table("x", json::parse(answer), {});
    EXPECT_THAT(text, Not(HasSubstr("\x1b"))) << answer;
    EXPECT_FALSE(text.empty());
  }
}

// --- from the command line to another node -------------------------------------------------------

/// Runs the program while the nodes' loop runs too.
ProgramResult run_beside(testing::TestNodes& nodes, const std::vector<std::string>& arguments) {
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

class LookupCommand : public ::testing::Test {
 protected:
  LookupCommand() {
    Config config = nodes.make_config();
    config.admin_listen = uri;
    first = nodes.make(std::move(config));
    EXPECT_TRUE(first->node->start());
    middle = nodes.make(nodes.make_config({first->uri()}));
    EXPECT_TRUE(middle->node->start());
    last = nodes.make(nodes.make_config({middle->uri()}));
    EXPECT_TRUE(last->node->start());
    EXPECT_TRUE(nodes.ping(*middle, *first));
    EXPECT_TRUE(nodes.ping(*last, *middle));
  }
  json lookup(const std::string& target, int status) {
    const auto result = run_beside(nodes, {"lookup", "--json", "--socket", uri, target});
    EXPECT_EQ(result.status, status) << result.errors;
    return json::parse(result.output, nullptr, false);
  }
  TemporaryFolder folder;
  std::string uri = "unix://" + (folder.path() / "sock").string();
  testing::TestNodes nodes;
  std::unique_ptr<testing::TestNode> first;
  std::unique_ptr<testing::TestNode> middle;
  std::unique_ptr<testing::TestNode> last;
};

TEST_F(LookupCommand, FindsANodeItHasNoPathTo) {
  // The filters of the far node may still be on their way.
  json answer;
  EXPECT_TRUE(nodes.run_until([&] {
    const auto result =
        run_beside(nodes, {"lookup", "--json", "--socket", uri, last->address.to_string()});
    answer = json::parse(result.output, nullptr, false);
    return result.status == kExitOk;
  }));
  EXPECT_EQ(answer["key"], last->key.to_hex());
  EXPECT_EQ(answer["address"], last->address.to_string());
  EXPECT_EQ(answer["bloom"]["answered"], true);
  EXPECT_GT(answer["bloom"]["time"], 0);
  EXPECT_LT(answer["age"], 60);
  EXPECT_TRUE(answer["way"] == "bloom" || answer["way"] == "dht") << answer;
  for (const auto& path : first->node->endpoint().router().paths()) {
    EXPECT_NE(path.key, last->key) << "it changes nothing";
  }

  const auto text = run_beside(nodes, {"lookup", "--socket", uri, last->key.to_hex()});
  EXPECT_EQ(text.status, kExitOk);
  EXPECT_THAT(text.output, HasSubstr("Looking for " + last->key.to_hex()));
  // The node may hold the record for the DHT by now: whoever is among the closest eight does.
  EXPECT_THAT(text.output, AnyOf(HasSubstr("Found by the "), HasSubstr("Found: this node holds")));
}

TEST_F(LookupCommand, SaysThatThePathWasKnown) {
  ASSERT_TRUE(nodes.ping(*first, *last));
  const json answer = lookup(last->key.to_hex(), kExitOk);
  EXPECT_EQ(answer["way"], "known");
  EXPECT_EQ(answer["known"]["key"], last->key.to_hex());
}

TEST_F(LookupCommand, ANodeThatIsNotThereIsNotFound) {
  const json answer = lookup("20f:1234:5678:9abc:def0:1234:5678:9abc", kExitNotFound);
  EXPECT_EQ(answer["found"], false);
  EXPECT_EQ(answer["way"], "none");
}

TEST_F(LookupCommand, FindsTheNodeItself) {
  const json answer = lookup(Subnet::of(first->key).to_string(), kExitOk);
  EXPECT_EQ(answer["way"], "own");
  EXPECT_EQ(answer["key"], first->key.to_hex());
}

TEST_F(LookupCommand, RefusesWhatIsNoTarget) {
  const auto ask = [&](const json& arguments) {
    std::atomic<bool> ended = false;
    std::string error;
    std::thread thread([&] {
      const auto answer = ask_admin(uri, "lookup", arguments);
      error = answer ? "" : answer.error().message;
      ended = true;
    });
    EXPECT_TRUE(nodes.run_until([&] { return ended.load(); }));
    thread.join();
    return error;
  };
  EXPECT_EQ(ask(json::object()), "no public key or address supplied");
  EXPECT_EQ(ask({{"key", 5}}), "no public key or address supplied");
  EXPECT_THAT(ask({{"key", "2001:db8::1"}}), HasSubstr("is not an address of this network"));
  EXPECT_THAT(ask({{"key", "zz"}}), HasSubstr("expected a public key"));
}

TEST(LookupCommandLine, ExplainsWhatIsWrong) {
  const TemporaryFolder folder;
  const std::string uri = "unix://" + (folder.path() / "none.sock").string();
  const std::string address(kZeroAddress);
  const auto dead = run_program({"lookup", "--socket", uri, address});
  EXPECT_EQ(dead.status, kExitFailure);
  EXPECT_EQ(dead.output, "");
  EXPECT_THAT(dead.errors, StartsWith("thicket lookup: " + uri + ": "));
  EXPECT_THAT(dead.errors, HasSubstr("'thicket run'"));
  EXPECT_EQ(run_program({"lookup"}).status, kExitUsage);
  EXPECT_EQ(run_program({"lookup", address, address}).status, kExitUsage);
  EXPECT_EQ(run_program({"lookup", "2001:db8::1"}).status, kExitUsage);
  EXPECT_EQ(run_program({"lookup", "--socket", "http://x", address}).status, kExitUsage);
  EXPECT_EQ(run_program({"lookup", "--socket", uri, "--config", "x", address}).status, kExitUsage);
  EXPECT_EQ(run_program({"lookup", "--config", folder.path() / "x", address}).status,
            kExitBadConfig);
}

}  // namespace
}  // namespace thicket::node
