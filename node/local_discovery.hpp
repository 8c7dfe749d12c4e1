#pragma once

#include <memory>
#include <vector>

#include "node/config/config.hpp"
#include "node/wiring.hpp"
#include "transport/discovery.hpp"

namespace thicket::node {

/// What local discovery does, from the configuration. An expression that is none, which
/// load_config() does not let pass, matches nothing.
std::vector<transport::DiscoveryRule> discovery_rules(
    const std::vector<MulticastInterface>& configured);

/// Local discovery that logs what it does, not started. References must outlive it.
std::shared_ptr<transport::Discovery> make_discovery(asio::io_context& io, Random& random,
                                                     const Config& config, Wiring& wiring);

}  // namespace thicket::node
