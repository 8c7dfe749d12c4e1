#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "crypto/invariant.hpp"
#include "node/bounded_json.hpp"

// Requests of the administration socket and NodeInfo of other nodes, as they come in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using thicket::node::JsonScanner;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto object = thicket::node::parse_object(text);
  if (!object) return 0;

  // What parses is an object that the scanner finds the end of, and survives being written.
  JsonScanner scanner;
  std::size_t end = 0;
  while (end < size && scanner.feed(text[end]) == JsonScanner::State::more) ++end;
  INVARIANT(end < size);
  INVARIANT(text.find_first_not_of(" \t\r\n", end + 1) == std::string::npos);
  INVARIANT(thicket::node::parse_object(thicket::node::to_text(*object, true)) == *object);
  return 0;
}
