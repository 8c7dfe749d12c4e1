#pragma once

#include <cstddef>
#include <vector>

#include "node/monitoring/metrics_text.hpp"
#include "routing/router.hpp"
#include "transport/links.hpp"

// Metrics of peers and links.
namespace thicket::node {

/// Of at most `limit` peers that we dial, and `limit` links that are up, one by one; of all by
/// number. Links of one key from one address count as one, so that a client that comes back from
/// another port is still the same.
void write_peer_metrics(MetricsText& out, const std::vector<transport::PeerStatus>& links,
                        const std::vector<routing::PeerInfo>& peers, std::size_t limit);
void write_link_totals(MetricsText& out, const transport::LinkTotals& totals);

}  // namespace thicket::node
