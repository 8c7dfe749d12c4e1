#include "routing/link_queue.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <utility>
#include <vector>

#include "crypto/invariant.hpp"
#include "routing/link_queue_codel.hpp"
#include "routing/link_queue_turns.hpp"

namespace thicket::routing {

namespace {

// What a frame costs beside its buffer, if it is the only one of its flow and destination: list and
// map nodes, heap entries, the allocator's own.
constexpr std::size_t kFrameOverhead = 640;
// Emptied nodes kept for reuse, so that a link that is now busy, now idle does not allocate.
constexpr std::size_t kSpareNodes = 32;
constexpr std::size_t kSpareFrames = 256;

struct Waiting {
  Packet frame;
  Instant since;
};

std::size_t memory_of(const Packet& frame) {
  return frame.capacity() + kFrameOverhead;
}

/// Protocol frames stand in one plain queue.
std::size_t memory_of_control(const Packet& frame) {
  return frame.capacity() + sizeof(Packet);
}

/// Packets in order of coming. An idle link has one too, so it holds next to no memory when empty,
/// unlike a std::deque.
class PlainQueue {
 public:
  bool empty() const { return next_ == frames_.size(); }
  void push(Packet frame) { frames_.push_back(std::move(frame)); }

  /// Not to be called when empty.
  Packet pop() {
    Packet frame = std::move(frames_[next_++]);
    if (empty()) {
      frames_.clear();
      if (frames_.capacity() > kSpareRoom) frames_.shrink_to_fit();
      next_ = 0;
    } else if (next_ >= kSpareRoom && next_ > frames_.size() / 2) {
      frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(next_));
      next_ = 0;
    }
    return frame;
  }

  template <class Call>
  void for_each(const Call& call) const {
    for (std::size_t i = next_; i < frames_.size(); ++i) call(frames_[i]);
  }

 private:
  static constexpr std::size_t kSpareRoom = 16;
  std::vector<Packet> frames_;
  std::size_t next_ = 0;
};

std::size_t bytes_to_send(const Packet& frame) {
  return std::max<std::size_t>(frame.size(), 1);
}

struct Destination;

struct Flow : Contender {
  const PublicKey* source = nullptr;  // the key of the map node this is in
  Destination* destination = nullptr;
  std::list<Waiting> frames;  // never empty, outside of functions
  CoDel codel;
};

struct Destination : Contender {
  const PublicKey* key = nullptr;
  std::map<PublicKey, Flow> flows;  // never empty, outside of functions
  Turns turns;
};

Flow& as_flow(Contender& contender) {
  return static_cast<Flow&>(contender);
}
Destination& as_destination(Contender& contender) {
  return static_cast<Destination&>(contender);
}

/// Map nodes that wait to be used again.
template <class Map>
class SpareNodes {
 public:
  /// Takes the node of `key` out of `map`; its value must be as good as new.
  void retire(Map& map, const PublicKey& key) {
    auto node = map.extract(key);
    if (nodes_.size() < kSpareNodes) nodes_.push_back(std::move(node));
  }

  /// The entry of `key`, and whether it had to be added.
  std::pair<typename Map::iterator, bool> find_or_add(Map& map, const PublicKey& key) {
    const auto found = map.lower_bound(key);
    if (found != map.end() && found->first == key) return {found, false};
    if (nodes_.empty()) return {map.try_emplace(found, key), true};
    auto node = std::move(nodes_.back());
    nodes_.pop_back();
    node.key() = key;
    return {map.insert(found, std::move(node)), true};
  }

 private:
  std::vector<typename Map::node_type> nodes_;
};

}  // namespace

struct LinkQueue::State {
  explicit State(Limits the_limits) : limits(the_limits) {}

  Flow& flow_of(const PublicKey& destination, const PublicKey& source);
  void push_to_flow(Flow& flow, Instant now, Packet frame);
  Packet take_oldest(Flow& flow);
  void drop_from_largest();
  void shed_delayed(Flow& flow, Instant now);
  Flow& flow_in_turn(Destination& destination, Instant now);
  Packet pop_traffic(Instant now);
  void check_destination(const Destination& destination, std::size_t& frames) const;

  Limits limits;
  PlainQueue control;
  std::size_t control_bytes = 0;

