#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "transport/connection.hpp"
#include "transport/dialler.hpp"
#include "transport/links.hpp"
#include "transport/listener.hpp"
#include "transport/tls_context.hpp"

namespace thicket::transport {

/// All diallers, listeners and connections of a node: the inside of Links.
///
/// Invariants: a connection is in exactly one of half_open_ (inbound, not up), a Dialler (dialled,
/// up or not) and inbound_ (inbound, up); by_id_ holds exactly those that are up.
class LinkTable : public std::enable_shared_from_this<LinkTable>,
                  public ConnectionOwner,
                  public Dialler::Owner,
                  public Listener::Owner {
 public:
  LinkTable(asio::io_context& io, const KeyPair& identity, Random& random, LinksOptions options,
            LinkObserver& observer);
  ~LinkTable() override = default;

  Result<void, std::string> add_peer(std::string_view uri, std::string_view interface);
  Result<void, std::string> remove_peer(std::string_view uri, std::string_view interface);
  bool has_peer(std::string_view uri, std::string_view interface) const;
  bool keep_peer(std::string_view uri, std::string_view interface);
  Result<std::uint16_t, std::string> listen(std::string_view uri);
  Result<void, std::string> stop_listening(std::string_view uri);
  Result<void, std::string> change_listener(std::string_view uri);
  void allow(std::set<PublicKey> public_keys);
  void offer(std::optional<routing::Capabilities> capabilities);
  Result<std::uint16_t, std::string> listen_locally(const PeerUri& uri, InterfaceIndex interface);
  void close_local_listener(InterfaceIndex interface);
  Result<void, std::string> dial_locally(const PeerUri& uri, InterfaceIndex interface);
  LocalLoad local_load(InterfaceIndex interface, const PublicKey& key) const;
  void close_local_links(InterfaceIndex interface, std::string_view reason);
  void wake(LinkId link);
  void close(LinkId link, std::string_view reason);
  void shutdown();
  std::vector<PeerStatus> peers() const;
  LinkTotals totals() const;

 private:
  using ConnectionPtr = std::shared_ptr<Connection>;
  /// A peer's canonical URI and the interface it is bound to.
  using PeerName = std::pair<std::string, std::string>;

  std::optional<LinkId> admit(Connection& connection, std::string& reason) override;
  void connection_up(Connection& connection) override;
  void setup_failed(Connection& connection, const SetupFailure& failure) override;
  void connection_down(Connection& connection, std::string_view reason) override;
  void heard(Connection& connection) override;
  void take_frame(Connection& connection, Packet body) override;
  void batch_done(Connection& connection) override;
  std::optional<Packet> next_frame(Connection& connection) override;
  void want_turn(Connection& connection) override;

  ConnectionPtr make_connection(const Dialler& dialler, UniqueFd fd,
                                const SocketAddress& remote) override;
  void dial_failed(const Dialler& dialler, std::string_view reason) override;
  void dialler_done(Dialler& dialler) override;
  void accepted(const Listener& listener, UniqueFd fd, const SocketAddress& remote) override;
  bool make_room() override;

  /// Our side of the terms; makes the TLS context if this is the first to need it.
  Result<std::shared_ptr<const ConnectionTerms>, std::string> terms_for(
      const PeerUri& uri, bool inbound, InterfaceIndex discovered_on = 0);
  Result<void, std::string> add_dialler(PeerUri uri, std::string_view interface,
                                        InterfaceIndex discovered_on, Redial redial);
  Result<std::shared_ptr<Listener>, std::string> open_listener(const PeerUri& uri,
                                                               InterfaceIndex discovered_on,
                                                               std::uint16_t& port);
  std::vector<std::uint8_t> greeting(const ConnectionTerms& terms, const std::string& remote) const;
  std::unique_ptr<ByteStream> make_stream(int fd, const ConnectionTerms& terms) const;
  ConnectionPtr new_connection(UniqueFd fd, std::shared_ptr<const ConnectionTerms> terms,
                               std::string uri, std::string remote);
  bool evict_for(const Connection& newcomer);
  std::shared_ptr<Dialler> dialler_of(const Connection& connection) const;
  void take_turns();

  asio::io_context& io_;
  const KeyPair& identity_;
  Random& random_;
  LinksOptions options_;
  LinkObserver& observer_;
  Connection::Context context_;

  bool shut_down_ = false;
  std::uint64_t next_id_ = 1;
  LinkTotals totals_;  // bytes: of links that ended
  std::unique_ptr<TlsContext> tls_;
  std::map<PeerName, std::shared_ptr<Dialler>> diallers_;
  /// By canonical URI; one that takes any port may stand here repeatedly.
  std::multimap<std::string, std::shared_ptr<Listener>> listeners_;
  std::map<InterfaceIndex, std::shared_ptr<Listener>> local_listeners_;
  std::list<ConnectionPtr> half_open_;  // oldest first
  std::map<LinkId, ConnectionPtr> inbound_;
  std::unordered_map<std::uint64_t, ConnectionPtr> by_id_;
  std::vector<ConnectionPtr> turns_;  // connections that have something to write
};

}  // namespace thicket::transport
