#include "node/monitoring/http_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "node/http_client.hpp"
#include "node/test_nodes.hpp"

namespace thicket::node::testing {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

class HttpServerTest : public ::testing::Test {
 protected:
  void open() {
    auto opened = HttpServer::open(nodes.io, *parse_http_address("127.0.0.1:0"),
                                   [this](const HttpRequest& request) {
                                     asked.push_back(request.path);
                                     HttpResponse response;
                                     response.body = body;
                                     return response;
                                   });
    ASSERT_TRUE(opened) << opened.error();
    server.emplace(std::move(*opened));
  }
  std::unique_ptr<HttpClient> connect() {
    return std::make_unique<HttpClient>(
        nodes.io, [this](const auto& condition) { return nodes.run_until(condition); },
        server->address().port);
  }
  bool answers() { return connect()->get("/").starts_with("HTTP/1.1 200 "); }

  TestNodes nodes;
  std::string body = "hello\n";
  std::vector<std::string> asked;
  std::optional<HttpServer> server;
};

TEST_F(HttpServerTest, Answers) {
  open();
  const std::string reply = connect()->get("/x?y");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(reply, EndsWith("\r\n\r\nhello\n"));
  EXPECT_EQ(asked, std::vector<std::string>{"/x"});

  const auto head = connect();
  head->send("HEAD / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(head->read_to_end(), EndsWith("\r\n\r\n"));
}

TEST_F(HttpServerTest, AnswersNobodyWhoMeansAnotherHost) {
  open();
  EXPECT_THAT(connect()->get("/", "example.net"), StartsWith("HTTP/1.1 421 "));
  EXPECT_THAT(connect()->get("http://example.net/"), StartsWith("HTTP/1.1 421 "));
  EXPECT_TRUE(asked.empty());
}

TEST_F(HttpServerTest, SaysWhatIsWrongToThoseWhoStillSend) {
  open();
  const auto client = connect();
  client->send("GET /" + std::string(200 * 1024, 'x'));
  EXPECT_THAT(client->read_to_end(), StartsWith("HTTP/1.1 414 "));
  EXPECT_FALSE(client->was_reset());
}

TEST_F(HttpServerTest, PiecesOfARequestMakeOne) {
  open();
  const auto client = connect();
  client->begin_reading();
  const std::string request = "GET /pieces HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (const char byte : request) {
    client->send(std::string(1, byte));
    nodes.io.poll();
    nodes.io.restart();
  }
  ASSERT_TRUE(nodes.run_until([&] { return client->ended(); }));
  EXPECT_EQ(asked, std::vector<std::string>{"/pieces"});
}

TEST_F(HttpServerTest, WhoNeverFinishesIsToldSo) {
  open();
  const auto silent = connect();
  const auto slow = connect();
  slow->send("GET / HTTP/1.1\r\nHost: localhost\r\nA: ");
  silent->begin_reading();
  EXPECT_THAT(slow->read_to_end(), StartsWith("HTTP/1.1 408 "));
  EXPECT_TRUE(nodes.run_until([&] { return silent->ended(); }));
  EXPECT_TRUE(asked.empty());
}

TEST_F(HttpServerTest, ThoseWhoSayNothingKeepNobodyOut) {
  open();
  std::vector<std::unique_ptr<HttpClient>> silent;
  for (std::size_t i = 0; i < 3 * HttpServer::kMaxConnections; ++i) {
    silent.push_back(connect());
    silent.back()->begin_reading();
  }
  EXPECT_TRUE(answers());
  std::size_t closed = 0;
  for (const auto& client : silent) closed += client->ended() ? 1 : 0;
  EXPECT_GT(closed, 2 * HttpServer::kMaxConnections);
}

TEST_F(HttpServerTest, ThoseWhoDoNotReadKeepNobodyOut) {
  body = std::string(6 * 1024 * 1024, 'x');  // more than the kernel takes at once
  open();
  std::vector<std::unique_ptr<HttpClient>> lazy;
  for (std::size_t i = 0; i < HttpServer::kMaxConnections; ++i) {
    lazy.push_back(connect());
    lazy.back()->send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(nodes.run_until([&] { return asked.size() == i + 1; }));
  }
  body = "hello\n";
  EXPECT_TRUE(answers());
  // The first one made room; the second still gets all, now that it reads.
  EXPECT_LT(lazy[0]->read_to_end().size(), 6U * 1024 * 1024);
  EXPECT_GT(lazy[1]->read_to_end().size(), 6U * 1024 * 1024);
}

TEST_F(HttpServerTest, AnAddressInUseIsAnError) {
  open();
  const auto second = HttpServer::open(nodes.io, server->address(), {});
  ASSERT_FALSE(second);
  EXPECT_FALSE(second.error().empty());
}

TEST_F(HttpServerTest, NothingIsLeftWhenItEnds) {
  open();
  const auto client = connect();
  client->begin_reading();
  nodes.io.poll();
  server.reset();
  EXPECT_TRUE(nodes.run_until([&] { return client->ended(); }));
  nodes.io.restart();
  nodes.io.run();  // returns: there is nothing to wait for
}

}  // namespace
}  // namespace thicket::node::testing
