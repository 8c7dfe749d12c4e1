#include "node/commands/table.hpp"

#include <algorithm>
#include <numeric>

#include "crypto/invariant.hpp"
#include "node/display_text.hpp"

namespace thicket::node {

namespace {

constexpr std::size_t kGap = 2;
// Of a column that is cut because the terminal is too narrow for anything else.
constexpr std::size_t kLeastWidth = 4;

}  // namespace

/// Width 0 means that a column is left out.
struct Table::Layout {
  std::vector<std::size_t> widths;

  std::size_t total() const {
    const auto shown =
        static_cast<std::size_t>(std::ranges::count_if(widths, [](auto w) { return w != 0; }));
    return std::accumulate(widths.begin(), widths.end(), std::size_t{0}) +
           kGap * (shown == 0 ? 0 : shown - 1);
  }
};

Table::Layout Table::lay_out(std::size_t room, const std::vector<std::vector<Cell>>& rows) const {
  Layout layout{std::vector<std::size_t>(columns_.size(), 0)};
  for (const std::vector<Cell>& row : rows) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      layout.widths[i] = std::max(layout.widths[i], display_width(row[i].text));
    }
  }
  if (room == 0) return layout;
  const Layout natural = layout;
  const auto too_wide = [&] { return layout.total() > room; };
  const auto shortest_total = [&] {
    Layout shortest = layout;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].least != 0) {
        shortest.widths[i] = std::min(shortest.widths[i], columns_[i].least);
      }
    }
    return shortest.total();
  };
  while (too_wide() && shortest_total() > room) {
    unsigned least_wanted = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (layout.widths[i] != 0) least_wanted = std::max(least_wanted, columns_[i].dispensable);
    }
    if (least_wanted == 0) break;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].dispensable == least_wanted) layout.widths[i] = 0;
    }
  }
  // Without a wide column there may be room again for narrow ones that went before it.
  unsigned most = 0;
  for (const Column& column : columns_) most = std::max(most, column.dispensable);
  for (unsigned rank = 1; rank <= most; ++rank) {
    const Layout without = layout;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].dispensable == rank) layout.widths[i] = natural.widths[i];
    }
    if (shortest_total() > room) layout = without;
  }
  for (std::size_t i = columns_.size(); too_wide() && i-- > 0;) {
    if (columns_[i].least == 0 || layout.widths[i] <= columns_[i].least) continue;
    const std::size_t over = layout.total() - room;
    const std::size_t spare = layout.widths[i] - columns_[i].least;
    layout.widths[i] -= std::min(over, spare);
  }
  while (too_wide()) {
    std::size_t& widest = *std::ranges::max_element(layout.widths);
    if (widest <= kLeastWidth) break;
    --widest;
  }
  return layout;
}

std::string Table::render(const Terminal& terminal, std::size_t indent) const {
  std::vector<std::vector<Cell>> rows(1);
  for (const Column& column : columns_) rows[0].push_back({column.title, Style::title});
  for (const std::vector<Cell>& row : rows_) {
    INVARIANT(row.size() == columns_.size());
    rows.push_back(row);
  }
  for (std::vector<Cell>& row : rows) {
    for (Cell& cell : row) cell.text = displayable(cell.text, terminal.utf8);
  }
  const std::size_t room =
      terminal.width == 0 ? 0 : terminal.width - std::min(indent, terminal.width - 1);
  const Layout layout = lay_out(room, rows);
  std::string out;
  for (const std::vector<Cell>& row : rows) {
    std::string line;
    std::size_t pending = indent;  // spaces that are written only if something follows
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::size_t width = layout.widths[i];
      if (width == 0) continue;
      const std::string text = shortened(row[i].text, width, terminal.utf8);
      const std::size_t rest = width - display_width(text);
      if (columns_[i].right) pending += rest;
      if (!text.empty()) {
        line.append(pending, ' ');
        line += terminal.styled(text, row[i].style);
        pending = 0;
      }
      if (!columns_[i].right) pending += rest;
      pending += kGap;
    }
    out += line + "\n";
  }
  return out;
}

}  // namespace thicket::node
