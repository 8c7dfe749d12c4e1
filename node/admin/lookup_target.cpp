#include "node/admin/lookup_target.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <span>

namespace thicket::node {

namespace {

constexpr std::string_view kExpected =
    "expected a public key (64 hexadecimal digits) or an IPv6 address of the network";

std::optional<Address> parse_address(std::string_view text) {
  constexpr std::string_view kSubnetLength = "/64";
  if (text.ends_with(kSubnetLength)) text.remove_suffix(kSubnetLength.size());
  Address address;
  const std::string terminated(text);
  if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) != 1) return std::nullopt;
  return address;
}

}  // namespace

Result<PublicKey, std::string> parse_lookup_target(std::string_view text) {
  if (const auto key = PublicKey::from_hex(text)) return *key;
  const auto address = parse_address(text);
  if (!address) {
    // What a stranger wrote may be long.
    return failure(fmt::format("found \"{}\", {}", text.substr(0, 80), kExpected));
  }
  if (is_node_address(*address)) return partial_key(*address);
  if (is_subnet_address(*address)) return partial_key(Subnet::containing(*address));
  return failure(
      fmt::format("{} is not an address of this network: those begin with 2 or 3, as in "
                  "200::/7",
                  address->to_string()));
}

std::optional<Address> parse_host_address(std::string_view text) {
  const auto address = parse_address(text);
  if (!address || is_node_address(*address)) return address;
  const auto host = std::span(address->bytes).subspan(8);
  const bool whole = std::ranges::all_of(host, [](std::uint8_t byte) { return byte == 0; });
  if (whole || !is_subnet_address(*address) || text.ends_with("/64")) return std::nullopt;
  return address;
}

}  // namespace thicket::node
