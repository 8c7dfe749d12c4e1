#include "sim/link_outages.hpp"

#include "crypto/invariant.hpp"

namespace thicket::sim {

void LinkOutages::fail(LinkIndex link, Outage how) {
  if (reasons_.size() <= link) reasons_.resize(simulation_.links());
  ++reasons_[link];
  switch (how) {
    case Outage::cut:
      return simulation_.cut(link);
    case Outage::stall:
      return simulation_.stall(link);
    case Outage::half_open_to_1:
      return simulation_.block(link, 0);
    case Outage::half_open_to_0:
      return simulation_.block(link, 1);
    case Outage::lose:
      return simulation_.lose(link);
  }
}

void LinkOutages::mend(LinkIndex link) {
  INVARIANT(failed(link));
  if (--reasons_[link] == 0) simulation_.restore(link);
}

}  // namespace thicket::sim
