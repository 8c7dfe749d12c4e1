#include "node/public_peers/peer_diversity.hpp"

#include <asio/ip/address.hpp>
#include <asio/ip/network_v4.hpp>
#include <asio/ip/network_v6.hpp>
#include <optional>

namespace thicket::node {

namespace {

constexpr unsigned short kPrefix4 = 24;
constexpr unsigned short kPrefix6 = 48;
constexpr std::size_t kShortLabel = 3;  // co.uk, com.au, net.br

std::optional<std::string> network_of(std::string_view text) {
  asio::error_code error;
  const asio::ip::address address = asio::ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  if (address.is_v4()) {
    return asio::ip::network_v4(address.to_v4(), kPrefix4).canonical().to_string();
  }
  asio::ip::address_v6 v6 = address.to_v6();
  v6.scope_id(0);
  if (v6.is_v4_mapped()) {
    const auto v4 = asio::ip::make_address_v4(asio::ip::v4_mapped, v6);
    return asio::ip::network_v4(v4, kPrefix4).canonical().to_string();
  }
  return asio::ip::network_v6(v6, kPrefix6).canonical().to_string();
}

std::string_view without_port(std::string_view end_point) {
  if (end_point.starts_with('[')) return end_point.substr(1, end_point.find(']') - 1);
  const auto colon = end_point.find(':');
  return end_point.find(':', colon + 1) == end_point.npos ? end_point.substr(0, colon) : end_point;
}

}  // namespace

std::string host_group(std::string_view host) {
  if (auto network = network_of(host)) return *network;
  if (host.ends_with('.')) host.remove_suffix(1);
  const auto last = host.rfind('.');
  if (last == host.npos || last == 0) return std::string(host);
  const auto second = host.rfind('.', last - 1);
  if (second == host.npos) return std::string(host);
  const bool registry = host.size() - last - 1 == 2 && last - second - 1 <= kShortLabel;
  if (!registry || second == 0) return std::string(host.substr(second + 1));
  const auto third = host.rfind('.', second - 1);
  return std::string(third == host.npos ? host : host.substr(third + 1));
}

std::string address_group(std::string_view address) {
  const std::string_view bare = without_port(address);
  if (auto network = network_of(bare)) return *network;
  return std::string(bare);
}

}  // namespace thicket::node
