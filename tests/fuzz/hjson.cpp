#include "node/config/hjson.hpp"

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "crypto/invariant.hpp"

// What users write in a configuration file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace thicket::node;
  const auto value = parse_hjson({reinterpret_cast<const char*>(data), size});
  if (!value) {
    INVARIANT(!value.error().found.empty() && !value.error().expected.empty());
    INVARIANT(value.error().line >= 1 || size > kMaxHjsonBytes);
    return 0;
  }
  // Its JSON is read as the same again.
  const auto json = to_json(*value);
  const auto again = parse_hjson(json.dump());
  INVARIANT(again && to_json(*again) == json);
  return 0;
}
