#include "node/node.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <utility>

#include "crypto/address.hpp"
#include "crypto/invariant.hpp"
#include "node/admin/admin_requests.hpp"
#include "node/admin/admin_socket.hpp"
#include "node/admin/event_waits.hpp"
#include "node/build_info.hpp"
#include "node/clock.hpp"
#include "node/local_discovery.hpp"
#include "node/log.hpp"
#include "node/monitoring/http_server.hpp"
#include "node/monitoring/monitoring.hpp"
#include "node/public_peers/auto_peers.hpp"
#include "node/wiring.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::node {
namespace {

/// A URI fit for the log: its query may hold a password.
std::string_view without_query(std::string_view uri) {
  return uri.substr(0, uri.find('?'));
}

Wiring::Options wiring_options(const Config& config, std::string node_info) {
  Wiring::Options options;
  options.links.allowed_public_keys.insert(config.allowed_public_keys.begin(),
                                           config.allowed_public_keys.end());
  options.sessions.group_password = config.group_password;
  options.lookup = config.lookup;
  if (!config.node_info_privacy) options.agent = build_agent();
  options.node_info = std::move(node_info);
  options.log_lookups = config.log_lookups;
  options.measure_rates = is_admin_enabled(config.admin_listen) || config.metrics_listen != "none";
  return options;
}

}  // namespace

struct Node::State {
  State(asio::io_context& io_context, Random& random, Config the_config,
        std::unique_ptr<tun::Device> device);

  Result<void, std::string> dial();
  void listen();
  void discover();
  void choose_peers();
  void open_admin_socket();
  void open_metrics();
  HealthFacts health_facts() const;
  Result<ReloadReport, std::string> reload();
  void read_peer_list_again(ReloadReport& report);

  const Instant started = current_time().steady;
  asio::io_context& io;
  Config config;  // what the node runs with: listeners that could not be opened are not in it
  ConfigSource source;
  Result<std::string, std::string> node_info;
  std::shared_ptr<Wiring> wiring;
  std::shared_ptr<transport::Discovery> discovery;
  AutoPeers auto_peers;
  ConfigFollower follower;
  EventWaits event_waits;
  AdminRequests admin_requests;
  std::optional<AdminSocket> admin_socket;
  Monitoring monitoring;
  std::optional<HttpServer> metrics;
  std::vector<std::uint16_t> ports;
  std::size_t listeners_failed = 0;
  bool is_open = false;
};

Node::State::State(asio::io_context& io_context, Random& random, Config the_config,
                   std::unique_ptr<tun::Device> device)
    : io(io_context),
      config(std::move(the_config)),
      node_info(make_node_info(config.node_info_json, config.node_info_privacy)),
      wiring(std::make_shared<Wiring>(io, *config.identity, random,
                                      wiring_options(config, node_info.value_or("{}")),
                                      std::move(device))),
      discovery(make_discovery(io, random, config, *wiring)),
      auto_peers(io, random, *wiring),
      follower(*wiring, *discovery, auto_peers),
      event_waits(io, event_log()),
      admin_requests(*wiring, *discovery, [this] { return reload(); }),
      monitoring(
          *wiring, *discovery, [this] { return assess_health(health_facts()); }, started) {
  admin_requests.show_health([this] { return assess_health(health_facts()); }, started);
  admin_requests.show_auto_peers(auto_peers);
  admin_requests.show_events(event_waits);
  monitoring.show_auto_peers(auto_peers);
}

Result<void, std::string> Node::State::dial() {
  std::vector<std::pair<std::string, std::string>> peers;
  for (const std::string& uri : config.peers) peers.emplace_back(uri, "");
  for (const auto& [interface, uris] : config.interface_peers) {
    for (const std::string& uri : uris) peers.emplace_back(uri, interface);
  }
  std::set<std::pair<std::string, std::string>> dialled;
  for (const auto& [uri, interface] : peers) {
    // The same peer may stand in the configuration and on the command line, spelt differently.
    const auto parsed = transport::parse_peer_uri(uri);
    if (!dialled.emplace(parsed ? parsed->to_string() : uri, interface).second) {
      spdlog::warn("peer {} is given more than once; the first one counts", without_query(uri));
      continue;
    }
    if (auto added = wiring->links().add_peer(uri, interface); !added) {
      return failure(fmt::format("peer {}: {}", without_query(uri), added.error()));
    }
  }
  return {};
}

void Node::State::listen() {
  for (const std::string& uri : std::exchange(config.listen, {})) {
    const auto port = wiring->links().listen(uri);
    if (port) {
      config.listen.push_back(uri);
      const bool chosen = *port != 0 && uri.find(fmt::format(":{}", *port)) == std::string::npos;
      spdlog::info("listening at {}{}", without_query(uri),
                   chosen ? fmt::format(", port {}", *port) : "");
    } else {
      spdlog::error("not listening at {}: {}", without_query(uri), port.error());
      ++listeners_failed;
    }
    ports.push_back(port.value_or(0));
  }
}

/// Of the list of public peers, if there is one. What cannot be read now can at the next reload.
void Node::State::choose_peers() {
  auto_peers.leave_alone(config.peers);
  const AutoPeersConfig wanted = std::exchange(config.auto_peers, {});
  if (wanted.file.empty()) return;
  if (const auto begun = auto_peers.follow(wanted); !begun) {
    spdlog::error("no peers chosen: {}", begun.error());
    return;
  }
  config.auto_peers = wanted;
}

void Node::State::discover() {
  if (const auto begun = discovery->start(); !begun) {
    spdlog::warn("no local discovery: {}", begun.error());
  }
}

