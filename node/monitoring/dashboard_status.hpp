#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "crypto/time.hpp"
#include "node/health.hpp"
#include "node/wiring.hpp"
#include "routing/router.hpp"

// What the dashboard shows, in one answer of bounded size.
namespace thicket::node {

inline constexpr std::size_t kMaxShownPeers = 200;     ///< those that are up come first
inline constexpr std::size_t kMaxShownSessions = 200;  ///< those with most traffic
inline constexpr std::size_t kMaxShownTree = 300;      ///< our ancestors first, then peers

/// `uptime`: since this node started.
nlohmann::json dashboard_status(const Wiring& wiring, const Health& health, Time now,
                                Duration uptime);

/// This node, its peers and the ancestors of all of them, as far as `limit` allows.
std::vector<routing::TreeEntry> tree_around(const PublicKey& self,
                                            const std::vector<routing::PeerInfo>& peers,
                                            const std::vector<routing::TreeEntry>& tree,
                                            std::size_t limit);

}  // namespace thicket::node
