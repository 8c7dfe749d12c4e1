#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace thicket::node {

/// Something that the log told of.
struct Event {
  std::uint64_t number = 0;  ///< from 1, one more each time
  double time = 0;           ///< Unix seconds
  std::string level;         ///< "error", "warning", "info" or "debug"
  std::string text;
};

/// What the log told last, for the administration request `events`. What strangers can cause is
/// bounded by the log already (LinkLog); the oldest make room here.
class EventLog {
 public:
  static constexpr std::size_t kMaxEvents = 256;
  static constexpr std::size_t kMaxText = 1024;  ///< bytes; longer ones are cut

  void add(std::chrono::system_clock::time_point time, std::string_view level,
           std::string_view text);

  struct Page {
    std::vector<Event> events;  ///< oldest first
    std::uint64_t missed = 0;   ///< how many came after `number` and are not kept any more
  };
  /// Those with a higher number. A number that there has not been yet is one of an earlier run:
  /// then all.
  Page after(std::uint64_t number) const;
  /// The number of the newest; 0: there is none.
  std::uint64_t newest() const { return newest_; }
  /// Called after each add(), from within; empty: nobody is.
  void on_add(std::function<void()> tell) { tell_ = std::move(tell); }

 private:
  std::deque<Event> events_;
  std::uint64_t newest_ = 0;
  std::function<void()> tell_;
};

}  // namespace thicket::node
