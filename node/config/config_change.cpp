#include "node/config/config_change.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "node/config/config_uri.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::node {

namespace {

using transport::UriUse;

/// A URI as written, and as it is understood if it can be.
struct Place {
  std::string text;
  std::optional<transport::PeerUri> uri;
};

/// What tells places apart: the canonical URI without its options, and an interface.
using PlaceName = std::pair<std::string, std::string>;
using Places = std::map<PlaceName, Place>;

std::string name_of(const std::string& text, UriUse use) {
  const auto uri = transport::parse_peer_uri(text, use);
  return uri ? uri->to_string() : text;
}

/// The first one of a name counts, as it does at start.
void put(Places& places, const std::string& text, const std::string& interface, UriUse use) {
  auto parsed = transport::parse_peer_uri(text, use);
  Place place{text, std::nullopt};
  if (parsed) place.uri = std::move(*parsed);
  std::string name = place.uri ? place.uri->to_string() : text;
  places.emplace(PlaceName(std::move(name), interface), std::move(place));
}

Places peers_of(const Config& config) {
  Places places;
  for (const std::string& uri : config.peers) put(places, uri, "", UriUse::dial);
  for (const auto& [interface, uris] : config.interface_peers) {
    for (const std::string& uri : uris) put(places, uri, interface, UriUse::dial);
  }
  return places;
}

Places listeners_of(const Config& config) {
  Places places;
  for (const std::string& uri : config.listen) put(places, uri, "", UriUse::listen);
  return places;
}

template <class Report>
void compare(const Places& from, const Places& to, const Report& report) {
  for (const auto& [name, place] : to) {
    const auto before = from.find(name);
    if (before == from.end()) {
      report(Presence::added, place.text, name.second);
    } else if (before->second.uri != place.uri) {
      report(Presence::changed, place.text, name.second);
    }
  }
  for (const auto& [name, place] : from) {
    if (!to.contains(name)) report(Presence::removed, place.text, name.second);
  }
}

std::vector<PublicKey> in_order(const std::vector<PublicKey>& keys) {
  const std::set<PublicKey> set(keys.begin(), keys.end());
  return {set.begin(), set.end()};
}

/// Privacy first where it makes room, last where it takes some: NodeInfo fits at every step.
void compare_node_info(const Config& from, const Config& to, std::vector<ConfigChange>& changes) {
  const bool differs = from.node_info_privacy != to.node_info_privacy;
  const NodeInfoPrivacyChange privacy{to.node_info_privacy};
  if (differs && privacy.privacy) changes.push_back(privacy);
  if (from.node_info_json != to.node_info_json) {
    changes.push_back(NodeInfoChange{to.node_info_json});
  }
  if (differs && !privacy.privacy) changes.push_back(privacy);
}

bool is_other_identity(const Config& from, const Config& to) {
  return to.identity &&
         (!from.identity || to.identity->public_key() != from.identity->public_key());
}

bool can_follow(routing::LookupPolicy from, routing::LookupPolicy to) {
  // Taking part in the DHT, or not, is settled when the router is made and told to every peer.
  return from != routing::LookupPolicy::bloom && to != routing::LookupPolicy::bloom;
}

void compare_what_needs_a_restart(const Config& from, const Config& to,
                                  std::vector<ConfigChange>& changes) {
  const auto check = [&](std::string_view key, bool differs) {
    if (differs) changes.push_back(RestartNeeded{key});
  };
  check("PrivateKey", is_other_identity(from, to));
  check("AdminListen", from.admin_listen != to.admin_listen);
  check("MetricsListen", from.metrics_listen != to.metrics_listen);
  check("GroupPassword", from.group_password != to.group_password);
  check("IfName", from.interface_name != to.interface_name);
  check("IfMTU", from.interface_mtu != to.interface_mtu);
  check("Sandbox", from.sandbox != to.sandbox);
  check("Lookup", from.lookup != to.lookup && !can_follow(from.lookup, to.lookup));
}

void replace_peer(std::vector<std::string>& uris, const PeerChange& change) {
  const std::string name = name_of(change.uri, UriUse::dial);
  const auto is_it = [&](const std::string& uri) { return name_of(uri, UriUse::dial) == name; };
  const auto at = std::ranges::find_if(uris, is_it);
  if (change.presence == Presence::changed && at != uris.end()) {
    *at = change.uri;
  } else if (change.presence == Presence::removed) {
    std::erase_if(uris, is_it);
  } else {
    uris.push_back(change.uri);
  }
}

struct Applier {
  Config& config;
  void operator()(const PeerChange& change) const {
    if (change.interface.empty()) return replace_peer(config.peers, change);
    auto& uris = config.interface_peers[change.interface];
    replace_peer(uris, change);
    if (uris.empty()) config.interface_peers.erase(change.interface);
  }
  void operator()(const AutoPeersChange& change) const { config.auto_peers = change.auto_peers; }
  void operator()(const ListenerChange& change) const {
    const std::string name = name_of(change.uri, UriUse::listen);
    std::erase_if(config.listen,
                  [&](const std::string& uri) { return name_of(uri, UriUse::listen) == name; });
    if (change.presence != Presence::removed) config.listen.push_back(change.uri);
  }
  void operator()(const MulticastChange& change) const {
    config.multicast_interfaces = change.interfaces;
  }
  void operator()(const AllowedKeysChange& change) const {
    config.allowed_public_keys = change.keys;
  }
  void operator()(const NodeInfoChange& change) const { config.node_info_json = change.json; }
  void operator()(const NodeInfoPrivacyChange& change) const {
    config.node_info_privacy = change.privacy;
  }
  void operator()(const LookupChange& change) const { config.lookup = change.lookup; }
  void operator()(const LogLevelChange& change) const { config.log_level = change.level; }
  void operator()(const LogLookupsChange& change) const { config.log_lookups = change.log_lookups; }
  void operator()(const RestartNeeded&) const {}
};

struct Key {
  std::string_view operator()(const PeerChange& change) const {
    return change.interface.empty() ? "Peers" : "InterfacePeers";
  }
  std::string_view operator()(const AutoPeersChange&) const { return "AutoPeers"; }
  std::string_view operator()(const ListenerChange&) const { return "Listen"; }
  std::string_view operator()(const MulticastChange&) const { return "MulticastInterfaces"; }
  std::string_view operator()(const AllowedKeysChange&) const { return "AllowedPublicKeys"; }
  std::string_view operator()(const NodeInfoChange&) const { return "NodeInfo"; }
  std::string_view operator()(const NodeInfoPrivacyChange&) const { return "NodeInfoPrivacy"; }
  std::string_view operator()(const LookupChange&) const { return "Lookup"; }
  std::string_view operator()(const LogLevelChange&) const { return "LogLevel"; }
  std::string_view operator()(const LogLookupsChange&) const { return "LogLookups"; }
  std::string_view operator()(const RestartNeeded& change) const { return change.key; }
};

std::string_view word_for(Presence presence) {
  switch (presence) {
    case Presence::added:
      return "added";
    case Presence::removed:
      return "removed";
    case Presence::changed:
      break;
  }
  return "has other options";
}

struct Description {
  std::string operator()(const PeerChange& change) const {
    return fmt::format("{}{} {}", without_secrets(change.uri),
                       change.interface.empty() ? "" : " by " + change.interface,
                       word_for(change.presence));
  }
  std::string operator()(const AutoPeersChange& change) const {
    const AutoPeersConfig& wanted = change.auto_peers;
    if (wanted.file.empty()) return "off now";
    return fmt::format("{} of {} now, replaced after {} s", wanted.count, wanted.file.string(),
                       wanted.replace_after);
  }
  std::string operator()(const ListenerChange& change) const {
    return fmt::format("{} {}", without_secrets(change.uri), word_for(change.presence));
  }
  std::string operator()(const MulticastChange& change) const {
    return fmt::format("{} {} now", change.interfaces.size(),
                       change.interfaces.size() == 1 ? "entry" : "entries");
  }
  std::string operator()(const AllowedKeysChange& change) const {
    if (change.keys.empty()) return "any key now";
    return fmt::format("{} {} now", change.keys.size(), change.keys.size() == 1 ? "key" : "keys");
  }
  std::string operator()(const NodeInfoChange&) const { return "changed"; }
  std::string operator()(const NodeInfoPrivacyChange& change) const {
    return fmt::format("{} now", change.privacy);
  }
  std::string operator()(const LookupChange& change) const {
    return fmt::format("{} now", to_string(change.lookup));
  }
  std::string operator()(const LogLevelChange& change) const { return change.level + " now"; }
  std::string operator()(const LogLookupsChange& change) const {
    return fmt::format("{} now", change.log_lookups);
  }
  std::string operator()(const RestartNeeded&) const { return "needs a restart"; }
};

}  // namespace

