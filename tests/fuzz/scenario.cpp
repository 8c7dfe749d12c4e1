#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/scenario.hpp"

// What is read survives being written, and reads the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace thicket::sim;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto scenario = parse_scenario(text, "fuzz");
  if (!scenario) {
    if (scenario.error().empty()) std::abort();
    return 0;
  }
  const std::string written = to_json(*scenario);
  const auto again = parse_scenario(written, "again");
  if (!again || to_json(*again) != written) std::abort();
  return 0;
}
