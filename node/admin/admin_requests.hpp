#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/result.hpp"
#include "crypto/time.hpp"
#include "node/admin/event_waits.hpp"
#include "node/config/config_follower.hpp"
#include "node/health.hpp"
#include "node/privileges/protections.hpp"
#include "node/public_peers/auto_peers.hpp"
#include "node/remote_queries.hpp"
#include "node/wiring.hpp"
#include "transport/discovery.hpp"

namespace thicket::node {

/// What goes back to whoever sent a request.
struct AdminReply {
  std::string text;        ///< JSON, newline at the end
  bool keep_open = false;  ///< more requests may follow
};

/// The requests of the administration socket (admin.md §12), from text to text.
class AdminRequests {
 public:
  using ReplyHandler = std::function<void(AdminReply)>;

  using ReloadHandler = std::function<Result<ReloadReport, std::string>()>;

  /// Both must outlive this. `reload` reads the configuration again and follows it.
  AdminRequests(Wiring& wiring, const transport::Discovery& discovery, ReloadHandler reload)
      : wiring_(wiring), discovery_(discovery), reload_(std::move(reload)) {}

  /// What getStatus and health show beside the above; until then they are errors. `started`: when
  /// the node was.
  void show_health(std::function<Health()> health, Instant started) {
    health_ = std::move(health);
    started_ = started;
  }

  /// What getAutoPeers shows, and which peers getPeers marks; must outlive this.
  void show_auto_peers(const AutoPeers& auto_peers) { auto_peers_ = &auto_peers; }
  /// What events shows and waits for; must outlive this.
  void show_events(EventWaits& event_waits) { event_waits_ = &event_waits; }
  /// What getStatus tells of the process.
  void show_protections(Protections protections) { protections_ = std::move(protections); }

  /// Carries out one request; `on_reply` is called once, perhaps at once, perhaps seconds later,
  /// never after the wiring is gone.
  void handle(std::string_view request, ReplyHandler on_reply);
  /// The answer to bytes that are no request.
  static AdminReply refusal(std::string_view error);

 private:
  using Outcome = Result<nlohmann::json, std::string>;
  using OutcomeHandler = std::function<void(Outcome)>;
  struct Command;
  struct Table;
  static const Command* find(std::string_view lower_case_name);

  void list(const nlohmann::json& arguments, const OutcomeHandler& done);
  void events(const nlohmann::json& arguments, const OutcomeHandler& done);
  void get_auto_peers(const nlohmann::json& arguments, const OutcomeHandler& done);
  void get_dht(const nlohmann::json& arguments, const OutcomeHandler& done);
  void get_self(const nlohmann::json& arguments, const OutcomeHandler& done);
  void get_peers(const nlohmann::json& arguments, const OutcomeHandler& done);
  void get_tree(const nlohmann::json& arguments, const OutcomeHandler& done);
  void get_paths(const nlohmann::json& arguments, const OutcomeHandler& done);
  void get_sessions(const nlohmann::json& arguments, const OutcomeHandler& done);
  void add_peer(const nlohmann::json& arguments, const OutcomeHandler& done);
  void remove_peer(const nlohmann::json& arguments, const OutcomeHandler& done);
  void get_status(const nlohmann::json& arguments, const OutcomeHandler& done);
  void get_tun(const nlohmann::json& arguments, const OutcomeHandler& done);
  void get_multicast_interfaces(const nlohmann::json& arguments, const OutcomeHandler& done);
  void get_node_info(const nlohmann::json& arguments, const OutcomeHandler& done);
  void remote_get_self(const nlohmann::json& arguments, const OutcomeHandler& done);
  void remote_get_peers(const nlohmann::json& arguments, const OutcomeHandler& done);
  void remote_get_tree(const nlohmann::json& arguments, const OutcomeHandler& done);
  void reload(const nlohmann::json& arguments, const OutcomeHandler& done);
  void health(const nlohmann::json& arguments, const OutcomeHandler& done);
  void lookup(const nlohmann::json& arguments, const OutcomeHandler& done);
  void ping(const nlohmann::json& arguments, const OutcomeHandler& done);
  void trace(const nlohmann::json& arguments, const OutcomeHandler& done);
  void ask(const nlohmann::json& arguments, Question question, const OutcomeHandler& done);

  Wiring& wiring_;
  const transport::Discovery& discovery_;
  const ReloadHandler reload_;
  std::function<Health()> health_;
  Instant started_{};
  const AutoPeers* auto_peers_ = nullptr;
  EventWaits* event_waits_ = nullptr;
  std::optional<Protections> protections_;
};

}  // namespace thicket::node
