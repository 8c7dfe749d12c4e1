#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/public_key.hpp"

namespace thicket {

/// A node's IPv6 address, within 200::/8 (wire.md §1).
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  static Address of(const PublicKey& key);
  std::string to_string() const;
  auto operator<=>(const Address&) const = default;
};

/// The /64 routed to a node, within 300::/8 (wire.md §1).
struct Subnet {
  std::array<std::uint8_t, 8> bytes{};
  static Subnet of(const PublicKey& key);
  /// The subnet that an address within 300::/8 lies in.
  static Subnet containing(const Address& address);
  std::string to_string() const;  ///< with "/64"
  auto operator<=>(const Subnet&) const = default;
};

/// What lookups and bloom filters compare: the partial key of the subnet of a key (wire.md §1).
/// A key, its address and its subnet all have the same one.
struct LookupKey {
  std::array<std::uint8_t, 32> bytes{};
  static LookupKey of(const PublicKey& key_or_partial_key);
  auto operator<=>(const LookupKey&) const = default;
};

/// The partial key of an address: known bits, then ones.
PublicKey partial_key(const Address& address);
PublicKey partial_key(const Subnet& subnet);

/// Whether `address` lies in 200::/8 (a node) or 300::/8 (a host in a node's subnet).
bool is_node_address(const Address& address);
bool is_subnet_address(const Address& address);
/// Whether `address` is the address of `key` or lies within its subnet.
bool belongs_to(const Address& address, const PublicKey& key);

}  // namespace thicket
