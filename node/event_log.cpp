#include "node/event_log.hpp"

#include <algorithm>

namespace thicket::node {

void EventLog::add(std::chrono::system_clock::time_point time, std::string_view level,
                   std::string_view text) {
  if (events_.size() == kMaxEvents) events_.pop_front();
  const std::chrono::duration<double> since_epoch = time.time_since_epoch();
  events_.push_back(
      {++newest_, since_epoch.count(), std::string(level), std::string(text.substr(0, kMaxText))});
  if (tell_) tell_();
}

EventLog::Page EventLog::after(std::uint64_t number) const {
  if (number > newest_) number = 0;
  const auto first = std::find_if(events_.begin(), events_.end(),
                                  [&](const Event& event) { return event.number > number; });
  Page page{{first, events_.end()}, 0};
  if (!page.events.empty()) page.missed = page.events.front().number - number - 1;
  return page;
}

}  // namespace thicket::node
