#pragma once

#include <cstdint>
#include <vector>

#include "sim/simulation.hpp"

namespace thicket::sim {

enum class Outage : std::uint8_t {
  cut,             ///< both ends are told
  stall,           ///< silence in both directions
  half_open_to_1,  ///< nothing from end 0 to end 1
  half_open_to_0,  ///< nothing from end 1 to end 0
  lose,            ///< out of reach: silence, and no new connection
};

/// Links fail for several reasons at once, and work again only when the last reason is gone.
class LinkOutages {
 public:
  explicit LinkOutages(Simulation& simulation) : simulation_(simulation) {}

  void fail(LinkIndex link, Outage how);
  /// Takes back one fail().
  void mend(LinkIndex link);
  bool failed(LinkIndex link) const { return link < reasons_.size() && reasons_[link] > 0; }

 private:
  Simulation& simulation_;
  std::vector<std::uint32_t> reasons_;
};

}  // namespace thicket::sim