std::vector<ConfigChange> config_changes(const Config& from, const Config& to) {
  std::vector<ConfigChange> changes;
  // The log first: what follows is logged as the new configuration wants it.
  if (from.log_level != to.log_level) changes.push_back(LogLevelChange{to.log_level});
  if (from.log_lookups != to.log_lookups) changes.push_back(LogLookupsChange{to.log_lookups});
  if (in_order(from.allowed_public_keys) != in_order(to.allowed_public_keys)) {
    changes.push_back(AllowedKeysChange{in_order(to.allowed_public_keys)});
  }
  compare(listeners_of(from), listeners_of(to),
          [&](Presence presence, const std::string& uri, const std::string&) {
            changes.push_back(ListenerChange{presence, uri});
          });
  compare(peers_of(from), peers_of(to),
          [&](Presence presence, const std::string& uri, const std::string& interface) {
            changes.push_back(PeerChange{presence, uri, interface});
          });
  if (from.auto_peers != to.auto_peers) changes.push_back(AutoPeersChange{to.auto_peers});
  if (from.multicast_interfaces != to.multicast_interfaces) {
    changes.push_back(MulticastChange{to.multicast_interfaces});
  }
  if (from.lookup != to.lookup && can_follow(from.lookup, to.lookup)) {
    changes.push_back(LookupChange{to.lookup});
  }
  compare_node_info(from, to, changes);
  compare_what_needs_a_restart(from, to, changes);
  return changes;
}

void apply_change(Config& config, const ConfigChange& change) {
  std::visit(Applier{config}, change);
}

std::string_view key_of(const ConfigChange& change) {
  return std::visit(Key{}, change);
}

std::string describe(const ConfigChange& change) {
  return std::visit(Description{}, change);
}

}  // namespace thicket::node
