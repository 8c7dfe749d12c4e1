#include "sim/link_failures.hpp"

#include <algorithm>

namespace thicket::sim {

LinkFailureProcess::LinkFailureProcess(Simulation& simulation, LinkOutages& outages,
                                       const LinkFailure& options, Prng random)
    : simulation_(simulation),
      outages_(outages),
      options_(options),
      random_(random),
      times_left_(options.times) {}

void LinkFailureProcess::begin(Instant end) {
  end_ = end;
  simulation_.after(options_.at, [this] { fail(); });
}

void LinkFailureProcess::fail() {
  if (simulation_.now().steady >= end_) return;
  std::vector<LinkIndex> working;
  for (LinkIndex link = 0; link < simulation_.links(); ++link) {
    if (simulation_.usable(link) && !outages_.failed(link)) working.push_back(link);
  }
  random_.shuffle(std::span(working));
  working.resize(std::min(working.size(), options_.count));
  for (const LinkIndex link : working) outages_.fail(link, how());
  if (options_.restore_after) {
    simulation_.after(*options_.restore_after, [this, working] {
      for (const LinkIndex link : working) outages_.mend(link);
    });
  }
  if (--times_left_ > 0) simulation_.after(options_.every, [this] { fail(); });
}

Outage LinkFailureProcess::how() {
  switch (options_.how) {
    case LinkFailure::How::cut:
      return Outage::cut;
    case LinkFailure::How::stall:
      return Outage::stall;
    case LinkFailure::How::half_open:
      break;
  }
  return random_.below(2) == 0 ? Outage::half_open_to_1 : Outage::half_open_to_0;
}

}  // namespace thicket::sim