void Node::State::open_admin_socket() {
  if (!is_admin_enabled(config.admin_listen)) return;
  auto opened = AdminSocket::open(io, config.admin_listen, admin_requests);
  if (opened) {
    admin_socket.emplace(std::move(*opened));
    spdlog::info("administration socket at {}", config.admin_listen);
  } else if (config.admin_listen != Config{}.admin_listen) {
    spdlog::error(
        "no administration socket at {}: {}; set AdminListen to an address that is free, or to "
        "none",
        config.admin_listen, opened.error());
  } else {
    // Nobody asked for this one: it is only where it would be by default.
    spdlog::info("no administration socket at {}: {}", config.admin_listen, opened.error());
  }
}

void Node::State::open_metrics() {
  if (config.metrics_listen == "none") return;
  const auto address = parse_http_address(config.metrics_listen);
  auto opened = address ? HttpServer::open(io, *address,
                                           [this](const HttpRequest& request) {
                                             return monitoring.answer(request);
                                           })
                        : failure(address.error());
  if (opened) {
    metrics.emplace(std::move(*opened));
    spdlog::info("metrics and dashboard at http://{}/", metrics->address().to_string());
  } else {
    spdlog::error("no metrics at {}: {}; set MetricsListen to an address that is free, or to none",
                  config.metrics_listen, opened.error());
  }
}

HealthFacts Node::State::health_facts() const {
  HealthFacts facts;
  facts.tun_wanted = config.interface_name != "none";
  facts.tun_up = wiring->device() != nullptr;
  for (const transport::PeerStatus& peer : wiring->links().peers()) {
    facts.peers_up += peer.up ? 1 : 0;
    facts.peers_dialled += peer.inbound ? 0 : 1;
  }
  facts.listeners_failed = listeners_failed;
  return facts;
}

Result<ReloadReport, std::string> Node::State::reload() {
  if (!source) return failure(std::string("this node has no configuration file"));
  const auto next = source();
  if (!next) {
    spdlog::error("configuration not reloaded, nothing has changed: {}", next.error().to_string());
    return failure(next.error().to_string());
  }
  auto_peers.leave_alone(next->peers);
  const AutoPeersConfig chosen_by = config.auto_peers;
  ReloadReport report = follower.follow(config, *next);
  if (config.auto_peers == chosen_by) read_peer_list_again(report);
  const auto failed = std::ranges::count(report.failed, "Listen", &ReloadReport::Item::key);
  listeners_failed = static_cast<std::size_t>(failed);
  for (const std::string& warning : report.warnings) spdlog::warn("{}", warning);
  for (const auto& item : report.changed) spdlog::info("{}: {}", item.key, item.text);
  for (const auto& item : report.restart) spdlog::warn("{}: {}", item.key, item.text);
  for (const auto& item : report.failed) spdlog::error("{}: {}", item.key, item.text);
  spdlog::info("configuration reloaded{}", report.changed.empty() ? ": nothing to change" : "");
  return report;
}

/// The list may have changed when nothing else has.
void Node::State::read_peer_list_again(ReloadReport& report) {
  const auto read = auto_peers.read_list_again();
  if (!read) {
    report.failed.push_back({"AutoPeers", read.error()});
  } else if (*read) {
    report.changed.push_back({"AutoPeers", "its list has changed"});
  }
}

Node::Node(asio::io_context& io, Random& random, Config config,
           std::unique_ptr<tun::Device> device) {
  INVARIANT(config.identity.has_value());
  state_ = std::make_unique<State>(io, random, std::move(config), std::move(device));
}

Node::~Node() {
  stop();
}

Result<void, std::string> Node::open() {
  if (!state_->node_info) return failure(state_->node_info.error());
  if (std::exchange(state_->is_open, true)) return {};
  state_->open_admin_socket();
  state_->open_metrics();
  state_->listen();
  return {};
}

Result<void, std::string> Node::start() {
  if (auto opened = open(); !opened) return opened;
  if (auto dialled = state_->dial(); !dialled) return dialled;
  state_->choose_peers();
  state_->discover();
  state_->wiring->start();
  return {};
}

void Node::stop() {
  state_->metrics.reset();
  state_->admin_socket.reset();
  state_->event_waits.stop();
  state_->auto_peers.stop();
  state_->discovery->stop();
  state_->wiring->stop();
}

void Node::show_protections(Protections protections) {
  state_->admin_requests.show_protections(std::move(protections));
}

void Node::reload_from(ConfigSource source) {
  state_->source = std::move(source);
}

Result<ReloadReport, std::string> Node::reload() {
  return state_->reload();
}

const std::vector<std::uint16_t>& Node::listening_ports() const {
  return state_->ports;
}

std::uint16_t Node::metrics_port() const {
  return state_->metrics ? state_->metrics->address().port : 0;
}

Health Node::health() const {
  return assess_health(state_->health_facts());
}

Result<void, std::string> Node::add_peer(std::string_view uri) {
  return state_->wiring->links().add_peer(uri);
}

Result<void, std::string> Node::remove_peer(std::string_view uri) {
  return state_->wiring->links().remove_peer(uri);
}

std::vector<transport::PeerStatus> Node::peers() const {
  return state_->wiring->links().peers();
}

void Node::ask(const PublicKey& to, Question question, RemoteQueries::AnswerHandler on_answer) {
  state_->wiring->ask(to, question, std::move(on_answer));
}

const routing::Endpoint& Node::endpoint() const {
  return state_->wiring->endpoint();
}

}  // namespace thicket::node
