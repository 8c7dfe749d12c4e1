#pragma once

#include <nlohmann/json_fwd.hpp>

#include "routing/capabilities.hpp"
#include "routing/directory.hpp"
#include "routing/endpoint.hpp"

// What the administration socket shows of Thicket's extensions.
namespace thicket::node {

/// The answer to getDHT: how nodes are looked up, and how that went since the node started.
nlohmann::json dht_status(const routing::Endpoint& endpoint, routing::LookupPolicy policy);
/// Adds what another node says of itself to an object that shows it: `agent`, `capabilities`.
void add_capabilities(nlohmann::json& object, const routing::Capabilities& capabilities);

}  // namespace thicket::node
