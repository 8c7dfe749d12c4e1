#pragma once

#include <string>
#include <vector>

#include "sim/figure.hpp"
#include "sim/sweep_grid.hpp"

namespace thicket::sim {

/// What became of a point.
struct SweepRow {
  const SweepPoint* point = nullptr;
  int status = 0;               ///< exit status of the run
  std::vector<Figure> figures;  ///< of its summary.json, if it went well
};

/// One row a point: its name and exit status, its parameters, all its figures.
std::string sweep_csv(const std::vector<SweepRow>& rows);
/// The main figures for each combination of parameters: the mean over its seeds that went well, and
/// from where to where they go.
std::string sweep_table(const std::vector<SweepRow>& rows);

}  // namespace thicket::sim
