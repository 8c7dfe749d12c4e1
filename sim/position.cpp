#include "sim/position.hpp"

#include <cmath>

namespace thicket::sim {

namespace {

Uint128 square(std::uint64_t value) {
  return static_cast<Uint128>(value) * value;
}

std::uint64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::uint64_t>(a < b ? b - a : a - b);
}

}  // namespace

std::uint64_t integer_sqrt(Uint128 value) {
  // Whatever the rounding of the estimate is, the result is exact.
  auto root = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(value)));
  // Newton's step: an estimate of more than 53 bits can be off by many.
  if (root != 0) root = static_cast<std::uint64_t>((root + value / root) / 2);
  while (square(root) > value) --root;
  while (square(root + 1) <= value) ++root;
  return root;
}

Uint128 squared_distance(const Position& a, const Position& b) {
  return square(difference(a.x_mm, b.x_mm)) + square(difference(a.y_mm, b.y_mm));
}

std::uint64_t distance_mm(const Position& a, const Position& b) {
  return integer_sqrt(squared_distance(a, b));
}

}  // namespace thicket::sim
