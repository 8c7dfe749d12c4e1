#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto/cryptography.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/random.hpp"
#include "crypto/time.hpp"
#include "node/link_log.hpp"
#include "node/next_hops.hpp"
#include "node/peer_rates.hpp"
#include "node/pings.hpp"
#include "node/remote_queries.hpp"
#include "routing/endpoint.hpp"
#include "transport/links.hpp"
#include "tun/device.hpp"
#include "tun/gateway.hpp"

namespace thicket::node {

/// Carries everything between links, endpoint, gateway, device and remote queries. Each event from
/// outside (a batch of frames, a batch of packets, a timer) is handed in, then pump() runs until
/// nothing has an action left. Nothing below ever calls back into a running pump.
class Wiring final : public transport::LinkObserver, public std::enable_shared_from_this<Wiring> {
 public:
  struct Options {
    transport::LinksOptions links;
    crypto::SessionOptions sessions;
    routing::LookupPolicy lookup = routing::LookupPolicy::automatic;
    std::string agent;  ///< what other Thicket nodes are told that we are; empty: nothing
    std::string node_info;
    bool log_lookups = false;
    bool measure_rates = false;  ///< costs a wake-up per second
  };

  /// `device` may be null. References must outlive the object.
  Wiring(asio::io_context& io, const KeyPair& identity, Random& random, Options options,
         std::unique_ptr<tun::Device> device);
  ~Wiring() override;

  /// Starts reading the device.
  void start();
  /// Closes links and device; afterwards nothing keeps the io_context busy.
  void stop();

  /// Asks another node; see RemoteQueries::ask().
  void ask(const PublicKey& to, Question question, RemoteQueries::AnswerHandler on_answer);
  /// Pings another node; see Pings::start().
  bool ping(const PublicKey& key_or_partial_key, const std::optional<Address>& host,
            PingOptions options, Pings::Handler on_end);
  /// Where a packet for `target` goes next; see NextHops::start().
  bool next_hop(const PublicKey& target, const std::optional<PublicKey>& at,
                NextHops::Handler on_end);
  using TraceHandler = std::function<void(const routing::LookupTrace&)>;
  /// See routing::Router::trace_lookup(). `on_traced` is called once, perhaps at once, never after
  /// the object is gone. False: too many are in flight, and it will not be called.
  bool trace_lookup(const PublicKey& key_or_partial_key, TraceHandler on_traced);
  /// Options of the same names anew, from now on: `agent` for new links and sessions, `lookup` only
  /// if neither the old nor the new one is `bloom`.
  void set_agent(std::string agent);
  void set_node_info(std::string node_info) { queries_.set_node_info(std::move(node_info)); }
  void set_lookup(routing::LookupPolicy lookup);
  void set_log_lookups(bool log_lookups) { log_lookups_ = log_lookups; }
  /// Called whenever a link came up or ended, from within: not to call back at once.
  void on_link_change(std::function<void()> tell) { link_change_ = std::move(tell); }
  /// Runs pump() soon; for owners that called into links() or a const part of this.
  void schedule_pump();

  transport::Links& links() { return links_; }
  const transport::Links& links() const { return links_; }
  const routing::Endpoint& endpoint() const { return endpoint_; }
  /// Null: there is none, or it has failed.
  const tun::Device* device() const { return device_.get(); }
  /// Null like the device.
  const tun::Gateway* gateway() const { return gateway_ ? &*gateway_ : nullptr; }
  const RemoteQueries& queries() const { return queries_; }
  const PeerRates& rates() const { return rates_; }
  routing::LookupPolicy lookup_policy() const { return lookup_; }

  void link_up(const transport::LinkInfo& link) override;
  void link_down(const transport::LinkInfo& link, std::string_view reason) override;
  void link_heard(routing::LinkId link) override;
  void frame_received(routing::LinkId link, Packet body) override;
  void batch_received(routing::LinkId link) override;
  std::optional<Packet> next_frame(routing::LinkId link) override;
  void link_failed(std::string_view uri, transport::LinkOrigin origin,
                   std::string_view reason) override;

 private:
  void offer_in_sessions(routing::Capabilities ours);
  void device_batch(std::span<Packet> packets);
  void drop_device();
  std::chrono::nanoseconds device_pause() const;
  void timer_fired();

  /// Takes the time for the event that starts here.
  void sample_time();
  void pump();
  bool take_endpoint_actions();
  bool take_gateway_actions();
  bool take_query_messages();
  bool take_ping_actions();
  bool take_hop_lookups();
  bool wake_links();
  bool flush_device();
  void perform(routing::EndpointAction action);
  void perform(tun::GatewayAction action);
  void deliver(routing::Deliver delivered);
  void arm_timer();
  std::optional<Instant> next_deadline() const;

  const PublicKey self_;
  routing::LookupPolicy lookup_;
  bool log_lookups_;
  const bool measure_rates_;
  SodiumCryptography cryptography_;
  Time now_;
  routing::Endpoint endpoint_;
  RemoteQueries queries_;
  Pings pings_;
  NextHops next_hops_;
  std::unique_ptr<tun::Device> device_;
  std::map<routing::TraceId, TraceHandler> traces_;
  std::optional<tun::Gateway> gateway_;  // present if there is a device
  std::function<void()> link_change_;
  LinkLog log_;
  PeerRates rates_;

  asio::io_context& io_;
  asio::steady_timer timer_;
  std::optional<Instant> armed_;
  std::vector<routing::LinkId> ready_links_;
  std::vector<routing::LinkId> waking_links_;  // empty but while wake_links() runs
  bool pumping_ = false;
  bool pump_scheduled_ = false;
  bool device_written_ = false;
  bool stopped_ = false;

  transport::Links links_;  // last: it calls back
};

}  // namespace thicket::node
