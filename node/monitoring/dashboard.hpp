#pragma once

#include "node/monitoring/http_response.hpp"

namespace thicket::node {

/// The page for people: all in one, it loads nothing but /status.json, and may do nothing else.
HttpResponse dashboard_page();

}  // namespace thicket::node
