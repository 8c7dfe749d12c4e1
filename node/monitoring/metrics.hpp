#pragma once

#include <cstddef>
#include <string>

#include "node/health.hpp"
#include "node/public_peers/auto_peers.hpp"
#include "node/wiring.hpp"
#include "transport/discovery.hpp"

// The node's state as metrics for Prometheus.
namespace thicket::node {

/// So many peers have metrics of their own; how many more there are is one of the others. Those we
/// dial come first. Sessions, paths and lookups are only counted: strangers decide how many.
inline constexpr std::size_t kMaxMetricPeers = 256;

/// In the text format of Prometheus; see MetricsText. `auto_peers` may be null.
std::string metrics_page(const Wiring& wiring, const transport::Discovery& discovery,
                         const Health& health, const AutoPeers* auto_peers = nullptr);

}  // namespace thicket::node
