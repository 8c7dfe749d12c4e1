#include "transport/peer_uri.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace thicket::transport;

// Whatever is accepted has a canonical form that is accepted again and stays the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const UriUse use : {UriUse::dial, UriUse::listen}) {
    const auto uri = parse_peer_uri(text, use);
    if (!uri) {
      if (uri.error().message.empty()) std::abort();
      continue;
    }
    const std::string name = uri->to_string();
    const auto again = parse_peer_uri(name, use);
    if (!again || again->to_string() != name) std::abort();
  }
  return 0;
}
