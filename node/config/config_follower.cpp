#include "node/config/config_follower.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "node/build_info.hpp"
#include "node/local_discovery.hpp"
#include "node/log.hpp"
#include "node/remote_queries.hpp"

namespace thicket::node {

namespace {

bool is_new_listener(const ConfigChange& change) {
  const auto* listener = std::get_if<ListenerChange>(&change);
  return listener != nullptr && listener->presence == Presence::added;
}

}  // namespace

ReloadReport ConfigFollower::follow(Config& running, const Config& next) {
  ReloadReport report;
  report.warnings = next.warnings;
  std::vector<ConfigChange> in_the_way;
  for (const ConfigChange& change : config_changes(running, next)) {
    if (std::holds_alternative<RestartNeeded>(change)) {
      report.restart.push_back({key_of(change), describe(change)});
      continue;
    }
    const Done done = carry_out(change, running);
    // Perhaps it is one of our own listeners, closed further on, that has its port.
    if (!done && is_new_listener(change)) {
      in_the_way.push_back(change);
    } else {
      settle(report, running, change, done);
    }
  }
  for (const ConfigChange& change : in_the_way) {
    settle(report, running, change, carry_out(change, running));
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
  switch (change.presence) {
    case Presence::added:
      // Somebody added it by hand already, and now wrote it down: its link is as good.
      if (known) return {};
      break;
    case Presence::removed:
      return known ? links.remove_peer(change.uri, change.interface) : Done{};
    case Presence::changed:
      // Both ends agree on the options when a link comes up.
      if (known) {
        if (auto removed = links.remove_peer(change.uri, change.interface); !removed) {
          return removed;
        }
      }
      break;
  }
  return links.add_peer(change.uri, change.interface);
}

ConfigFollower::Done ConfigFollower::change_listener(const ListenerChange& change) {
  transport::Links& links = wiring_.links();
  switch (change.presence) {
    case Presence::added:
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
