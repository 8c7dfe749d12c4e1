#pragma once

#include <string>

#include "routing/network.hpp"

namespace thicket::routing::test {

/// Checks every connected component of running nodes against the protocol's promise: one root, the
/// lowest key; every node's coordinates are its parent's and the port that the parent gave it.
/// Empty if all is well; else what is wrong first.
std::string disagreement(Network& network);

/// A connected random graph: a random tree and `extra` further links, latencies 1 to 50 ms.
/// Returns the handles of all links.
std::vector<std::size_t> link_randomly(Network& network, std::size_t extra);

/// Sends one packet between every ordered pair of nodes that are connected and checks that all
/// arrive within `limit`. The number that did not.
std::size_t lost_pings(Network& network, Duration limit);

}  // namespace thicket::routing::test
