#pragma once

#include <functional>

#include "crypto/time.hpp"
#include "node/health.hpp"
#include "node/monitoring/http_request.hpp"
#include "node/monitoring/http_response.hpp"
#include "node/public_peers/auto_peers.hpp"
#include "node/wiring.hpp"
#include "transport/discovery.hpp"

namespace thicket::node {

/// The pages that MetricsListen serves: / (dashboard), /status.json, /metrics, /healthz. They show;
/// nothing can be changed through them.
class Monitoring {
 public:
  /// All must outlive the object, and what `health` refers to.
  Monitoring(const Wiring& wiring, const transport::Discovery& discovery,
             std::function<Health()> health, Instant started);

  /// What /metrics counts of it; must outlive the object.
  void show_auto_peers(const AutoPeers& auto_peers) { auto_peers_ = &auto_peers; }

  HttpResponse answer(const HttpRequest& request) const;

 private:
  const Wiring& wiring_;
  const transport::Discovery& discovery_;
  std::function<Health()> health_;
  Instant started_;
  const AutoPeers* auto_peers_ = nullptr;
};

}  // namespace thicket::node
