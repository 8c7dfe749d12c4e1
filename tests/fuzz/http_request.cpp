#include "node/monitoring/http_request.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "crypto/invariant.hpp"
#include "node/monitoring/http_host.hpp"

// What browsers and strangers send to the port of metrics.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace thicket::node;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = HttpRequestReader().feed(bytes);

  HttpRequestReader reader;
  auto in_pieces = reader.feed(bytes.substr(0, 1));
  for (std::size_t at = 1; at < size && !in_pieces; at += 7) {
    in_pieces = reader.feed(bytes.substr(at, 7));
  }
  INVARIANT(in_pieces == whole);
  if (!whole) {
    INVARIANT(size <= HttpRequestReader::kMaxBytes);
    return 0;
  }
  if (!*whole) {
    INVARIANT((*whole).error().status >= 400 && (*whole).error().status < 600);
    return 0;
  }
  const HttpRequest& request = **whole;
  INVARIANT(request.path.starts_with('/') && request.path.size() <= HttpRequestReader::kMaxBytes);
  const auto visible = [](char c) { return c > ' ' && c < 0x7f; };
  INVARIANT(std::ranges::all_of(request.path, visible));
  INVARIANT(std::ranges::all_of(request.host, visible));
  // Who is taken for ourselves on loopback is never taken for us elsewhere.
  const bool on_loopback = is_own_host(request.host, asio::ip::address_v4::loopback());
  const bool elsewhere = is_own_host(request.host, asio::ip::address_v4(0xc0000201));
  INVARIANT(!on_loopback || !elsewhere);
  return 0;
}
