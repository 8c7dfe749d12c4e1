#include "node/monitoring/http_request.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "node/monitoring/http_host.hpp"
#include "node/monitoring/http_response.hpp"

namespace thicket::node {
namespace {

using Outcome = std::optional<Result<HttpRequest, HttpError>>;

Outcome read(std::string_view bytes) {
  return HttpRequestReader().feed(bytes);
}

int status_of(std::string_view bytes) {
  const Outcome outcome = read(bytes);
  if (!outcome) return 0;
  return *outcome ? 200 : outcome->error().status;
}

TEST(HttpRequest, IsRead) {
  const Outcome outcome =
      read("GET /metrics?x=/y HTTP/1.1\r\nHost: localhost:9100\r\nAccept: */*\r\n\r\n");
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ(**outcome, (HttpRequest{false, "/metrics", "localhost:9100"}));
}

TEST(HttpRequest, HasManyForms) {
  const auto expect = [](std::string_view bytes, const HttpRequest& wanted) {
    const Outcome outcome = read(bytes);
    ASSERT_TRUE(outcome && *outcome) << bytes;
    EXPECT_EQ(**outcome, wanted) << bytes;
  };
  expect("HEAD / HTTP/1.1\r\nhOsT:x\r\n\r\n", {true, "/", "x"});
  expect("\r\n\r\nGET / HTTP/1.1\nHost:\t x \t\n\n", {false, "/", "x"});
  expect("GET / HTTP/1.0\r\n\r\n", {false, "/", ""});
  expect("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\nmore", {false, "/", "x"});
  expect("GET http://x:1/y?z HTTP/1.1\r\nHost: other\r\n\r\n", {false, "/y", "x:1"});
  expect("GET HTTP://x HTTP/1.1\r\nHost: x\r\n\r\n", {false, "/", "x"});
  expect("GET http://x?y HTTP/1.1\r\nHost: x\r\n\r\n", {false, "/", "x"});
  expect("GET / HTTP/1.1\r\nHost: x\r\nX-Name: \xc3\xa9\r\n\r\n", {false, "/", "x"});
}

TEST(HttpRequest, IsNotThereYet) {
  for (const char* bytes : {"", "G", "GET / HTTP/1.1", "GET / HTTP/1.1\r\n", "\r\n\r\n\r\n",
                            "GET / HTTP/1.1\r\nHost: x\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r"}) {
    EXPECT_FALSE(read(bytes).has_value()) << bytes;
  }
}

TEST(HttpRequest, IsRefused) {
  const std::string host = "Host: x\r\n";
  const auto with = [&](std::string_view field) {
    return status_of("GET / HTTP/1.1\r\n" + host + std::string(field) + "\r\n\r\n");
  };
  EXPECT_EQ(with("A: b"), 200);
  EXPECT_EQ(with("A : b"), 400);
  EXPECT_EQ(with(" A: b"), 400) << "a continued line";
  EXPECT_EQ(with("A"), 400);
  EXPECT_EQ(with(": b"), 400);
  EXPECT_EQ(with("A: b\rc"), 400);
  EXPECT_EQ(with(std::string_view("A: b\0c", 6)), 400);
  EXPECT_EQ(with("Host: x"), 400) << "twice";
  EXPECT_EQ(with("Content-Length: 5"), 413);
  EXPECT_EQ(with("Content-Length: 00"), 413);
  EXPECT_EQ(with("Transfer-Encoding: chunked"), 413);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400) << "no host";
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET http:///x HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\n"), 405);
  EXPECT_EQ(status_of("get / HTTP/1.1\r\n"), 405);
  EXPECT_EQ(status_of("GET / HTTP/2.0\r\n"), 505);
  for (const char* line : {"GET", "GET /", "GET / FTP/1.1", "GET  HTTP/1.1", "GET / / HTTP/1.1",
                           "GET x HTTP/1.1", "GET * HTTP/1.1", "GET /\x7f HTTP/1.1",
                           "GET /\xc3\xa9 HTTP/1.1", "G@T / HTTP/1.1", "\x16\x03\x01"}) {
    EXPECT_EQ(status_of(std::string(line) + "\r\n"), 400) << line;
  }
}

TEST(HttpRequest, IsBounded) {
  const std::string start = "GET / HTTP/1.1\r\nHost: x\r\n";
  const std::string rest(HttpRequestReader::kMaxBytes - start.size() - 7, 'x');
  EXPECT_EQ(status_of(start + "A: " + rest + "\r\n\r\n"), 200);
  EXPECT_EQ(status_of(start + "A: x" + rest + "\r\n\r\n"), 431);
  EXPECT_EQ(status_of("GET /" + std::string(HttpRequestReader::kMaxBytes, 'x')), 414);
  EXPECT_EQ(status_of(std::string(HttpRequestReader::kMaxBytes + 1, '\n')), 414);

  std::string fields;
  for (std::size_t i = 1; i < HttpRequestReader::kMaxFields; ++i) fields += "A: b\r\n";
  EXPECT_EQ(status_of(start + fields + "\r\n"), 200);
  EXPECT_EQ(status_of(start + fields + "A: b\r\n\r\n"), 431);
}

RC_GTEST_PROP(HttpRequest, PiecesMeanTheSameAsTheWhole, ()) {
  const auto line = rc::gen::elementOf(std::vector<std::string>{
      "GET / HTTP/1.1", "HEAD /x HTTP/1.0", "Host: a", "B: c", "", " x", "Content-Length: 1"});
  std::string bytes;
  for (const std::string& one : *rc::gen::container<std::vector<std::string>>(line)) {
    bytes += one + "\r\n";
  }
  const Outcome whole = read(bytes);
  HttpRequestReader reader;
  Outcome pieces;
  for (std::string_view left = bytes; !left.empty() && !pieces;) {
    const auto size = *rc::gen::inRange<std::size_t>(1, 8);
    pieces = reader.feed(left.substr(0, size));
    left.remove_prefix(std::min(size, left.size()));
  }
  const bool same = pieces == whole;
  if (!same) RC_FAIL("read in pieces it is another request");
}

TEST(HttpHost, AddressesToListenAt) {
  EXPECT_EQ(parse_http_address("127.0.0.1:9100")->to_string(), "127.0.0.1:9100");
  EXPECT_EQ(parse_http_address("[::1]:0")->to_string(), "[::1]:0");
  EXPECT_EQ(parse_http_address("LocalHost:80")->to_string(), "127.0.0.1:80");
  EXPECT_TRUE(parse_http_address("127.8.8.8:1")->is_loopback());
  EXPECT_TRUE(parse_http_address("[::ffff:127.0.0.1]:1")->is_loopback());
  for (const char* text : {"0.0.0.0:9100", "[::]:9100", "192.0.2.1:80", "[fe80::1%1]:80"}) {
    ASSERT_TRUE(parse_http_address(text)) << text;
    EXPECT_FALSE(parse_http_address(text)->is_loopback()) << text;
  }
  for (const char* text : {"", "9100", ":9100", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                           "127.0.0.1:1x", "::1:9100", "[127.0.0.1]:9100", "[::1]", "[::1]9100",
                           "[localhost]:1", "example.net:9100", "http://127.0.0.1:1"}) {
    EXPECT_FALSE(parse_http_address(text)) << text;
  }
}

TEST(HttpHost, OnlyOurOwnNamesAreAnswered) {
  const auto own = [](const char* host, const char* local) {
    return is_own_host(host, asio::ip::make_address(local));
  };
  for (const char* host :
       {"localhost", "LOCALHOST:9100", "127.0.0.1", "127.0.0.1:1", "[::1]:9100", "127.1.2.3:5"}) {
    EXPECT_TRUE(own(host, "127.0.0.1")) << host;
    EXPECT_TRUE(own(host, "::1")) << host;
    EXPECT_TRUE(own(host, "::ffff:127.0.0.1")) << host;
    EXPECT_FALSE(own(host, "192.0.2.1")) << host;
  }
  EXPECT_TRUE(own("192.0.2.1:9100", "192.0.2.1"));
  EXPECT_TRUE(own("192.0.2.1", "::ffff:192.0.2.1"));
  EXPECT_TRUE(own("[fe80::1]:9100", "fe80::1%1"));
  EXPECT_TRUE(own("[fe80::1%25eth0]:9100", "fe80::1%1"));
  EXPECT_FALSE(own("192.0.2.2:9100", "192.0.2.1"));
  for (const char* host :
       {"example.net", "localhost.example.net", "localhost.", "127.0.0.1.example.net", "::1",
        "[::1", "[::1]x", "127.0.0.1:x", "127.0.0.1:1:1", "user@127.0.0.1", "127.0.0.1/", "0.0.0.0",
        "", ":9100", "[localhost]", "127.0.0.1, 127.0.0.1", "2130706433", "127.1"}) {
    EXPECT_FALSE(own(host, "127.0.0.1")) << host;
  }
}

TEST(HttpResponse, SaysAllThatABrowserMustKnow) {
  HttpResponse response;
  response.body = "x\n";
  const std::string text = to_wire(response, false);
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(text.ends_with("\r\n\r\nx\n"));
  for (const char* field :
       {"Content-Length: 2\r\n", "Connection: close\r\n", "Cache-Control: no-store\r\n",
        "X-Content-Type-Options: nosniff\r\n", "X-Frame-Options: DENY\r\n",
        "Content-Security-Policy: default-src 'none'", "Content-Type: text/plain"}) {
    EXPECT_NE(text.find(field), std::string::npos) << field;
  }
  EXPECT_EQ(to_wire(response, true), text.substr(0, text.size() - 2));
  EXPECT_NE(to_wire(http_refusal({405, "no"}), false).find("Allow: GET, HEAD\r\n"),
            std::string::npos);
}

}  // namespace
}  // namespace thicket::node
