#include "node/config/config_follower.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "node/build_info.hpp"
#include "node/local_discovery.hpp"
#include "node/log.hpp"
#include "node/remote_queries.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::node {

namespace {

bool is_listener(const ConfigChange& change, Presence presence) {
  const auto* listener = std::get_if<ListenerChange>(&change);
  return listener != nullptr && listener->presence == presence;
}

/// Name servers may take long to answer, and a listener's name is looked up by the loop itself.
bool has_name_to_look_up(const std::string& listener) {
  const auto uri = transport::parse_peer_uri(listener, transport::UriUse::listen);
  return uri && uri->scheme != transport::Scheme::unix_socket && !uri->host_is_address() &&
         uri->host != "localhost";
}

}  // namespace

ReloadReport ConfigFollower::follow(Config& running, const Config& next) {
  ReloadReport report;
  report.warnings = next.warnings;
  std::vector<std::pair<ConfigChange, Done>> refused_listeners;
  bool has_closed_listener = false;
  for (const ConfigChange& change : config_changes(running, next)) {
    if (std::holds_alternative<RestartNeeded>(change)) {
      report.restart.push_back({key_of(change), describe(change)});
      continue;
    }
    const Done done = carry_out(change, running);
    has_closed_listener |= done && is_listener(change, Presence::removed);
    if (!done && is_listener(change, Presence::added)) {
      refused_listeners.emplace_back(change, done);
    } else {
      settle(report, running, change, done);
    }
  }
  // Perhaps it was one of our own listeners, closed meanwhile, that had its port.
  for (const auto& [change, done] : refused_listeners) {
    settle(report, running, change, has_closed_listener ? carry_out(change, running) : done);
  }
  wiring_.schedule_pump();
  return report;
}

void ConfigFollower::settle(ReloadReport& report, Config& running, const ConfigChange& change,
                            const Done& done) {
  if (done) {
    apply_change(running, change);
    report.changed.push_back({key_of(change), describe(change)});
  } else {
    report.failed.push_back(
        {key_of(change), fmt::format("{}: {}", describe(change), done.error())});
  }
}

ConfigFollower::Done ConfigFollower::carry_out(const ConfigChange& change, const Config& running) {
  if (const auto* peer = std::get_if<PeerChange>(&change)) return change_peer(*peer);
  if (const auto* listener = std::get_if<ListenerChange>(&change)) {
    return change_listener(*listener);
  }
  if (const auto* chosen = std::get_if<AutoPeersChange>(&change)) {
    return auto_peers_.follow(chosen->auto_peers);
  }
  if (const auto* multicast = std::get_if<MulticastChange>(&change)) {
    return discovery_.change_rules(discovery_rules(multicast->interfaces));
  }
  if (const auto* allowed = std::get_if<AllowedKeysChange>(&change)) {
    wiring_.links().allow(std::set<PublicKey>(allowed->keys.begin(), allowed->keys.end()));
  } else if (const auto* info = std::get_if<NodeInfoChange>(&change)) {
    return change_node_info(info->json, running.node_info_privacy);
  } else if (const auto* privacy = std::get_if<NodeInfoPrivacyChange>(&change)) {
    wiring_.set_agent(privacy->privacy ? std::string() : build_agent());
    return change_node_info(running.node_info_json, privacy->privacy);
  } else if (const auto* lookup = std::get_if<LookupChange>(&change)) {
    wiring_.set_lookup(lookup->lookup);
  } else if (const auto* level = std::get_if<LogLevelChange>(&change)) {
    set_log_level(level->level);
  } else if (const auto* lookups = std::get_if<LogLookupsChange>(&change)) {
    wiring_.set_log_lookups(lookups->log_lookups);
  }
  return {};
}

ConfigFollower::Done ConfigFollower::change_peer(const PeerChange& change) {
  transport::Links& links = wiring_.links();
  const bool known = links.has_peer(change.uri, change.interface);
  if (change.presence == Presence::removed) {
    return known ? links.remove_peer(change.uri, change.interface) : Done{};
  }
  // Somebody added it by hand, or it was chosen, and now it is written down: its link is as good.
  if (links.keep_peer(change.uri, change.interface)) return {};
  // Both ends agree on the options when a link comes up.
  if (known) {
    if (auto removed = links.remove_peer(change.uri, change.interface); !removed) return removed;
  }
  return links.add_peer(change.uri, change.interface);
}

ConfigFollower::Done ConfigFollower::change_listener(const ListenerChange& change) {
  transport::Links& links = wiring_.links();
  switch (change.presence) {
    case Presence::added:
      if (has_name_to_look_up(change.uri)) {
        return failure(std::string("names are looked up at start: restart, or write an address"));
      }
      break;
    case Presence::removed:
      return links.stop_listening(change.uri);
    case Presence::changed:
      return links.change_listener(change.uri);
  }
  const auto port = links.listen(change.uri);
  if (!port) return failure(port.error());
  return {};
}

ConfigFollower::Done ConfigFollower::change_node_info(const std::string& json, bool privacy) {
  auto info = make_node_info(json, privacy);
  if (!info) return failure(info.error());
  wiring_.set_node_info(std::move(*info));
  return {};
}

}  // namespace thicket::node
