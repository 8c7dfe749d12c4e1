#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "crypto/bytes.hpp"
#include "node/peer_rates.hpp"
#include "routing/endpoint.hpp"
#include "transport/discovery.hpp"
#include "transport/links.hpp"

// The answers of the administration socket that show this node's state (admin.md §12).
namespace thicket::node {

/// How getPeers orders its list.
enum class PeerOrder {
  configured_first,  ///< outbound before inbound, then by key and URI
  uptime,            ///< longest first
  cost,              ///< lowest first
};
/// From the value of the argument `sort`; what is not known means configured_first.
PeerOrder peer_order(std::string_view sort);

nlohmann::json self_status(const routing::Router& router);
nlohmann::json peers_status(std::vector<transport::PeerStatus> links,
                            const std::vector<routing::PeerInfo>& peers, const PeerRates& rates,
                            PeerOrder order);
nlohmann::json tree_status(const std::vector<routing::TreeEntry>& tree);
nlohmann::json paths_status(const std::vector<routing::PathInfo>& paths);
nlohmann::json sessions_status(const routing::Endpoint& endpoint, Time now);
nlohmann::json interfaces_status(const std::vector<transport::DiscoveryStatus>& interfaces);
/// A list of keys in hex; bytes behind the last whole key are left out.
nlohmann::json keys_in(ByteView concatenated);

}  // namespace thicket::node
