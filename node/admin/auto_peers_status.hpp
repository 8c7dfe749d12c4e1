#pragma once

#include <nlohmann/json_fwd.hpp>

#include "crypto/time.hpp"
#include "node/public_peers/auto_peers.hpp"

namespace thicket::node {

/// {enabled, file, count, replace_after, candidates, replacements, probes_answered, probes_failed,
/// peers: [{uri, state, since, handshake, loss, answers}]}; times in seconds.
nlohmann::json auto_peers_status(const AutoPeers& auto_peers, Instant now);

/// Gives those of getPeers' list that were chosen the field `auto`.
void mark_auto_peers(const AutoPeers& auto_peers, nlohmann::json& peers);

}  // namespace thicket::node
