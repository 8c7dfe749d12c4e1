#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "node/config/config.hpp"
#include "node/config/config_change.hpp"
#include "node/public_peers/auto_peers.hpp"
#include "node/wiring.hpp"
#include "transport/discovery.hpp"

namespace thicket::node {

/// What became of a configuration that was read again.
struct ReloadReport {
  struct Item {
    std::string_view key;
    std::string text;  ///< one sentence without a full stop; nothing in it is secret
  };
  std::vector<Item> changed;          ///< done
  std::vector<Item> restart;          ///< left as it is: counts when the node starts again
  std::vector<Item> failed;           ///< could not be done; tried again at the next reload
  std::vector<std::string> warnings;  ///< of the file's reader
};

/// Has a running node follow its configuration. What did not change goes on undisturbed.
class ConfigFollower {
 public:
  /// References must outlive it.
  ConfigFollower(Wiring& wiring, transport::Discovery& discovery, AutoPeers& auto_peers)
      : wiring_(wiring), discovery_(discovery), auto_peers_(auto_peers) {}

  /// Carries out what `next` changes; `running`, which the node runs with, becomes what it runs
  /// with afterwards.
  ReloadReport follow(Config& running, const Config& next);

 private:
  using Done = Result<void, std::string>;
  Done carry_out(const ConfigChange& change, const Config& running);
  Done change_peer(const PeerChange& change);
  Done change_listener(const ListenerChange& change);
  Done change_node_info(const std::string& json, bool privacy);
  void settle(ReloadReport& report, Config& running, const ConfigChange& change, const Done& done);

  Wiring& wiring_;
  transport::Discovery& discovery_;
  AutoPeers& auto_peers_;
};

}  // namespace thicket::node
