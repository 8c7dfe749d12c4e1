#pragma once

#include <string>
#include <string_view>

// Which peers would fail together: those of one operator, one machine, one network.
namespace thicket::node {

/// The part of a host's name that it shares with its neighbours: the last two labels, three if the
/// last two are like co.uk. Of an address: see address_group().
std::string host_group(std::string_view host);

/// The network of a numeric address or end point ("192.0.2.1", "[2001:db8::1]:443"): /24 of IPv4,
/// /48 of IPv6. What is no address is a group of its own.
std::string address_group(std::string_view address);

}  // namespace thicket::node
