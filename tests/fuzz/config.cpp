#include "node/config/config.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "crypto/invariant.hpp"

// A configuration file: it is refused with an error that says something, or it is within bounds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace thicket::node;
  const auto config =
      parse_config(std::string(reinterpret_cast<const char*>(data), size), "fuzz.conf");
  if (!config) {
    INVARIANT(!config.error().found.empty() && !config.error().expected.empty());
    return 0;
  }
  INVARIANT(config->interface_mtu >= 1280 && config->interface_mtu <= 65535);
  INVARIANT(!config->interface_name.empty() && config->interface_name.size() <= 15);
  INVARIANT(config->node_info_json.size() <= kMaxNodeInfoBytes);
  for (const auto& entry : config->multicast_interfaces) INVARIANT(entry.password.size() <= 64);
  return 0;
}
