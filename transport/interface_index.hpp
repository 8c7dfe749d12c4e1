#pragma once

#include <cstdint>

namespace thicket::transport {

/// The operating system's number of a network interface: it outlives a renaming, and an interface
/// that is made anew has another. 0 is none.
using InterfaceIndex = std::uint32_t;

}  // namespace thicket::transport
