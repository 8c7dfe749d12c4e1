#include "transport/link_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <asio/post.hpp>

#include "crypto/invariant.hpp"
#include "transport/handshake.hpp"
#include "transport/socket_stream.hpp"
#include "transport/tls_stream.hpp"

namespace thicket::transport {

namespace {

/// What goes out as SNI: never an address (wire.md §10).
std::string server_name(const PeerUri& uri) {
  PeerUri named;
  named.host = uri.sni.empty() ? uri.host : uri.sni;
  return named.host_is_address() ? std::string() : named.host;
}

}  // namespace

LinkTable::LinkTable(asio::io_context& io, const KeyPair& identity, Random& random,
                     LinksOptions options, LinkObserver& observer)
    : io_(io),
      identity_(identity),
      random_(random),
      options_(std::move(options)),
      observer_(observer),
      context_{io, identity.public_key(), options_.allowed_public_keys, options_.timings.setup} {}

// --- what the node asks for ---------------------------------------------------------------------

Result<void, std::string> LinkTable::add_peer(std::string_view text, std::string_view interface) {
  if (shut_down_) return failure(std::string("the node is shutting down"));
  auto uri = parse_peer_uri(text);
  if (!uri) return failure(uri.error().message);
  return add_dialler(std::move(*uri), interface, 0, Redial::always);
}

Result<void, std::string> LinkTable::add_dialler(PeerUri uri, std::string_view interface,
                                                 InterfaceIndex discovered_on, Redial redial) {
  PeerName name(uri.to_string(), interface);
  if (diallers_.contains(name)) return failure(name.first + " is a peer already");
  auto terms = terms_for(uri, false, discovered_on);
  if (!terms) return failure(terms.error());
  const auto dialler =
      std::make_shared<Dialler>(io_, *this, random_, options_.timings, std::move(uri),
                                std::string(interface), std::move(*terms), redial);
  diallers_.emplace(std::move(name), dialler);
  // Not at once: the observer must not be called back before it knows that there is a peer.
  asio::post(io_, [weak = std::weak_ptr<Dialler>(dialler)] {
    if (const auto self = weak.lock()) self->start();
  });
  return {};
}

Result<void, std::string> LinkTable::remove_peer(std::string_view text,
                                                 std::string_view interface) {
  const auto uri = parse_peer_uri(text);
  if (!uri) return failure(uri.error().message);
  const auto found = diallers_.find(PeerName(uri->to_string(), interface));
  if (found == diallers_.end()) return failure(uri->to_string() + " is not among our peers");
  const auto dialler = found->second;
  dialler->stop();
  if (const auto connection = dialler->connection()) connection->close("the peer was removed");
  diallers_.erase(PeerName(uri->to_string(), interface));
  return {};
}

Result<std::uint16_t, std::string> LinkTable::listen(std::string_view text) {
  if (shut_down_) return failure(std::string("the node is shutting down"));
  const auto uri = parse_peer_uri(text, UriUse::listen);
  if (!uri) return failure(uri.error().message);
  std::uint16_t port = 0;
  auto listener = open_listener(*uri, 0, port);
  if (!listener) return failure(listener.error());
  listeners_.emplace(uri->to_string(), std::move(*listener));
  return port;
}

Result<std::shared_ptr<Listener>, std::string> LinkTable::open_listener(
    const PeerUri& uri, InterfaceIndex discovered_on, std::uint16_t& port) {
  auto terms = terms_for(uri, true, discovered_on);
  if (!terms) return failure(terms.error());
  auto listener = std::make_shared<Listener>(io_, *this, std::move(*terms));
  const auto opened = listener->open(uri);
  if (!opened) return failure(opened.error());
  port = *opened;
  return listener;
}

void LinkTable::wake(LinkId link) {
  const auto found = by_id_.find(link.value);
  if (found != by_id_.end()) want_turn(*found->second);
}

void LinkTable::close(LinkId link, std::string_view reason) {
  const auto found = by_id_.find(link.value);
  if (found == by_id_.end()) return;
  const ConnectionPtr connection = found->second;
  connection->close(reason);
}

void LinkTable::shutdown() {
  if (shut_down_) return;
  shut_down_ = true;
  for (const auto& [name, listener] : listeners_) listener->close();
  listeners_.clear();
  for (const auto& [interface, listener] : local_listeners_) listener->close();
  local_listeners_.clear();
  std::vector<ConnectionPtr> open(half_open_.begin(), half_open_.end());
  for (const auto& [id, connection] : inbound_) open.push_back(connection);
  for (const auto& [name, dialler] : diallers_) {
    dialler->stop();
    if (dialler->connection()) open.push_back(dialler->connection());
  }
  for (const auto& connection : open) connection->close("we are shutting down");
  diallers_.clear();
  turns_.clear();
}

std::vector<PeerStatus> LinkTable::peers() const {
  using Seconds = std::chrono::duration<double>;
  std::vector<PeerStatus> all;
  const auto fill = [](PeerStatus& status, const Connection& connection) {
    status.up = true;
    status.link = connection.info().id;
    status.key = connection.info().peer;
    status.priority = connection.info().priority;
    status.bytes_received = connection.bytes_received();
    status.bytes_sent = connection.bytes_sent();
    status.uptime_seconds = Seconds(connection.uptime()).count();
    status.capabilities = connection.info().capabilities;
  };
  for (const auto& [name, dialler] : diallers_) {
    PeerStatus& status = all.emplace_back();
    status.uri = dialler->name();
    status.priority = dialler->terms()->priority;
    status.last_error = dialler->last_error();
    if (!status.last_error.empty()) {
      status.last_error_seconds_ago =
          Seconds(Dialler::Clock::now() - dialler->last_error_at()).count();
    }
    if (dialler->connection() && dialler->connection()->up()) fill(status, *dialler->connection());
  }
  for (const auto& [id, connection] : inbound_) {
    PeerStatus& status = all.emplace_back();
    status.uri = connection->info().uri;
    status.inbound = true;
    fill(status, *connection);
  }
  return all;
}

LinkTotals LinkTable::totals() const {
  LinkTotals totals = totals_;
  for (const auto& [id, connection] : by_id_) {
    totals.bytes_received += connection->bytes_received();
    totals.bytes_sent += connection->bytes_sent();
  }
  return totals;
}

// --- what connections report --------------------------------------------------------------------

std::optional<LinkId> LinkTable::admit(Connection& connection, std::string& reason) {
  if (!connection.info().inbound) return LinkId{next_id_++};
  const auto same_key = std::ranges::count_if(inbound_, [&](const auto& entry) {
    return entry.second->info().peer == connection.info().peer;
  });
  if (static_cast<std::size_t>(same_key) >= kInboundPerKey) {
    reason = fmt::format("there are {} inbound links from this key already, as many as we take",
                         kInboundPerKey);
    return std::nullopt;
  }
  if (inbound_.size() >= options_.inbound.established && !evict_for(connection)) {
    reason = fmt::format("there are {} inbound links already, as many as we take",
                         options_.inbound.established);
    return std::nullopt;
  }
  return LinkId{next_id_++};
}

/// false: no origin has so many links that it should give one up for the newcomer.
bool LinkTable::evict_for(const Connection& newcomer) {
  std::map<std::string_view, std::size_t> counts;
  for (const auto& [id, connection] : inbound_) ++counts[connection->origin];
  const std::size_t own = counts[newcomer.origin];
  counts.erase(std::string_view());  // unix: whoever may connect there is trusted
  const auto most =
      std::ranges::max_element(counts, {}, [](const auto& origin) { return origin.second; });
  if (most == counts.end() || most->second <= own + 1) return false;
  const auto newest = std::find_if(inbound_.rbegin(), inbound_.rend(), [&](const auto& entry) {
    return entry.second->origin == most->first;
  });
  const ConnectionPtr victim = newest->second;
  victim->close("its address has most of the inbound links, of which there are too many");
  return true;
}

void LinkTable::connection_up(Connection& connection) {
  const ConnectionPtr shared = connection.shared_from_this();
  if (connection.info().inbound) {
    half_open_.remove(shared);
    inbound_.emplace(connection.info().id, shared);
  }
  by_id_.emplace(connection.info().id.value, shared);
  ++totals_.established;
  observer_.link_up(connection.info());
}

void LinkTable::setup_failed(Connection& connection, const SetupFailure& failure) {
  if (connection.info().inbound) {
    half_open_.remove(connection.shared_from_this());
    if (!shut_down_) {
      observer_.link_failed(connection.info().uri, LinkOrigin::inbound, failure.reason);
    }
  } else if (const auto dialler = dialler_of(connection)) {
    dialler->setup_failed(failure);
  }
}

void LinkTable::connection_down(Connection& connection, std::string_view reason) {
  const auto dialler = dialler_of(connection);
  by_id_.erase(connection.info().id.value);
  ++totals_.ended;
  totals_.bytes_received += connection.bytes_received();
  totals_.bytes_sent += connection.bytes_sent();
  inbound_.erase(connection.info().id);
  if (dialler) dialler->went_down(reason, connection.uptime());
  observer_.link_down(connection.info(), reason);
}

void LinkTable::heard(Connection& connection) {
  observer_.link_heard(connection.info().id);
}

void LinkTable::take_frame(Connection& connection, Packet body) {
  observer_.frame_received(connection.info().id, std::move(body));
}

void LinkTable::batch_done(Connection& connection) {
  observer_.batch_received(connection.info().id);
}

std::optional<Packet> LinkTable::next_frame(Connection& connection) {
  return observer_.next_frame(connection.info().id);
}

void LinkTable::want_turn(Connection& connection) {
  if (connection.turn_wanted) return;
  connection.turn_wanted = true;
  turns_.push_back(connection.shared_from_this());
  if (turns_.size() > 1) return;
  // Behind the events that are waiting already: whatever they produce goes out in the same write.
  asio::post(io_, [self = shared_from_this()] { self->take_turns(); });
}

void LinkTable::take_turns() {
  for (const ConnectionPtr& connection : std::exchange(turns_, {})) {
    connection->turn_wanted = false;
    connection->write_frames();
  }
}

// --- new connections ----------------------------------------------------------------------------

Result<std::shared_ptr<const ConnectionTerms>, std::string> LinkTable::terms_for(
    const PeerUri& uri, bool inbound, InterfaceIndex discovered_on) {
  if (uri.scheme == Scheme::tls && !tls_) {
    auto context = TlsContext::make(identity_);
    if (!context) return failure(context.error());
    tls_ = std::move(*context);
  }
  auto terms = std::make_shared<ConnectionTerms>();
  terms->scheme = uri.scheme;
  terms->inbound = inbound;
  terms->discovered_on = discovered_on;
  terms->priority = uri.priority;
  terms->password = uri.password;
  terms->pinned = uri.keys;
  terms->server_name = server_name(uri);
  terms->record = encode_handshake(identity_, uri.password, uri.priority);
  return std::shared_ptr<const ConnectionTerms>(std::move(terms));
}

/// Our handshake for the peer at `remote`.
std::vector<std::uint8_t> LinkTable::greeting(const ConnectionTerms& terms,
                                              const std::string& remote) const {
  if (!options_.capabilities) return terms.record;
  routing::Capabilities capabilities = *options_.capabilities;
  // A link-local address is no news to its owner, and would come with the name of our interface.
  if (terms.scheme != Scheme::unix_socket && terms.discovered_on == 0) capabilities.seen = remote;
  return with_field(terms.record,
                    {routing::kCapabilitiesField, routing::encode_capabilities(capabilities)});
}

std::unique_ptr<ByteStream> LinkTable::make_stream(int fd, const ConnectionTerms& terms) const {
  if (terms.scheme != Scheme::tls) return std::make_unique<SocketStream>(fd);
  INVARIANT(tls_);
  const auto role = terms.inbound ? TlsStream::Role::accept : TlsStream::Role::dial;
  return std::make_unique<TlsStream>(fd, role, *tls_, terms.server_name);
}

LinkTable::ConnectionPtr LinkTable::new_connection(UniqueFd fd,
                                                   std::shared_ptr<const ConnectionTerms> terms,
                                                   std::string uri, std::string remote) {
  auto stream = make_stream(fd.get(), *terms);
  auto record = greeting(*terms, remote);
  return std::make_shared<Connection>(context_, *this, std::move(fd), std::move(stream),
                                      std::move(terms), std::move(record), std::move(uri),
                                      std::move(remote));
}

LinkTable::ConnectionPtr LinkTable::make_connection(const Dialler& dialler, UniqueFd fd,
                                                    const SocketAddress& remote) {
  if (dialler.terms()->scheme != Scheme::unix_socket) tune_link_socket(fd.get());
  auto connection =
      new_connection(std::move(fd), dialler.terms(), dialler.name(), remote.to_string());
  connection->begun = dialler.attempt_began();
  return connection;
}

void LinkTable::dial_failed(const Dialler& dialler, std::string_view reason) {
  const bool discovered = dialler.terms()->discovered_on != 0;
  if (shut_down_) return;
  observer_.link_failed(dialler.name(),
                        discovered ? LinkOrigin::discovered : LinkOrigin::configured, reason);
}

void LinkTable::accepted(const Listener& listener, UniqueFd fd, const SocketAddress& remote) {
  while (!half_open_.empty() && half_open_.size() >= options_.inbound.half_open) make_room();
  const ConnectionTerms& terms = *listener.terms();
  const std::string place =
      terms.scheme == Scheme::unix_socket ? listener.path() : remote.to_string();
  const ConnectionPtr connection =
      new_connection(std::move(fd), listener.terms(),
                     fmt::format("{}://{}", to_string(terms.scheme), place), place);
  connection->origin = remote.origin();
  half_open_.push_back(connection);
  connection->start();
}

bool LinkTable::make_room() {
  if (half_open_.empty()) return false;
  const ConnectionPtr oldest = half_open_.front();
  oldest->close("dropped before its handshake was done, in favour of newer connections");
  return true;
}

std::shared_ptr<Dialler> LinkTable::dialler_of(const Connection& connection) const {
  for (const auto& [name, dialler] : diallers_) {
    if (dialler->connection().get() == &connection) return dialler;
  }
  return nullptr;
}

}  // namespace thicket::transport