  // A frame that found nothing waiting: it goes next whatever comes, so it needs no flow.
  std::optional<Packet> first;
  std::map<PublicKey, Destination> destinations;
  Turns turns;
  std::size_t traffic_bytes = 0;
  std::size_t traffic_frames = 0;
  Drops drops;
  std::uint64_t contenders_seen = 0;

  SpareNodes<std::map<PublicKey, Destination>> spare_destinations;
  SpareNodes<std::map<PublicKey, Flow>> spare_flows;
  std::list<Waiting> spare_frames;
};

Flow& LinkQueue::State::flow_of(const PublicKey& to, const PublicKey& from) {
  const auto [at, new_destination] = spare_destinations.find_or_add(destinations, to);
  Destination& destination = at->second;
  if (new_destination) {
    destination.key = &at->first;
    destination.number = ++contenders_seen;
    turns.join(destination);
  }
  const auto [flow_at, new_flow] = spare_flows.find_or_add(destination.flows, from);
  Flow& flow = flow_at->second;
  if (new_flow) {
    flow.source = &flow_at->first;
    flow.destination = &destination;
    flow.number = ++contenders_seen;
    flow.codel = CoDel();
    destination.turns.join(flow);
  }
  return flow;
}

void LinkQueue::State::push_to_flow(Flow& flow, Instant now, Packet frame) {
  const std::size_t memory = memory_of(frame);
  if (spare_frames.empty()) {
    flow.frames.push_back({std::move(frame), now});
  } else {
    spare_frames.front() = {std::move(frame), now};
    flow.frames.splice(flow.frames.end(), spare_frames, spare_frames.begin());
  }
  Destination& destination = *flow.destination;
  flow.held += memory;
  destination.turns.held_changed(flow);
  destination.held += memory;
  turns.held_changed(destination);
  traffic_bytes += memory;
  ++traffic_frames;
}

// The flow, and its destination, are gone if this was their last frame.
Packet LinkQueue::State::take_oldest(Flow& flow) {
  Packet frame = std::move(flow.frames.front().frame);
  if (spare_frames.size() < kSpareFrames) {
    spare_frames.splice(spare_frames.begin(), flow.frames, flow.frames.begin());
  } else {
    flow.frames.pop_front();
  }
  const std::size_t memory = memory_of(frame);
  Destination& destination = *flow.destination;
  flow.held -= memory;
  destination.held -= memory;
  traffic_bytes -= memory;
  --traffic_frames;
  if (flow.frames.empty()) {
    destination.turns.leave(flow);
    spare_flows.retire(destination.flows, *flow.source);
  } else {
    destination.turns.held_changed(flow);
  }
  if (destination.flows.empty()) {
    turns.leave(destination);
    spare_destinations.retire(destinations, *destination.key);
  } else {
    turns.held_changed(destination);
  }
  return frame;
}

void LinkQueue::State::drop_from_largest() {
  take_oldest(as_flow(as_destination(turns.largest()).turns.largest()));
  ++drops.overflow;
}

void LinkQueue::State::shed_delayed(Flow& flow, Instant now) {
  if (limits.target_delay <= Duration::zero()) return;
  while (flow.frames.size() > 1 && flow.codel.drops(now, now - flow.frames.front().since,
                                                    limits.target_delay, limits.delay_interval)) {
    take_oldest(flow);
    ++drops.delay;
  }
}

// Asked again before a frame was popped, it names the same flow.
Flow& LinkQueue::State::flow_in_turn(Destination& destination, Instant now) {
  for (;;) {
    Flow& flow = as_flow(destination.turns.current());
    shed_delayed(flow, now);
    const bool alone = destination.turns.size() == 1;
    if (alone || flow.credit >= bytes_to_send(flow.frames.front().frame)) return flow;
    destination.turns.pass();
  }
}

Packet LinkQueue::State::pop_traffic(Instant now) {
  for (;;) {
    Destination& destination = as_destination(turns.current());
    Flow& flow = flow_in_turn(destination, now);
    const std::size_t size = bytes_to_send(flow.frames.front().frame);
    if (turns.size() > 1 && destination.credit < size) {
      turns.pass();
      continue;
    }
    // Whoever is alone sends without credit, and saves none.
    destination.credit -= std::min(destination.credit, size);
    flow.credit -= std::min(flow.credit, size);
    return take_oldest(flow);
  }
}

