#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "node/socket_client.hpp"
#include "node/test_nodes.hpp"

// What the administration socket answers, compared in shape with what a stock daemon of the same
// key answered in the same place: the root, with one peer.
namespace thicket::node::testing {
namespace {

using nlohmann::json;

std::string socket_path() {
  return ::testing::TempDir() + "thicket_admin_test_" + std::to_string(::getpid()) + ".sock";
}

class AdminTest : public ::testing::Test {
 protected:
  AdminTest() {
    const json identities = vectors["identities"];
    Config other_config = nodes.make_config();
    other_config.identity = KeyPair::from_hex(identities["other"].get<std::string>()).value();
    other_config.node_info_json = R"({"name": "golden"})";
    other = nodes.make(std::move(other_config));
    EXPECT_TRUE(other->node->start());

    Config config = nodes.make_config();
    config.identity = KeyPair::from_hex(identities["daemon"].get<std::string>()).value();
    config.admin_listen = "unix://" + socket_path();
    daemon = nodes.make(std::move(config));
    const auto started = daemon->node->start();
    EXPECT_TRUE(started) << started.error();
    EXPECT_TRUE(other->node->add_peer(daemon->uri() + "?priority=2"));
    EXPECT_TRUE(nodes.ping(*daemon, *other));
  }

  json ask(const json& request) { return AdminClient(nodes, socket_path()).ask(request); }
  json ask(const char* request, const json& arguments = json::object()) {
    return ask(json{{"request", request}, {"arguments", arguments}});
  }

