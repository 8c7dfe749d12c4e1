#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "crypto/public_key.hpp"
#include "node/config/config.hpp"

// How one configuration differs from another: what a running node has to do to follow its file.
namespace thicket::node {

/// A peer or listener that one configuration has and the other has not, or has with other options.
/// Both are known by their URI without its options; a peer by its interface too.
enum class Presence { added, removed, changed };

struct PeerChange {
  Presence presence;
  std::string uri;        ///< as the new configuration has it, or the old one if it is removed
  std::string interface;  ///< of InterfacePeers; empty: Peers
  bool operator==(const PeerChange&) const = default;
};
struct AutoPeersChange {
  AutoPeersConfig auto_peers;
  bool operator==(const AutoPeersChange&) const = default;
};
struct ListenerChange {
  Presence presence;
  std::string uri;
  bool operator==(const ListenerChange&) const = default;
};
struct MulticastChange {
  std::vector<MulticastInterface> interfaces;  ///< all there are now
  bool operator==(const MulticastChange&) const = default;
};
struct AllowedKeysChange {
  std::vector<PublicKey> keys;  ///< all there are now, in order
  bool operator==(const AllowedKeysChange&) const = default;
};
struct NodeInfoChange {
  std::string json;
  bool operator==(const NodeInfoChange&) const = default;
};
struct NodeInfoPrivacyChange {
  bool privacy;
  bool operator==(const NodeInfoPrivacyChange&) const = default;
};
struct LookupChange {
  routing::LookupPolicy lookup;
  bool operator==(const LookupChange&) const = default;
};
struct LogLevelChange {
  std::string level;
  bool operator==(const LogLevelChange&) const = default;
};
struct LogLookupsChange {
  bool log_lookups;
  bool operator==(const LogLookupsChange&) const = default;
};
/// A key that counts only when a node starts.
struct RestartNeeded {
  std::string_view key;
  bool operator==(const RestartNeeded&) const = default;
};

using ConfigChange = std::variant<PeerChange, AutoPeersChange, ListenerChange, MulticastChange,
                                  AllowedKeysChange, NodeInfoChange, NodeInfoPrivacyChange,
                                  LookupChange, LogLevelChange, LogLookupsChange, RestartNeeded>;

/// What is to be done to get from one to the other, in the order in which to do it: what is added
/// comes before what is removed. Empty if both say the same, perhaps with other words or in another
/// order. A configuration without a key is taken to mean the key that is there.
std::vector<ConfigChange> config_changes(const Config& from, const Config& to);

/// Has `config` say what the change says; RestartNeeded changes nothing.
void apply_change(Config& config, const ConfigChange& change);

/// The configuration key that it is about.
std::string_view key_of(const ConfigChange& change);
/// "tls://host:port added"; nothing in it is secret.
std::string describe(const ConfigChange& change);

}  // namespace thicket::node
