#include "node/monitoring/monitoring.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "node/admin/health_status.hpp"
#include "node/bounded_json.hpp"
#include "node/clock.hpp"
#include "node/monitoring/dashboard.hpp"
#include "node/monitoring/dashboard_status.hpp"
#include "node/monitoring/metrics.hpp"
#include "node/monitoring/metrics_text.hpp"

namespace thicket::node {
namespace {

HttpResponse json_page(int status, const nlohmann::json& json) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json";
  response.body = to_text(json, false) + "\n";
  return response;
}

}  // namespace

Monitoring::Monitoring(const Wiring& wiring, const transport::Discovery& discovery,
                       std::function<Health()> health, Instant started)
    : wiring_(wiring), discovery_(discovery), health_(std::move(health)), started_(started) {}

HttpResponse Monitoring::answer(const HttpRequest& request) const {
  if (request.path == "/") return dashboard_page();
  if (request.path == "/healthz") {
    const Health health = health_();
    return json_page(health.ok() ? 200 : 503, health_status(health));
  }
  if (request.path == "/metrics") {
    HttpResponse response;
    response.content_type = MetricsText::kContentType;
    response.body = metrics_page(wiring_, discovery_, health_(), auto_peers_);
    return response;
  }
  if (request.path == "/status.json") {
    const Time now = current_time();
    return json_page(200, dashboard_status(wiring_, health_(), now, now.steady - started_));
  }
  return http_refusal({404, "there are /, /status.json, /metrics and /healthz"});
}

}  // namespace thicket::node
