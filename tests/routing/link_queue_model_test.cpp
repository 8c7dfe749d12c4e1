#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "routing/link_queue.hpp"

// The queue against one that does the same without any clever structure.
namespace thicket::routing {
namespace {

constexpr std::size_t kCredit = 4096;
constexpr std::size_t kOverhead = 640;

struct ModelFrame {
  std::uint32_t number;
  std::size_t size;
  std::size_t memory;
};

struct ModelFlow {
  int source;
  std::deque<ModelFrame> frames;
  std::size_t credit = 0;

  std::size_t memory() const {
    std::size_t sum = 0;
    for (const ModelFrame& frame : frames) sum += frame.memory;
    return sum;
  }
};

// First in a vector: whose turn it is.
struct ModelDestination {
  int key;
  std::vector<ModelFlow> flows;
  std::size_t credit = 0;
  bool credited = false;

  std::size_t memory() const {
    std::size_t sum = 0;
    for (const ModelFlow& flow : flows) sum += flow.memory();
    return sum;
  }
};

class Model {
 public:
  explicit Model(std::size_t limit) : limit_(limit) {}

  void push(int destination, int source, ModelFrame frame) {
    if (frame.memory > limit_) {
      ++dropped;
    } else if (memory() == 0) {
      first_ = frame;
    } else {
      flow_of(destination, source).frames.push_back(frame);
      while (memory() > limit_) drop();
    }
  }

  std::optional<std::uint32_t> pop() {
    if (first_) return std::exchange(first_, std::nullopt)->number;
    if (destinations_.empty()) return std::nullopt;
    for (;;) {
      ModelDestination& destination = destinations_.front();
      if (!std::exchange(credited_, true)) destination.credit += kCredit;
      ModelFlow& flow = turn(destination);
      const ModelFrame frame = flow.frames.front();
      if (destinations_.size() > 1 && destination.credit < frame.size) {
        std::rotate(destinations_.begin(), destinations_.begin() + 1, destinations_.end());
        credited_ = false;
        continue;
      }
      destination.credit -= std::min(destination.credit, frame.size);
      flow.credit -= std::min(flow.credit, frame.size);
      remove_oldest(0, 0);
      return frame.number;
    }
  }

  std::size_t memory() const {
    std::size_t sum = first_ ? first_->memory : 0;
    for (const ModelDestination& destination : destinations_) sum += destination.memory();
    return sum;
  }

  std::uint64_t dropped = 0;

 private:
  ModelFlow& flow_of(int key, int source) {
    auto at = std::find_if(destinations_.begin(), destinations_.end(),
                           [key](const auto& destination) { return destination.key == key; });
    if (at == destinations_.end()) {
      destinations_.push_back({key, {}});
      order_[key] = ++order_seen_;
      at = destinations_.end() - 1;
    }
    auto flow = std::find_if(at->flows.begin(), at->flows.end(),
                             [source](const auto& other) { return other.source == source; });
    if (flow == at->flows.end()) {
      at->flows.push_back({source, {}});
      flow_order_[{key, source}] = ++order_seen_;
      flow = at->flows.end() - 1;
    }
    return *flow;
  }

  ModelFlow& turn(ModelDestination& destination) {
    for (;;) {
      ModelFlow& flow = destination.flows.front();
      if (!std::exchange(destination.credited, true)) flow.credit += kCredit;
      if (destination.flows.size() == 1 || flow.credit >= flow.frames.front().size) return flow;
      std::rotate(destination.flows.begin(), destination.flows.begin() + 1,
                  destination.flows.end());
      destination.credited = false;
    }
  }

  void drop() {
    std::size_t largest = 0;
    for (std::size_t i = 1; i < destinations_.size(); ++i) {
      const auto rank = [this](const ModelDestination& destination) {
        return std::pair(destination.memory(), -order_[destination.key]);
      };
      if (rank(destinations_[i]) > rank(destinations_[largest])) largest = i;
    }
    const ModelDestination& destination = destinations_[largest];
    std::size_t longest = 0;
    for (std::size_t i = 1; i < destination.flows.size(); ++i) {
      const auto rank = [&, this](const ModelFlow& flow) {
        return std::pair(flow.memory(), -flow_order_[{destination.key, flow.source}]);
      };
      if (rank(destination.flows[i]) > rank(destination.flows[longest])) longest = i;
    }
    remove_oldest(largest, longest);
    ++dropped;
  }

  void remove_oldest(std::size_t d, std::size_t f) {
    ModelDestination& destination = destinations_[d];
    destination.flows[f].frames.pop_front();
    if (destination.flows[f].frames.empty()) {
      destination.flows.erase(destination.flows.begin() + static_cast<long>(f));
      if (f == 0) destination.credited = false;
    }
    if (destination.flows.empty()) {
      destinations_.erase(destinations_.begin() + static_cast<long>(d));
      if (d == 0) credited_ = false;
    }
  }

