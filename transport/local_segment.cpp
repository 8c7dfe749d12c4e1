#include "transport/local_segment.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <utility>

#include "transport/limits.hpp"

namespace thicket::transport {

namespace {

using Clock = std::chrono::steady_clock;

Instant now() {
  return Instant(Clock::now().time_since_epoch());
}

Clock::time_point to_clock(Instant instant) {
  return Clock::time_point(std::chrono::duration_cast<Clock::duration>(instant.time_since_epoch()));
}

}  // namespace

LocalSegment::LocalSegment(asio::io_context& io, Links& links, Random& random,
                           const PublicKey& self, DiscoveryRule rule, Place place,
                           DiscoveryNews news)
    : links_(links),
      random_(random),
      self_(self),
      rule_(std::move(rule)),
      place_(std::move(place)),
      news_(std::move(news)),
      descriptor_(io),
      speaking_(io),
      hearing_(io),
      gate_(self, rule_.password) {}

void LocalSegment::start() {
  try_to_open();
}

void LocalSegment::stop() {
  if (std::exchange(stopped_, true)) return;
  speaking_.cancel();
  hearing_.cancel();
  close();
}

void LocalSegment::close() {
  if (descriptor_.is_open()) descriptor_.release();
  socket_.reset();
  links_.close_local_listener(place_.index);
  listens_at_.clear();
}

// --- opening ------------------------------------------------------------------------------------

void LocalSegment::try_to_open() {
  if (const auto opened = open(); !opened) {
    close();
    if (!std::exchange(complained_, true)) {
      news_(place_.name, DiscoveryEvent::failed, opened.error());
    }
    retry_later();
    return;
  }
  const std::string_view does = !rule_.listen   ? "sends beacons"
                                : !rule_.beacon ? "listens for beacons"
                                                : "sends beacons and listens for them";
  news_(place_.name, DiscoveryEvent::started,
        listens_at_.empty() ? std::string(does)
                            : fmt::format("{}, takes links at {}", does, listens_at_));
  if (rule_.listen) wait_for_beacons();
  if (rule_.beacon) {
    schedule_.emplace(random_, now());
    wait_to_speak();
  }
}

Result<void, std::string> LocalSegment::open() {
  if (rule_.beacon) {
    if (auto listening = open_listener(); !listening) return listening;
  }
  auto socket = BeaconSocket::open(place_.index);
  if (!socket) return failure(socket.error());
  asio::error_code error;
  descriptor_.assign(socket->fd(), error);
  if (error) return failure("cannot watch the socket for beacons: " + error.message());
  socket_.emplace(std::move(*socket));
  return {};
}

Result<void, std::string> LocalSegment::open_listener() {
  PeerUri uri = uri_of(place_.address, rule_.port);
  const auto port = links_.listen_locally(uri, place_.index);
  if (!port) return failure(port.error());
  uri.port = *port;
  listens_at_ = fmt::format("[{}%{}]:{}", uri.host, uri.zone, uri.port);
  beacon_ = encode_beacon({self_, *port}, rule_.password);
  return {};
}

void LocalSegment::retry_later() {
  speaking_.expires_after(kLocalRetry);
  speaking_.async_wait([weak = weak_from_this()](const asio::error_code& cancelled) {
    const auto self = weak.lock();
    if (self && !cancelled && !self->stopped_) self->try_to_open();
  });
}

// --- hearing others -----------------------------------------------------------------------------

void LocalSegment::wait_for_beacons() {
  const Instant readable = gate_.readable_at();
  if (readable > now()) {
    // Under a flood the kernel throws the rest away, which costs less than reading it.
    hearing_.expires_at(to_clock(readable));
    hearing_.async_wait([weak = weak_from_this()](const asio::error_code& cancelled) {
      const auto self = weak.lock();
      if (self && !cancelled && !self->stopped_) self->wait_for_beacons();
    });
    return;
  }
  descriptor_.async_wait(asio::posix::descriptor_base::wait_read,
                         [weak = weak_from_this()](const asio::error_code& error) {
                           const auto self = weak.lock();
                           if (self && !error && !self->stopped_) self->hear();
                         });
}

void LocalSegment::hear() {
  const auto load_of = [this](const PublicKey& key) {
    return links_.local_load(place_.index, key);
  };
  const Instant time = now();
  for (int i = 0; i < kBeaconsPerEvent && gate_.may_read(time); ++i) {
    std::array<std::uint8_t, kBeaconReadSize> buffer;
    const auto datagram = socket_->receive(buffer);
    if (!datagram) break;
    const auto beacon = gate_.take(time, ByteView(buffer).first(datagram->size), load_of);
    if (beacon) dial(*beacon, datagram->from);
  }
  wait_for_beacons();
}

void LocalSegment::dial(const Beacon& beacon, const Ipv6Bytes& from) {
  PeerUri uri = uri_of(from, beacon.port);
  uri.keys = {beacon.key};
  // Refused if somebody configured the same peer, which is as good, or if there are too many.
  [[maybe_unused]] const auto dialled = links_.dial_locally(uri, place_.index);
}

PeerUri LocalSegment::uri_of(const Ipv6Bytes& address, std::uint16_t port) const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, address.data(), text.data(), text.size());
  PeerUri uri;
  uri.scheme = Scheme::tls;
  uri.host = text.data();
  uri.zone = place_.name;
  uri.port = port;
  uri.priority = rule_.priority;
  uri.password = rule_.password;
  return uri;
}

// --- being heard --------------------------------------------------------------------------------

void LocalSegment::wait_to_speak() {
  speaking_.expires_at(to_clock(schedule_->next()));
  speaking_.async_wait([weak = weak_from_this()](const asio::error_code& cancelled) {
    const auto self = weak.lock();
    if (!self || cancelled || self->stopped_) return;
    if (self->schedule_->take(now())) self->socket_->send(self->beacon_, self->place_.address);
    self->wait_to_speak();
  });
}

}  // namespace thicket::transport
