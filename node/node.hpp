#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/random.hpp"
#include "crypto/result.hpp"
#include "node/config/config.hpp"
#include "node/config/config_follower.hpp"
#include "node/health.hpp"
#include "node/privileges/protections.hpp"
#include "node/remote_queries.hpp"
#include "routing/endpoint.hpp"
#include "transport/links.hpp"
#include "tun/device.hpp"

namespace thicket::node {

/// Reads a node's configuration again.
using ConfigSource = std::function<Result<Config, ConfigError>()>;

/// One running node: links, endpoint, gateway and device wired together on one event loop.
class Node {
 public:
  /// `config.identity` must be set. `device` may be null: no IPv6 side. References must outlive it.
  Node(asio::io_context& io, Random& random, Config config, std::unique_ptr<tun::Device> device);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Listens, opens the administration socket and that of metrics: all that may take privileges. A
  /// socket that cannot be opened is only logged (admin.md §13). Starts no thread.
  Result<void, std::string> open();
  /// Dials, and opens what is not open yet. A peer URI that cannot be used is an error.
  Result<void, std::string> start();
  /// Closes everything; afterwards the io_context runs out of work.
  void stop();

  /// What getStatus tells of the process.
  void show_protections(Protections protections);
  /// Where reload() reads the configuration.
  void reload_from(ConfigSource source);
  /// Reads the configuration again and follows it, without disturbing what did not change; logs
  /// what became of it. Errors, after which all is as before: why it cannot be read or is wrong.
  Result<ReloadReport, std::string> reload();

  /// What the entries of Config::listen were bound to at start, in order; 0: it could not be
  /// opened.
  const std::vector<std::uint16_t>& listening_ports() const;
  /// Where metrics are served; 0: nowhere.
  std::uint16_t metrics_port() const;
  Health health() const;
  /// As the administration socket's requests do.
  Result<void, std::string> add_peer(std::string_view uri);
  Result<void, std::string> remove_peer(std::string_view uri);
  std::vector<transport::PeerStatus> peers() const;
  /// Asks another node; see RemoteQueries::ask().
  void ask(const PublicKey& to, Question question, RemoteQueries::AnswerHandler on_answer);
  const routing::Endpoint& endpoint() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thicket::node
