#include "sim/frame_trail.hpp"

#include <algorithm>

namespace thicket::sim {

namespace {

bool is_blocked(const Simulation& simulation, LinkIndex index, NodeIndex sender) {
  const VirtualLink& link = simulation.link(index);
  return link.blocked[link.ends[0] == sender ? 0 : 1];
}

std::uint64_t queue_drops(const routing::Router& router) {
  const auto& dropped = router.counters().dropped;
  return dropped.queue_full + dropped.queue_delay;
}

void put(std::vector<FrameTrail::Arrival>& arrivals, const FrameTrail::Arrival& arrival) {
  const auto place = std::ranges::find(arrivals, arrival.node, &FrameTrail::Arrival::node);
  if (place != arrivals.end()) {
    *place = arrival;
  } else {
    arrivals.push_back(arrival);
  }
}

}  // namespace

void FrameTrail::sent(const Simulation&, const FrameEvent& event, bool by_source) {
  fate_ = Fate::on_link;
  at_ = event.from;
  link_ = event.link;
  Arrival next{event.to, 1, event.now.steady};
  if (!by_source) {
    if (const Arrival* here = arrival_at(event.from)) {
      next.hops = here->hops + 1;
      next.left_at = here->left_at;
    }
  }
  put(flying_, next);
}

void FrameTrail::received(const Simulation& simulation, const FrameEvent& event,
                          const routing::Traffic& traffic) {
  const auto flying = std::ranges::find(flying_, event.to, &Arrival::node);
  if (flying != flying_.end()) {
    put(reached_, *flying);
    flying_.erase(flying);
  }
  const routing::Router& router = simulation.router(event.to);
  fate_ = Fate::at_node;
  at_ = event.to;
  life_ = simulation.life(at_);
  had_next_hop_ = router.next_hop(traffic.path.to_path(), traffic.watermark).has_value();
  queue_drops_ = queue_drops(router);
  link_drops_ = router.counters().dropped.link_lost;
}

void FrameTrail::lost(const Simulation& simulation, const FrameEvent& event, LossCause cause) {
  fate_ = Fate::lost;
  cause_ = underlying_cause(simulation, event, cause);
}

const FrameTrail::Arrival* FrameTrail::arrival_at(NodeIndex node) const {
  const auto place = std::ranges::find(reached_, node, &Arrival::node);
  return place == reached_.end() ? nullptr : &*place;
}

std::string FrameTrail::cause_of_loss(const Simulation& simulation, NodeIndex dest) const {
  switch (fate_) {
    case Fate::lost:
      return std::string(name_of(cause_));
    case Fate::on_link:
      return is_blocked(simulation, link_, at_) ? std::string(name_of(LossCause::blocked))
                                                : "too late";
    case Fate::at_node:
      return at_ == dest ? "session lost" : cause_at_node(simulation);
  }
  return {};
}

std::string FrameTrail::cause_at_node(const Simulation& simulation) const {
  if (!had_next_hop_) return "no next hop";
  if (!simulation.running(at_) || simulation.life(at_) != life_) {
    return std::string(name_of(LossCause::node_down));
  }
  const routing::Router& router = simulation.router(at_);
  if (queue_drops(router) > queue_drops_) return "queue full";
  if (router.counters().dropped.link_lost > link_drops_) {
    return std::string(name_of(LossCause::link_cut));
  }
  return "queued";
}

LossCause underlying_cause(const Simulation& simulation, const FrameEvent& event, LossCause cause) {
  if (cause != LossCause::link_cut) return cause;
  return is_blocked(simulation, event.link, event.from) ? LossCause::blocked : cause;
}

}  // namespace thicket::sim