  const json vectors = json::parse(std::ifstream(THICKET_SOURCE_DIR "/tests/vectors/admin.json"));
  TestNodes nodes;
  std::unique_ptr<TestNode> other;
  std::unique_ptr<TestNode> daemon;
};

/// Fails unless `ours` has the members of `theirs`, of the same types, all the way down. Of lists
/// the first elements are compared. Some members may be missing on either side.
void expect_same_shape(const json& ours, const json& theirs, const std::string& where) {
  static const std::set<std::string> optional{"rate_recvd", "rate_sent",       "latency",
                                              "last_error", "last_error_time", "name",
                                              "agent",      "capabilities",    "seen_as"};
  // A number is a number: 1 and 1.5 are both of Go's float64 and JSON's only kind.
  if (theirs.is_number()) {
    EXPECT_TRUE(ours.is_number()) << where;
    EXPECT_EQ(ours.is_number_float() && !theirs.is_number_float(), false) << where;
    return;
  }
  ASSERT_EQ(ours.type(), theirs.type()) << where << ": " << ours << " for " << theirs;
  if (theirs.is_object()) {
    for (const auto& [name, value] : theirs.items()) {
      if (ours.contains(name)) {
        expect_same_shape(ours[name], value, where + "." + name);
      } else {
        EXPECT_TRUE(optional.count(name) != 0) << where << "." << name << " is missing";
      }
    }
    for (const auto& item : ours.items()) {
      EXPECT_TRUE(theirs.contains(item.key()) || optional.count(item.key()) != 0)
          << where << "." << item.key() << " is not expected";
    }
  } else if (theirs.is_array() && !theirs.empty()) {
    ASSERT_FALSE(ours.empty()) << where;
    expect_same_shape(ours[0], theirs[0], where + "[0]");
  }
}

TEST_F(AdminTest, AnswersHaveTheShapeOfAStockDaemons) {
  std::size_t compared = 0;
  for (const json& exchange : vectors["exchanges"]) {
    const std::string request = exchange["request"];
    const json theirs = json::parse(exchange["reply"].get<std::string>());
    const json asked = json::parse(request);
    const json ours = ask(asked);
    SCOPED_TRACE(request);
    ASSERT_TRUE(ours.is_object());
    EXPECT_EQ(ours["status"], theirs["status"]) << ours;
    EXPECT_EQ(ours["request"], theirs["request"]);
    if (asked.value("request", "") == "getMulticastInterfaces") {
      EXPECT_TRUE(ours["response"]["multicast_interfaces"].is_array());
    } else {
      expect_same_shape(ours, theirs, "");
    }
    ++compared;
  }
  EXPECT_EQ(compared, 27U);
}

TEST_F(AdminTest, ListNamesTheSameRequestsAndFieldsAndOurs) {
  const json theirs = json::parse(vectors["exchanges"][0]["reply"].get<std::string>());
  const std::set<std::string> ours{"events", "getautopeers", "getdht", "getstatus", "health",
                                   "lookup", "ping",         "reload", "trace"};
  json listed = ask("list")["response"];
  std::size_t found = 0;
  auto& list = listed["list"];
  for (auto entry = list.begin(); entry != list.end();) {
    const bool own = ours.contains((*entry)["command"].get<std::string>());
    found += own ? 1 : 0;
    entry = own ? list.erase(entry) : entry + 1;
  }
  EXPECT_EQ(found, ours.size());
  EXPECT_EQ(listed, theirs["response"]);
}

TEST_F(AdminTest, ShowsWhatOthersOffer) {
  const json peer = ask("getPeers")["response"]["peers"][0];
  EXPECT_EQ(peer["capabilities"], json::array({"dht"}));
  EXPECT_EQ(peer["agent"].get<std::string>().substr(0, 8), "thicket/");
  EXPECT_EQ(peer["seen_as"], daemon->uri().substr(6));
  json session;
  EXPECT_TRUE(nodes.run_until([&] {
    session = ask("getSessions")["response"]["sessions"][0];
    return session.contains("capabilities");
  }));
  EXPECT_EQ(session["capabilities"], json::array({"dht"}));
  EXPECT_EQ(session["agent"], peer["agent"]);
}

TEST_F(AdminTest, GetDhtShowsHowNodesAreFound) {
  json state;
  EXPECT_TRUE(nodes.run_until([&] {
    state = ask("getDHT")["response"];
    return state["records"] == 1 && state["hellos_received"] == 1;
  })) << state;
  EXPECT_EQ(state["enabled"], true);
  EXPECT_EQ(state["lookup"], "auto");
  EXPECT_EQ(state["joined"], true);
  EXPECT_EQ(state["table_size"], 1);
  EXPECT_EQ(state["hellos_sent"], 1);
  EXPECT_EQ(state["malformed"], 0);
  EXPECT_GT(state["datagrams_recvd"], 0);
  EXPECT_GT(state["bytes_sent"], state["datagrams_sent"]);
}

TEST_F(AdminTest, GetSelfIsUs) {
  const json self = ask("getSelf")["response"];
  EXPECT_EQ(self["build_name"], "thicket");
  EXPECT_EQ(self["key"], daemon->key.to_hex());
  EXPECT_EQ(self["address"], daemon->address.to_string());
  EXPECT_EQ(self["subnet"], Subnet::of(daemon->key).to_string());
  EXPECT_EQ(self["routing_entries"], 2);
}

TEST_F(AdminTest, GetPeersShowsTheLink) {
  const json peers = ask("getPeers")["response"]["peers"];
  ASSERT_EQ(peers.size(), 1U);
  EXPECT_EQ(peers[0]["key"], other->key.to_hex());
  EXPECT_EQ(peers[0]["priority"], 2);
  EXPECT_EQ(peers[0]["inbound"], true);
  EXPECT_EQ(peers[0]["up"], true);
  EXPECT_GE(peers[0]["cost"], 1);
  EXPECT_GE(peers[0]["port"], 1);
  EXPECT_GT(peers[0]["bytes_recvd"], 0);
  EXPECT_GT(peers[0]["bytes_sent"], 0);
}

TEST_F(AdminTest, PeersThatAreDownComeFirstAndLast) {
  ASSERT_EQ(ask("addPeer", {{"uri", "tcp://127.0.0.1:1"}})["status"], "success");
  const json by_default = ask("getPeers")["response"]["peers"];
  ASSERT_EQ(by_default.size(), 2U);
  EXPECT_EQ(by_default[0]["remote"], "tcp://127.0.0.1:1");
  const json by_cost = ask("getPeers", {{"sort", "cost"}})["response"]["peers"];
  EXPECT_EQ(by_cost[1]["remote"], "tcp://127.0.0.1:1");
  const json by_uptime = ask("getPeers", {{"sort", "uptime"}})["response"]["peers"];
  EXPECT_EQ(by_uptime[1]["remote"], "tcp://127.0.0.1:1");
}

TEST_F(AdminTest, RemoteAnswersNameTheNode) {
  const json arguments = {{"key", other->key.to_hex()}};
  const json info = ask("getNodeInfo", arguments)["response"];
  EXPECT_EQ(info[other->key.to_hex()]["name"], "golden");
  EXPECT_EQ(info[other->key.to_hex()]["buildname"], "thicket");
  const json peers = ask("debug_remoteGetPeers", arguments)["response"];
  EXPECT_EQ(peers[other->address.to_string()]["keys"], json::array({daemon->key.to_hex()}));
}

TEST_F(AdminTest, KeepaliveKeepsTheConnection) {
  AdminClient client(nodes, socket_path());
  const std::string request = R"({"request": "getself", "keepalive": true})";
  for (int i = 0; i < 3; ++i) {
    client.send(request);
    EXPECT_EQ(json::parse(client.read_one(), nullptr, false)["status"], "success");
  }
  client.send(R"({"request": "getself"})");
  EXPECT_EQ(json::parse(client.read_to_end(), nullptr, false)["status"], "success");
}

TEST_F(AdminTest, RequestsInOneWriteOrInManyAreTheSame) {
  AdminClient client(nodes, socket_path());
  const std::string request = "{\"request\": \"list\", \"keepalive\": true}\n";
  client.send(request + "{\"request\": \"getself\"}");
  const std::string both = client.read_to_end();
  EXPECT_NE(both.find("removepeer"), std::string::npos);
  EXPECT_NE(both.find(daemon->key.to_hex()), std::string::npos);

  AdminClient slow(nodes, socket_path());
  for (const char letter : std::string("{\"request\": \"getself\"}")) {
    slow.send(std::string(1, letter));
    nodes.io.restart();
    nodes.io.poll();
  }
  EXPECT_NE(slow.read_to_end().find(daemon->key.to_hex()), std::string::npos);
}

TEST_F(AdminTest, BytesThatAreNoRequestGetAnErrorAndTheEnd) {
  for (const char* bytes : {"GET / HTTP/1.1\r\n\r\n", "[]", "{]}", "{\"a\" 1}", "\xff\xfe"}) {
    AdminClient client(nodes, socket_path());
    client.send(bytes);
    const json reply = json::parse(client.read_to_end(), nullptr, false);
    ASSERT_TRUE(reply.is_object()) << bytes;
    EXPECT_EQ(reply["status"], "error");
    EXPECT_FALSE(reply["error"].get<std::string>().empty());
  }
}

TEST_F(AdminTest, OddArgumentsAreErrorsNotCrashes) {
  EXPECT_EQ(ask(json{{"request", 5}})["status"], "error");
  EXPECT_EQ(ask(json{{"request", "addpeer"}, {"arguments", 5}})["status"], "error");
  EXPECT_EQ(ask("addPeer", {{"uri", json::array()}})["status"], "error");
  EXPECT_EQ(ask("getNodeInfo", {{"key", 7}})["status"], "error");
  EXPECT_EQ(ask(json{{"request", "getself"}, {"keepalive", "yes"}})["status"], "success");
}

TEST_F(AdminTest, AnOversizeRequestEndsTheConnection) {
  AdminClient client(nodes, socket_path());
  client.send_large("{\"request\": \"" + std::string(1 << 20, 'x'));
  const std::string reply = client.read_to_end();
  EXPECT_NE(reply.find("too long"), std::string::npos);
}

}  // namespace
}  // namespace thicket::node::testing
