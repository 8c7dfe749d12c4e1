#pragma once

#include <cstdint>

#include "sim/uint128.hpp"

namespace thicket::sim {

/// A place in the plane, in millimetres; both coordinates within ±kMaxCoordinateMm.
struct Position {
  std::int64_t x_mm = 0;
  std::int64_t y_mm = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

/// A million kilometres.
constexpr std::int64_t kMaxCoordinateMm = 1'000'000'000'000;

/// In square millimetres, exact.
Uint128 squared_distance(const Position& a, const Position& b);
/// In whole millimetres, rounded down.
std::uint64_t distance_mm(const Position& a, const Position& b);
/// The greatest integer whose square is not above `value`, which must be below 2^124.
std::uint64_t integer_sqrt(Uint128 value);

}  // namespace thicket::sim
