#pragma once

#include <asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "crypto/time.hpp"
#include "node/event_log.hpp"

namespace thicket::node {

/// Those who wait for the next events of a log.
class EventWaits {
 public:
  static constexpr std::size_t kMaxWaits = 32;
  static constexpr Duration kMaxTimeout = std::chrono::seconds(30);

  using Handler = std::function<void(const EventLog::Page&)>;

  /// Takes over the log's on_add() until destroyed. References must outlive this.
  EventWaits(asio::io_context& io, EventLog& log);
  ~EventWaits();
  EventWaits(const EventWaits&) = delete;
  EventWaits& operator=(const EventWaits&) = delete;

  const EventLog& log() const;
  /// Calls `done` once: at once if there are events after `number` or `timeout` is 0; else with the
  /// first that come, or with none at the end of `timeout`; not after stop(). False: too many wait.
  bool wait(std::uint64_t number, Duration timeout, Handler done);
  /// Forgets all who wait. Nothing keeps the loop busy any more.
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace thicket::node
