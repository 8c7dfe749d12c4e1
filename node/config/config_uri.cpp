#include "node/config/config_uri.hpp"

#include <charconv>
#include <cstdint>

namespace thicket::node {

namespace {

bool is_host_and_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (!bracketed && host.find_first_of(":/[] ") != std::string_view::npos) return false;
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc{} && end == port.data() + port.size();
}

}  // namespace

std::optional<std::string> admin_listen_address(std::string_view text) {
  constexpr std::string_view kUnix = "unix://";
  constexpr std::string_view kTcp = "tcp://";
  if (text.empty() || text == "none") return "none";
  if (text.starts_with(kUnix)) {
    if (text.size() == kUnix.size()) return std::nullopt;
    return std::string(text);
  }
  if (text.starts_with(kTcp)) text.remove_prefix(kTcp.size());
  if (!is_host_and_port(text)) return std::nullopt;
  return std::string(kTcp) + std::string(text);
}

std::string without_secrets(std::string_view uri) {
  const bool has_query = uri.find('?') != std::string_view::npos;
  std::string out(uri.substr(0, uri.find('?')));
  const std::size_t authority = out.find("://");
  const std::size_t at = out.rfind('@');
  if (authority != std::string::npos && at != std::string::npos && at > authority) {
    out.replace(authority + 3, at - authority - 3, "…");
  }
  return has_query ? out + "?…" : out;
}

}  // namespace thicket::node
