#include "sim/event_queue.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace thicket::sim {

void EventQueue::push(Event event) {
  const Place place{
      event.at, sequence_++,
      free_slots_.empty() ? static_cast<std::uint32_t>(slots_.size()) : free_slots_.back()};
  if (free_slots_.empty()) {
    slots_.push_back(std::move(event));
  } else {
    free_slots_.pop_back();
    slots_[place.slot] = std::move(event);
  }
  heap_.push_back(place);
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
}

Event EventQueue::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
  const std::uint32_t slot = heap_.back().slot;
  heap_.pop_back();
  free_slots_.push_back(slot);
  return std::exchange(slots_[slot], Event{});
}

}  // namespace thicket::sim
