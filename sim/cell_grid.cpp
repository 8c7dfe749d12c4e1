#include "sim/cell_grid.hpp"

#include <algorithm>
#include <cstdlib>

#include "crypto/invariant.hpp"

namespace thicket::sim {

namespace {

// Calls visit(a, b) with a < b for all pairs within range, until it returns false. For every `a`
// its `b` come cell by cell, not in order.
template <class Visit>
void for_each_radio_link(std::span<const Position> positions, std::int64_t range_mm, Visit visit) {
  INVARIANT(range_mm >= 0);
  const CellGrid grid(positions, std::max<std::int64_t>(range_mm, 1));
  const auto range = static_cast<std::uint64_t>(range_mm);
  const Uint128 limit = static_cast<Uint128>(range) * range;
  for (std::uint32_t a = 0; a < positions.size(); ++a) {
    const std::int64_t column = grid.column_of(positions[a]);
    const std::int64_t row = grid.row_of(positions[a]);
    for (std::int64_t i = 0; i < 9; ++i) {
      for (const std::uint32_t b : grid.cell(column + i % 3 - 1, row + i / 3 - 1)) {
        if (b <= a || squared_distance(positions[a], positions[b]) > limit) continue;
        if (!visit(a, b)) return;
      }
    }
  }
}

}  // namespace

CellGrid::CellGrid(std::span<const Position> positions, std::int64_t least_cell_mm)
    : positions_(positions) {
  INVARIANT(least_cell_mm > 0);
  Position last;
  if (!positions.empty()) origin_ = last = positions.front();
  for (const Position& position : positions) {
    INVARIANT(std::abs(position.x_mm) <= kMaxCoordinateMm);
    INVARIANT(std::abs(position.y_mm) <= kMaxCoordinateMm);
    origin_.x_mm = std::min(origin_.x_mm, position.x_mm);
    origin_.y_mm = std::min(origin_.y_mm, position.y_mm);
    last.x_mm = std::max(last.x_mm, position.x_mm);
    last.y_mm = std::max(last.y_mm, position.y_mm);
  }
  const std::int64_t side = std::max(last.x_mm - origin_.x_mm, last.y_mm - origin_.y_mm);
  const auto most = static_cast<std::int64_t>(integer_sqrt(positions.size()) + 1);
  cell_mm_ = std::max(least_cell_mm, side / most + 1);
  columns_ = column_of(last) + 1;
  rows_ = row_of(last) + 1;

  const auto index_of = [this](const Position& position) {
    return static_cast<std::size_t>(row_of(position) * columns_ + column_of(position));
  };
  first_.resize(static_cast<std::size_t>(columns_ * rows_) + 1);
  for (const Position& position : positions) ++first_[index_of(position) + 1];
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
  std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
  nodes_.resize(positions.size());
  for (std::uint32_t node = 0; node < positions.size(); ++node) {
    nodes_[next[index_of(positions[node])]++] = node;
  }
}

std::int64_t CellGrid::column_of(const Position& position) const {
  return (position.x_mm - origin_.x_mm) / cell_mm_;
}

std::int64_t CellGrid::row_of(const Position& position) const {
  return (position.y_mm - origin_.y_mm) / cell_mm_;
}

std::span<const std::uint32_t> CellGrid::cell(std::int64_t column, std::int64_t row) const {
  if (column < 0 || row < 0 || column >= columns_ || row >= rows_) return {};
  const auto index = static_cast<std::size_t>(row * columns_ + column);
  return std::span(nodes_).subspan(first_[index], first_[index + 1] - first_[index]);
}

std::optional<CellGrid::Found> CellGrid::nearest(
    std::uint32_t node, const std::function<bool(std::uint32_t)>& is_wanted,
    const Uint128* limit) const {
  const Position& from = positions_[node];
  const std::int64_t column = column_of(from);
  const std::int64_t row = row_of(from);
  std::optional<Found> best;
  const auto look_into = [&](std::int64_t x, std::int64_t y) {
    for (const std::uint32_t other : cell(x, y)) {
      const Uint128 distance = squared_distance(from, positions_[other]);
      if (best ? distance > best->squared_distance ||
                     (distance == best->squared_distance && other >= best->node)
               : limit != nullptr && distance >= *limit) {
        continue;
      }
      if (is_wanted(other)) best = Found{other, distance};
    }
  };
  for (std::int64_t ring = 0; ring < std::max(columns_, rows_); ++ring) {
    // Whatever lies in this ring of cells is at least this far away.
    const auto least = static_cast<std::uint64_t>(std::max<std::int64_t>(ring - 1, 0) * cell_mm_);
    const Uint128 least_square = static_cast<Uint128>(least) * least;
    if (best ? least_square > best->squared_distance : limit != nullptr && least_square >= *limit) {
      break;
    }
    for (std::int64_t y = -ring; y <= ring; ++y) {
      const std::int64_t step = std::abs(y) == ring ? 1 : 2 * ring;
      for (std::int64_t x = -ring; x <= ring; x += step) look_into(column + x, row + y);
    }
  }
  return best;
}

std::vector<Edge> radio_links(std::span<const Position> positions, std::int64_t range_mm) {
  std::vector<Edge> links;
  for_each_radio_link(positions, range_mm, [&](std::uint32_t a, std::uint32_t b) {
    links.push_back({a, b, std::nullopt});
    return true;
  });
  std::ranges::sort(links, {}, [](const Edge& edge) { return std::pair(edge.a, edge.b); });
  return links;
}

std::size_t count_radio_links(std::span<const Position> positions, std::int64_t range_mm,
                              std::size_t limit) {
  std::size_t count = 0;
  for_each_radio_link(positions, range_mm,
                      [&](std::uint32_t, std::uint32_t) { return ++count <= limit; });
  return count;
}

}  // namespace thicket::sim
