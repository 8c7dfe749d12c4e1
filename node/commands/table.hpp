#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "node/commands/terminal.hpp"

namespace thicket::node {

/// What stands in a table: any text, from whomever.
struct Cell {
  std::string text{};
  Style style = Style::plain;
};

struct Column {
  std::string title{};
  bool right = false;        ///< numbers
  std::size_t least = 0;     ///< columns it can be shortened to; 0: only if nothing else helps
  unsigned dispensable = 0;  ///< left out if the table is too wide, largest first, those of a
                             ///< number together; 0: never
};

/// Rows of cells under titles, as wide as needed and no wider than the terminal: first columns that
/// can be done without are left out, then those shortened that can be, and if that is not enough
/// the widest of the others.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// As many cells as there are columns.
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  /// A line each, the titles first, after `indent` spaces.
  std::string render(const Terminal& terminal, std::size_t indent = 0) const;

 private:
  struct Layout;
  Layout lay_out(std::size_t room, const std::vector<std::vector<Cell>>& rows) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace thicket::node
