#include "node/admin/admin_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "node/sample_config.hpp"
#include "node/temporary_folder.hpp"

namespace thicket::node {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Kind = AdminClientError::Kind;
using nlohmann::json;

/// Accepts one connection, reads a line and answers with what it was told to.
class Server {
 public:
  explicit Server(std::string answer, bool close = true)
      : path_(folder_.path() / "sock"), acceptor_(io_, path_.string()) {
    thread_ = std::thread([this, answer = std::move(answer), close] {
      asio::local::stream_protocol::socket socket(io_);
      acceptor_.accept(socket);
      asio::error_code error;
      asio::read_until(socket, asio::dynamic_buffer(request), '\n', error);
      asio::write(socket, asio::buffer(answer), error);
      char byte = 0;
      if (!close) socket.read_some(asio::buffer(&byte, 1), error);  // until the client has gone
    });
  }
  ~Server() { thread_.join(); }
  std::string uri() const { return "unix://" + path_.string(); }

  std::string request;

 private:
  TemporaryFolder folder_;
  std::filesystem::path path_;
  asio::io_context io_;
  asio::local::stream_protocol::acceptor acceptor_;
  std::thread thread_;
};

Result<json, AdminClientError> ask(const std::string& uri) {
  return ask_admin(uri, "lookup", {{"key", "x"}}, std::chrono::seconds(5));
}

TEST(AdminClient, AsksAndTakesTheResponse) {
  Server server(R"({"status": "success", "request": {}, "response": {"found": true}})");
  const auto response = ask(server.uri());
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(*response, (json{{"found", true}}));
  EXPECT_EQ(json::parse(server.request),
            (json{{"request", "lookup"}, {"arguments", {{"key", "x"}}}}));
}

TEST(AdminClient, DoesNotWaitForTheOtherSideToClose) {
  Server server(R"({"status": "success", "response": {}})", false);
  EXPECT_TRUE(ask(server.uri()));
}

TEST(AdminClient, PassesOnARefusal) {
  Server server(R"({"status": "error", "error": "unknown action 'lookup'", "response": null})");
  const auto response = ask(server.uri());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, Kind::refused);
  EXPECT_EQ(response.error().message, "unknown action 'lookup'");
}

TEST(AdminClient, SaysWhatIsWrongWithAReply) {
  const std::pair<const char*, Kind> cases[] = {
      {"HTTP/1.1 400 Bad Request\r\n\r\n", Kind::bad_reply},
      {R"({"status": 1})", Kind::bad_reply},
      {R"({"no": "status"})", Kind::bad_reply},
      {R"({"status": "success", "respon)", Kind::no_reply},
      {"", Kind::no_reply},
  };
  for (const auto& [answer, kind] : cases) {
    Server server(answer);
    const auto response = ask(server.uri());
    ASSERT_FALSE(response) << answer;
    EXPECT_EQ(response.error().kind, kind) << answer;
    EXPECT_THAT(response.error().message, StartsWith(server.uri())) << answer;
  }
}

TEST(AdminClient, WaitsNoLongerThanItIsTold) {
  Server server("", false);
  const auto response = ask_admin(server.uri(), "x", json::object(), std::chrono::milliseconds(50));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, Kind::no_reply);
  EXPECT_THAT(response.error().message, HasSubstr("no reply in time"));
}

TEST(AdminClient, TakesNoEndlessReply) {
  std::string endless = "{\"a\": \"";
  endless.append(kMaxAdminReply + 100'000, 'x');
  Server server(std::move(endless), false);
  const auto response = ask(server.uri());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, Kind::bad_reply);
}

TEST(AdminClient, NamesTheSocketThatNobodyAnswersAt) {
  const TemporaryFolder folder;
  const std::string uri = "unix://" + (folder.path() / "gone").string();
  const auto response = ask(uri);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, Kind::no_socket);
  EXPECT_THAT(response.error().message, StartsWith(uri + ": "));
  for (const char* bad : {"unix://", "http://localhost:1", "tcp://192.0.2.1:9001"}) {
    EXPECT_EQ(ask(bad).error().kind, Kind::bad_address) << bad;
  }
}

// --- where the socket is -------------------------------------------------------------------------

class FindAdminSocket : public ::testing::Test {
 protected:
  FindAdminSocket() { environment.state_directory = folder.path(); }
  void configure(const std::string& line) {
    folder.write("thicket.conf", "{\n" + zero_key_line() + line + "\n}\n");
  }
  TemporaryFolder folder;
  Environment environment;
};

TEST_F(FindAdminSocket, AsNamed) {
  EXPECT_EQ(find_admin_socket("tcp://localhost:9", std::nullopt, environment).value(),
            "tcp://localhost:9");
}

TEST_F(FindAdminSocket, AsConfigured) {
  configure("AdminListen: unix:///tmp/somewhere.sock");
  EXPECT_EQ(find_admin_socket(std::nullopt, std::nullopt, environment).value(),
            "unix:///tmp/somewhere.sock");
  const std::string file = folder.path() / "thicket.conf";
  EXPECT_EQ(find_admin_socket(std::nullopt, file, Environment{}).value(),
            "unix:///tmp/somewhere.sock");
}

TEST_F(FindAdminSocket, WhereItIsMadeOtherwise) {
  EXPECT_EQ(find_admin_socket(std::nullopt, std::nullopt, environment).value(),
            default_admin_listen(environment));
  configure("AdminListen: [");  // the daemon may run with another one
  EXPECT_EQ(find_admin_socket(std::nullopt, std::nullopt, environment).value(),
            default_admin_listen(environment));
}

TEST_F(FindAdminSocket, OfTheServiceIfThereIsNoOwn) {
  using asio::local::stream_protocol;
  asio::io_context io;
  environment.system_runtime = folder.path();
  const auto found = [&] { return find_admin_socket({}, {}, environment).value(); };
  const std::string of_root = folder.path() / "thicket.sock";
  const std::string of_service = folder.path() / "thicket/thicket.sock";
  std::filesystem::create_directory(folder.path() / "thicket");
  environment.xdg_runtime_dir = folder.path() / "own";
  std::filesystem::create_directory(environment.xdg_runtime_dir);

  EXPECT_EQ(found(), default_admin_listen(environment));
  stream_protocol::acceptor root(io, of_root);
  EXPECT_EQ(found(), "unix://" + of_root);
  stream_protocol::acceptor service(io, of_service);
  EXPECT_EQ(found(), "unix://" + of_service);
  stream_protocol::acceptor own(io, environment.xdg_runtime_dir + "/thicket.sock");
  EXPECT_EQ(found(), default_admin_listen(environment));
  configure("AdminListen: unix:///tmp/somewhere.sock");
  EXPECT_EQ(found(), "unix:///tmp/somewhere.sock");
}

TEST_F(FindAdminSocket, SaysThatThereIsNone) {
  configure("AdminListen: none");
  const auto none = find_admin_socket(std::nullopt, std::nullopt, environment);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, Kind::no_socket);
  EXPECT_THAT(none.error().message, HasSubstr("thicket.conf has AdminListen: none"));
  EXPECT_FALSE(find_admin_socket(std::nullopt, std::nullopt, Environment{}));
}

TEST_F(FindAdminSocket, ANamedConfigurationMustBeGood) {
  const std::string missing = folder.path() / "other.conf";
  const auto bad = find_admin_socket(std::nullopt, missing, environment);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, Kind::bad_config);
  EXPECT_THAT(bad.error().message, HasSubstr("other.conf"));
}

}  // namespace
}  // namespace thicket::node
