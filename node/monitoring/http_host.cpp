#include "node/monitoring/http_host.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "program/suggestion.hpp"

namespace thicket::node {
namespace {

struct HostAndPort {
  std::string_view host;  ///< without brackets
  std::string_view port;  ///< empty: none
  bool bracketed = false;
};

std::optional<HostAndPort> split(std::string_view text) {
  HostAndPort parts;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    parts.host = text.substr(1, end - 1);
    parts.bracketed = true;
    text.remove_prefix(end + 1);
  } else {
    const std::size_t end = std::min(text.find(':'), text.size());
    parts.host = text.substr(0, end);
    text.remove_prefix(end);
  }
  if (text.empty()) return parts;
  if (!text.starts_with(':')) return std::nullopt;
  parts.port = text.substr(1);
  return parts;
}

std::optional<std::uint16_t> to_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

/// IPv4 addresses that an IPv6 socket shows as such of IPv6 are IPv4 addresses.
asio::ip::address plain(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

/// Without its zone, which most clients leave out.
asio::ip::address without_zone(asio::ip::address address) {
  if (!address.is_v6()) return address;
  return asio::ip::address_v6(address.to_v6().to_bytes());
}

std::optional<asio::ip::address> to_address(const HostAndPort& parts) {
  asio::error_code error;
  const asio::ip::address address = asio::ip::make_address(std::string(parts.host), error);
  if (error || address.is_v6() != parts.bracketed) return std::nullopt;
  return address;
}

}  // namespace

bool HttpAddress::is_loopback() const {
  return plain(host).is_loopback();
}

std::string HttpAddress::to_string() const {
  return fmt::format(fmt::runtime(host.is_v6() ? "[{}]:{}" : "{}:{}"), host.to_string(), port);
}

Result<HttpAddress, std::string> parse_http_address(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return failure(fmt::format("\"{}\" is not address:port", text));
  const auto port = to_port(parts->port);
  if (parts->port.empty()) return failure(std::string("the port is missing"));
  if (!port) return failure(fmt::format("\"{}\" is not a port", parts->port));
  if (program::lower_case(parts->host) == "localhost" && !parts->bracketed) {
    return HttpAddress{asio::ip::address_v4::loopback(), *port};
  }
  const auto host = to_address(*parts);
  if (!host) return failure(fmt::format("\"{}\" is neither an address nor localhost", parts->host));
  return HttpAddress{*host, *port};
}

bool is_own_host(std::string_view host, const asio::ip::address& local) {
  const auto parts = split(host);
  if (!parts || (!parts->port.empty() && !to_port(parts->port))) return false;
  const asio::ip::address here = without_zone(plain(local));
  const auto named = to_address(*parts);
  if (!named) {
    return here.is_loopback() && !parts->bracketed &&
           program::lower_case(parts->host) == "localhost";
  }
  const asio::ip::address there = without_zone(plain(*named));
  return there == here || (there.is_loopback() && here.is_loopback());
}

}  // namespace thicket::node
