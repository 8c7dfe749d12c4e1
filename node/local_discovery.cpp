#include "node/local_discovery.hpp"

#include <spdlog/spdlog.h>

#include <string>
#include <string_view>
#include <utility>

#include "node/config/interface_pattern.hpp"

namespace thicket::node {
namespace {

void log_event(const std::string& interface, transport::DiscoveryEvent event,
               std::string_view text) {
  switch (event) {
    case transport::DiscoveryEvent::started:
      spdlog::info("local discovery on {}: {}", interface, text);
      break;
    case transport::DiscoveryEvent::ended:
      spdlog::info("no local discovery on {} any more: {}", interface, text);
      break;
    case transport::DiscoveryEvent::failed:
      spdlog::warn("no local discovery on {}: {}", interface, text);
      break;
  }
}

}  // namespace

std::vector<transport::DiscoveryRule> discovery_rules(
    const std::vector<MulticastInterface>& configured) {
  std::vector<transport::DiscoveryRule> rules;
  for (const MulticastInterface& entry : configured) {
    auto compiled = InterfacePattern::compile(entry.regex);
    if (!compiled) continue;
    const auto pattern = std::make_shared<const InterfacePattern>(std::move(*compiled));
    rules.push_back({[pattern](const std::string& name) { return pattern->matches(name); },
                     entry.beacon, entry.listen, entry.port, entry.priority, entry.password});
  }
  return rules;
}

std::shared_ptr<transport::Discovery> make_discovery(asio::io_context& io, Random& random,
                                                     const Config& config, Wiring& wiring) {
  return std::make_shared<transport::Discovery>(
      io, wiring.links(), random, config.identity->public_key(),
      discovery_rules(config.multicast_interfaces), log_event);
}

}  // namespace thicket::node
