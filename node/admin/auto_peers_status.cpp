#include "node/admin/auto_peers_status.hpp"

#include <chrono>
#include <nlohmann/json.hpp>

namespace thicket::node {

namespace {

using nlohmann::json;
using Seconds = std::chrono::duration<double>;

const char* name_of(PeerSelection::State state) {
  switch (state) {
    case PeerSelection::State::trial:
      return "trial";
    case PeerSelection::State::up:
      return "up";
    case PeerSelection::State::down:
      break;
  }
  return "down";
}

json held_status(const PeerSelection& selection, const PeerSelection::Held& held, Instant now) {
  json status = {{"uri", held.name},
                 {"state", name_of(held.state)},
                 {"since", Seconds(now - held.since).count()}};
  if (held.replaces) status["replaces"] = *held.replaces;
  if (const PeerScore* score = selection.score_of(held.name)) {
    status["handshake"] = Seconds(score->setup()).count();
    status["loss"] = score->loss();
    status["answers"] = score->answers();
  }
  return status;
}

}  // namespace

json auto_peers_status(const AutoPeers& auto_peers, Instant now) {
  const PeerSelection& selection = auto_peers.selection();
  const PeerSelection::Counters& counters = selection.counters();
  json peers = json::array();
  for (const PeerSelection::Held& held : selection.held()) {
    peers.push_back(held_status(selection, held, now));
  }
  return {{"enabled", auto_peers.enabled()},
          {"file", auto_peers.config().file.string()},
          {"count", auto_peers.config().count},
          {"replace_after", auto_peers.config().replace_after},
          {"candidates", selection.candidates()},
          {"replacements", counters.replacements},
          {"probes_answered", counters.probes_answered},
          {"probes_failed", counters.probes_failed},
          {"peers", std::move(peers)}};
}

void mark_auto_peers(const AutoPeers& auto_peers, json& peers) {
  for (json& peer : peers) {
    const bool inbound = peer.at("inbound").get<bool>();
    if (!inbound && auto_peers.chose(peer.at("remote").get_ref<const std::string&>())) {
      peer["auto"] = true;
    }
  }
}

}  // namespace thicket::node
