#pragma once

#include <functional>

#include "crypto/time.hpp"
#include "node/health.hpp"
#include "node/http_request.hpp"
#include "node/http_response.hpp"
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

  HttpResponse answer(const HttpRequest& request) const;

 private:
  const Wiring& wiring_;
  const transport::Discovery& discovery_;
  std::function<Health()> health_;
  Instant started_;
};

}  // namespace thicket::node
