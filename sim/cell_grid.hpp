#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "sim/graph.hpp"
#include "sim/position.hpp"

namespace thicket::sim {

/// Nodes in the plane, sorted into square cells, so that those near a place are found without
/// looking at all. Holds at most about as many cells as nodes. Views `positions`, which must stay.
class CellGrid {
 public:
  /// `least_cell_mm`: cells are at least this wide (above 0), and wider if they would be too many.
  CellGrid(std::span<const Position> positions, std::int64_t least_cell_mm);

  std::int64_t cell_mm() const { return cell_mm_; }
  std::int64_t columns() const { return columns_; }
  std::int64_t rows() const { return rows_; }
  std::int64_t column_of(const Position& position) const;
  std::int64_t row_of(const Position& position) const;
  /// The nodes in a cell, in ascending order; none if there is no such cell.
  std::span<const std::uint32_t> cell(std::int64_t column, std::int64_t row) const;

  struct Found {
    std::uint32_t node = 0;
    Uint128 squared_distance = 0;
  };
  /// The node nearest to `node` among those that `is_wanted` accepts and that are nearer than
  /// `limit` (if not null); of equally near ones the lowest.
  std::optional<Found> nearest(std::uint32_t node,
                               const std::function<bool(std::uint32_t)>& is_wanted,
                               const Uint128* limit) const;

 private:
  std::span<const Position> positions_;
  Position origin_;
  std::int64_t cell_mm_ = 1;
  std::int64_t columns_ = 1;
  std::int64_t rows_ = 1;
  std::vector<std::size_t> first_;  // of a cell's nodes; one more than there are cells
  std::vector<std::uint32_t> nodes_;
};

/// Links between all nodes that are at most `range_mm` (not negative) apart, in normal order and
/// without latency. Takes time in proportion to nodes and links, unless nodes crowd in few places.
std::vector<Edge> radio_links(std::span<const Position> positions, std::int64_t range_mm);

/// How many links radio_links would return, counting no further than `limit` + 1.
std::size_t count_radio_links(std::span<const Position> positions, std::int64_t range_mm,
                              std::size_t limit);

}  // namespace thicket::sim
