#pragma once

#include <cstddef>
#include <string>

#include "node/health.hpp"
#include "node/wiring.hpp"
#include "transport/discovery.hpp"

// The node's state as metrics for Prometheus.
namespace thicket::node {

/// So many peers have metrics of their own; how many more there are is one of the others. Those we
/// dial come first. Sessions, paths and lookups are only counted: strangers decide how many.
inline constexpr std::size_t kMaxMetricPeers = 256;

/// In the text format of Prometheus; see MetricsText.
std::string metrics_page(const Wiring& wiring, const transport::Discovery& discovery,
                         const Health& health);

}  // namespace thicket::node