  std::size_t limit_;
  std::optional<ModelFrame> first_;
  std::vector<ModelDestination> destinations_;
  bool credited_ = false;
  std::int64_t order_seen_ = 0;
  std::map<int, std::int64_t> order_;
  std::map<std::pair<int, int>, std::int64_t> flow_order_;
};

PublicKey key(int number) {
  PublicKey key;
  key.bytes[0] = static_cast<std::uint8_t>(number);
  return key;
}

struct Step {
  bool pop;
  int destination;
  int source;
  std::size_t size;
};

rc::Gen<Step> any_step() {
  return rc::gen::map(
      rc::gen::tuple(
          rc::gen::inRange(0, 10), rc::gen::inRange(0, 5), rc::gen::inRange(0, 4),
          rc::gen::weightedOneOf<std::size_t>({{8, rc::gen::inRange<std::size_t>(4, 2000)},
                                               {2, rc::gen::inRange<std::size_t>(2049, 66000)},
                                               {1, rc::gen::just<std::size_t>(131000)}})),
      [](const auto& parts) {
        return Step{std::get<0>(parts) < 4, std::get<1>(parts), std::get<2>(parts),
                    std::get<3>(parts)};
      });
}

Packet frame_of(std::uint32_t number, std::size_t size) {
  Packet packet(size, 0);
  std::memcpy(packet.data(), &number, sizeof number);
  return packet;
}

std::optional<std::uint32_t> number_of(const std::optional<Packet>& packet) {
  if (!packet) return std::nullopt;
  std::uint32_t number = 0;
  std::memcpy(&number, packet->data(), sizeof number);
  return number;
}

rc::Gen<std::vector<Step>> any_steps() {
  return rc::gen::scale(4.0, rc::gen::container<std::vector<Step>>(any_step()));
}

RC_GTEST_PROP(LinkQueueModel, PopsAndDropsWhatTheModelDoes, ()) {
  const auto limit = *rc::gen::element<std::size_t>(3000, 30000, 300000, 3000000);
  const auto steps = *any_steps();
  LinkQueue queue({limit, 1});
  Model model(limit);
  std::uint32_t pushed = 0;
  for (const Step& step : steps) {
    if (step.pop) {
      RC_ASSERT(number_of(queue.pop(Instant())) == model.pop());
    } else {
      Packet packet = frame_of(++pushed, step.size);
      model.push(step.destination, step.source, {pushed, step.size, packet.capacity() + kOverhead});
      queue.push_traffic(Instant(), key(step.destination), key(step.source), std::move(packet));
    }
    queue.check_invariants();
    RC_ASSERT(queue.bytes() == model.memory());
    RC_ASSERT(queue.bytes() <= limit);
    RC_ASSERT(queue.dropped_frames() == model.dropped);
  }
  while (const auto expected = model.pop()) RC_ASSERT(number_of(queue.pop(Instant())) == expected);
  RC_ASSERT(queue.empty());
}

RC_GTEST_PROP(LinkQueueModel, KeepsTheOrderWithinEachFlow, ()) {
  const auto steps = *any_steps();
  const auto target = std::chrono::milliseconds(*rc::gen::element(0, 5));
  LinkQueue queue({500000, 1, target, std::chrono::milliseconds(10)});
  std::map<std::uint32_t, std::pair<int, int>> flow_of;
  std::map<std::pair<int, int>, std::uint32_t> newest;
  std::uint32_t pushed = 0;
  std::uint32_t popped = 0;
  Instant now{};
  const auto pop = [&] {
    const auto number = number_of(queue.pop(now));
    if (!number) return false;
    ++popped;
    std::uint32_t& last = newest[flow_of.at(*number)];
    RC_ASSERT(last < *number);
    last = *number;
    return true;
  };
  for (const Step& step : steps) {
    now += std::chrono::milliseconds(1);
    if (step.pop) {
      pop();
    } else {
      flow_of[++pushed] = {step.destination, step.source};
      queue.push_traffic(now, key(step.destination), key(step.source), frame_of(pushed, step.size));
    }
    queue.check_invariants();
  }
  while (pop()) now += std::chrono::milliseconds(1);
  RC_ASSERT(popped + queue.dropped_frames() == pushed);
}

RC_GTEST_PROP(LinkQueueModel, BackloggedDestinationsSendEqually, ()) {
  const auto destinations = *rc::gen::inRange(2, 6);
  LinkQueue queue({std::size_t{1} << 30, 1});
  std::vector<std::size_t> sent(static_cast<std::size_t>(destinations));
  std::size_t largest = 0;
  for (int destination = 0; destination < destinations; ++destination) {
    const auto size = *rc::gen::inRange<std::size_t>(64, 20000);
    largest = std::max(largest, size);
    for (std::size_t waiting = 0; waiting < 400000; waiting += size) {
      queue.push_traffic(Instant(), key(destination), key(0),
                         frame_of(static_cast<std::uint32_t>(destination), size));
    }
  }
  std::size_t total = 0;
  while (total < 200000 * static_cast<std::size_t>(destinations)) {
    const auto packet = queue.pop(Instant());
    total += packet->size();
    sent[*number_of(packet)] += packet->size();
  }
  const auto [least, most] = std::minmax_element(sent.begin(), sent.end());
  // Nobody is ahead by more than a frame and the credit of a turn on either side.
  RC_ASSERT(*most - *least <= 2 * (largest + kCredit));
}

}  // namespace
}  // namespace thicket::routing
