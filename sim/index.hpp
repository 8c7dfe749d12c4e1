#pragma once

#include <cstdint>

namespace thicket::sim {

/// A node of a simulation, counted from 0 in the order of adding.
using NodeIndex = std::uint32_t;
constexpr NodeIndex kNoNode = ~NodeIndex{0};
/// A link of a simulation, likewise.
using LinkIndex = std::uint32_t;

}  // namespace thicket::sim
