#pragma once

#include <cstdint>
#include <string>

#include "crypto/address.hpp"
#include "crypto/result.hpp"

namespace thicket::tun {

/// The whole mesh is 200::/7: with this prefix length on the interface, all of it is routed there.
constexpr std::uint8_t kMeshPrefixLength = 7;

/// Sets a network interface up through rtnetlink: MTU, no addresses of the kernel's own making, up,
/// `address`/7 without duplicate address detection. The error is a sentence for the user.
Result<void, std::string> set_up_interface(const std::string& name, const Address& address,
                                           std::uint32_t mtu);

}  // namespace thicket::tun