LinkQueue::LinkQueue(Limits limits) : state_(std::make_unique<State>(limits)) {}
LinkQueue::~LinkQueue() = default;
LinkQueue::LinkQueue(LinkQueue&&) noexcept = default;
LinkQueue& LinkQueue::operator=(LinkQueue&&) noexcept = default;

bool LinkQueue::push_control(Packet frame) {
  const std::size_t memory = memory_of_control(frame);
  if (memory > state_->limits.control_bytes - state_->control_bytes) return false;
  state_->control_bytes += memory;
  state_->control.push(std::move(frame));
  return true;
}

void LinkQueue::push_traffic(Instant now, const PublicKey& destination, const PublicKey& source,
                             Packet frame) {
  const std::size_t memory = memory_of(frame);
  if (memory > state_->limits.traffic_bytes) {
    ++state_->drops.overflow;
    return;
  }
  if (state_->traffic_bytes == 0) {
    state_->traffic_bytes = memory;
    state_->traffic_frames = 1;
    state_->first = std::move(frame);
    return;
  }
  state_->push_to_flow(state_->flow_of(destination, source), now, std::move(frame));
  while (state_->traffic_bytes > state_->limits.traffic_bytes) state_->drop_from_largest();
}

std::optional<Packet> LinkQueue::pop(Instant now) {
  if (!state_->control.empty()) {
    Packet frame = state_->control.pop();
    state_->control_bytes -= memory_of_control(frame);
    return frame;
  }
  if (state_->first) {
    state_->traffic_bytes -= memory_of(*state_->first);
    --state_->traffic_frames;
    return std::exchange(state_->first, std::nullopt);
  }
  if (state_->turns.empty()) return std::nullopt;
  return state_->pop_traffic(now);
}

bool LinkQueue::empty() const {
  return bytes() == 0;
}

std::size_t LinkQueue::bytes() const {
  return state_->traffic_bytes + state_->control_bytes;
}

std::size_t LinkQueue::control_bytes() const {
  return state_->control_bytes;
}

std::size_t LinkQueue::traffic_frames() const {
  return state_->traffic_frames;
}

LinkQueue::Drops LinkQueue::drops() const {
  return state_->drops;
}

std::size_t LinkQueue::state_bytes() const {
  return sizeof(State);
}

void LinkQueue::State::check_destination(const Destination& destination,
                                         std::size_t& frames) const {
  INVARIANT(!destination.flows.empty());
  INVARIANT(destination.turns.size() == destination.flows.size());
  destination.turns.check_invariants();
  std::size_t held = 0;
  for (const auto& [source, flow] : destination.flows) {
    INVARIANT(flow.source == &source && flow.destination == &destination);
    INVARIANT(!flow.frames.empty());
    std::size_t flow_held = 0;
    for (const Waiting& waiting : flow.frames) flow_held += memory_of(waiting.frame);
    INVARIANT(flow.held == flow_held);
    frames += flow.frames.size();
    held += flow_held;
  }
  INVARIANT(destination.held == held);
}

void LinkQueue::check_invariants() const {
  const State& state = *state_;
  INVARIANT(state.traffic_bytes <= state.limits.traffic_bytes);
  INVARIANT(state.control_bytes <= state.limits.control_bytes);
  std::size_t control_bytes = 0;
  state.control.for_each([&](const Packet& frame) { control_bytes += memory_of_control(frame); });
  INVARIANT(state.control_bytes == control_bytes);

  INVARIANT(state.turns.size() == state.destinations.size());
  state.turns.check_invariants();
  std::size_t frames = state.first ? 1 : 0;
  std::size_t traffic_bytes = state.first ? memory_of(*state.first) : 0;
  for (const auto& [key, destination] : state.destinations) {
    INVARIANT(destination.key == &key);
    state.check_destination(destination, frames);
    traffic_bytes += destination.held;
  }
  INVARIANT(state.traffic_bytes == traffic_bytes);
  INVARIANT(state.traffic_frames == frames);
}

}  // namespace thicket::routing
