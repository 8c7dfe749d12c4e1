#include "node/admin/admin_socket.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "node/admin/admin_address.hpp"
#include "node/socket_client.hpp"
#include "node/test_nodes.hpp"

namespace thicket::node::testing {
namespace {

namespace fs = std::filesystem;

class AdminSocketTest : public ::testing::Test {
 protected:
  AdminSocketTest() {
    folder = ::testing::TempDir() + "thicket_admin_socket_" + std::to_string(::getpid());
    fs::create_directory(folder);
    path = folder + "/admin.sock";
  }
  ~AdminSocketTest() override { fs::remove_all(folder); }

  std::unique_ptr<TestNode> make(const std::string& admin_listen) {
    Config config = nodes.make_config();
    config.admin_listen = admin_listen;
    return nodes.make(std::move(config), false);
  }
  bool answers() {
    return AdminClient(nodes, path).ask({{"request", "getself"}})["status"] == "success";
  }

  TestNodes nodes;
  std::string folder;
  std::string path;
};

TEST_F(AdminSocketTest, IsOpenToOwnerAndGroupAndRemovedAtTheEnd) {
  const auto node = make("unix://" + path);
  ASSERT_TRUE(node->node->start());
  struct stat status {};
  ASSERT_EQ(::lstat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0660U);
  EXPECT_TRUE(answers());
  node->node->stop();
  EXPECT_FALSE(fs::exists(fs::symlink_status(path)));
}

TEST_F(AdminSocketTest, AStaleSocketIsReplaced) {
  { asio::local::stream_protocol::acceptor dead(nodes.io, path); }
  ASSERT_TRUE(fs::is_socket(path));
  const auto node = make("unix://" + path);
  const auto started = node->node->start();
  ASSERT_TRUE(started) << started.error();
  EXPECT_TRUE(answers());
}

TEST_F(AdminSocketTest, ALiveSocketIsNotStolen) {
  const auto first = make("unix://" + path);
  ASSERT_TRUE(first->node->start());
  {
    const auto second = make("unix://" + path);
    ASSERT_TRUE(second->node->start()) << "it runs without";
  }
  EXPECT_TRUE(answers()) << "and it is still there";
}

TEST_F(AdminSocketTest, AFileThatIsNoSocketIsLeftAlone) {
  std::ofstream(path) << "precious";
  const auto node = make("unix://" + path);
  EXPECT_TRUE(node->node->start());
  EXPECT_EQ(fs::file_size(path), 8U);
}

TEST_F(AdminSocketTest, ASocketThatTookItsPlaceIsLeftAlone) {
  const auto node = make("unix://" + path);
  ASSERT_TRUE(node->node->start());
  fs::remove(path);
  asio::local::stream_protocol::acceptor other(nodes.io, path);
  node->node->stop();
  EXPECT_TRUE(fs::is_socket(path));
}

TEST_F(AdminSocketTest, AMissingFolderDoesNotStopTheRouter) {
  EXPECT_TRUE(make("unix://" + folder + "/none/admin.sock")->node->start());
}

TEST_F(AdminSocketTest, ListensOnLoopback) {
  Config config = nodes.make_config();
  auto node = nodes.make(std::move(config), false);
  ASSERT_TRUE(node->node->start());
  // Port 0 through the class itself: a Node does not tell the port.
  Wiring::Options options;
  options.node_info = "{}";
  const KeyPair identity = KeyPair::generate(nodes.random);
  const auto wiring =
      std::make_shared<Wiring>(nodes.io, identity, nodes.random, std::move(options), nullptr);
  const auto discovery = std::make_shared<transport::Discovery>(
      nodes.io, wiring->links(), nodes.random, identity.public_key(),
      std::vector<transport::DiscoveryRule>{}, nullptr);
  AdminRequests requests(*wiring, *discovery, [] { return ReloadReport{}; });
  auto socket = AdminSocket::open(nodes.io, "tcp://localhost:0", requests);
  ASSERT_TRUE(socket) << socket.error();
  ASSERT_NE(socket->port(), 0);
  const auto reply = AdminClient(nodes, socket->port()).ask({{"request", "getself"}});
  EXPECT_EQ(reply["response"]["key"], identity.public_key().to_hex());
}

TEST_F(AdminSocketTest, HoldsOnlySoManyConnections) {
  const auto node = make("unix://" + path);
  ASSERT_TRUE(node->node->start());
  std::vector<std::unique_ptr<AdminClient>> clients;
  for (std::size_t i = 0; i < AdminSocket::kMaxConnections; ++i) {
    clients.push_back(std::make_unique<AdminClient>(nodes, path));
  }
  EXPECT_EQ(AdminClient(nodes, path).ask({{"request", "list"}})["status"], "success");
  EXPECT_EQ(clients.front()->read_to_end(), "");  // the oldest made room, and no other
  EXPECT_EQ(clients.back()->ask({{"request", "list"}})["status"], "success");
  clients.pop_back();
  ASSERT_TRUE(nodes.run_until([&] { return answers(); }));
}

TEST(AdminAddress, ReadsUris) {
  EXPECT_EQ(parse_admin_address("unix:///run/x.sock")->path, "/run/x.sock");
  const auto tcp = parse_admin_address("tcp://localhost:9001");
  ASSERT_TRUE(tcp);
  EXPECT_EQ(tcp->host, "127.0.0.1");
  EXPECT_EQ(tcp->port, 9001);
  EXPECT_EQ(parse_admin_address("tcp://[::1]:9001")->host, "::1");
}

TEST(AdminAddress, RefusesTheRest) {
  const std::string too_long = "unix:///" + std::string(200, 'x');
  for (const std::string& uri :
       {std::string("unix://"), std::string("tcp://localhost"), std::string("tcp://0.0.0.0:9001"),
        std::string("tcp://example.org:9001"), std::string("tcp://127.0.0.1:99999"),
        std::string("tcp://127.0.0.1:"), std::string("http://localhost:1"), std::string(),
        too_long}) {
    EXPECT_FALSE(parse_admin_address(uri)) << uri;
  }
}

}  // namespace
}  // namespace thicket::node::testing
