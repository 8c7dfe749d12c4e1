#include "transport/network.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "routing/frame.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::transport::testing {

using namespace std::chrono_literals;

LinksOptions quick() {
  LinksOptions options;
  options.timings.first_backoff = 10ms;
  options.timings.max_backoff = 200ms;
  return options;
}

namespace {

KeyPair identity_of(std::uint64_t seed) {
  SeededRandom random(seed);
  return KeyPair::generate(random);
}

}  // namespace

Host::Host(asio::io_context& io, std::uint64_t seed, LinksOptions options)
    : identity(identity_of(seed)),
      random(seed + 1000),
      links(io, identity, random, std::move(options), *this) {}

void Host::dial(const std::string& uri) {
  const auto added = links.add_peer(uri);
  EXPECT_TRUE(added) << added.error();
}

std::string Host::listen(const std::string& uri) {
  const auto port = links.listen(uri);
  EXPECT_TRUE(port) << port.error();
  auto parsed = parse_peer_uri(uri, UriUse::listen);
  parsed->port = port.value_or(0);
  return parsed->to_string();
}

void Host::queue(LinkId link, const Bytes& body) {
  queues[link].push_back(framed(body));
}

void Host::send(LinkId link, const Bytes& body) {
  queue(link, body);
  links.wake(link);
}

PeerStatus Host::status(std::string_view uri) const {
  for (const PeerStatus& status : links.peers()) {
    if (status.uri == uri) return status;
  }
  return {};
}

void Host::link_up(const LinkInfo& link) {
  ups.push_back(link);
  if (on_up) on_up(link);
}

void Host::link_down(const LinkInfo& link, std::string_view reason) {
  downs.push_back({link, std::string(reason)});
}

void Host::link_heard(LinkId link) {
  ++heard[link];
}

void Host::frame_received(LinkId link, Packet body) {
  received_bytes[link] += body.size();
  if (on_frame) {
    on_frame(link, body);
  } else {
    received[link].push_back(to_bytes(std::as_const(body).bytes()));
  }
}

void Host::batch_received(LinkId link) {
  ++batches[link];
}

std::optional<Packet> Host::next_frame(LinkId link) {
  if (produce) return produce(link);
  auto& queue = queues[link];
  if (queue.empty()) return std::nullopt;
  Packet frame = std::move(queue.front());
  queue.pop_front();
  return frame;
}

void Host::link_failed(std::string_view uri, LinkOrigin origin, std::string_view reason) {
  failures.push_back({std::string(uri), origin == LinkOrigin::inbound, std::string(reason)});
}

bool run_until(asio::io_context& io, const std::function<bool()>& condition) {
  const auto bound = std::chrono::steady_clock::now() + 60s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > bound) return false;
    if (io.stopped()) io.restart();
    io.run_one_for(20ms);
  }
  return true;
}

Packet framed(const Bytes& body) {
  Packet frame = Packet::copy_of(body, 16);
  routing::prepend_length(frame);
  return frame;
}

Bytes to_bytes(ByteView view) {
  return Bytes(view.begin(), view.end());
}

Stranger::Stranger(const std::string& uri) {
  const auto address = numeric_address(*parse_peer_uri(uri));
  auto fd = start_connect(*address, "");
  EXPECT_TRUE(fd) << fd.error();
  if (!fd) return;
  fd_ = std::move(*fd);
  pollfd ready{fd_.get(), POLLOUT, 0};
  EXPECT_EQ(::poll(&ready, 1, 10000), 1);
  EXPECT_TRUE(connect_result(fd_.get()));
}

void Stranger::send(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0) return;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

bool Stranger::read() {
  for (;;) {
    std::array<std::uint8_t, 4096> buffer;
    const ssize_t count = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return false;
    received.insert(received.end(), buffer.begin(), buffer.begin() + count);
  }
}

bool Stranger::ended() {
  return !read();
}

std::string socket_path(std::string_view name) {
  return "/tmp/thicket-test-" + std::to_string(::getpid()) + "-" + std::string(name) + ".sock";
}

}  // namespace thicket::transport::testing
