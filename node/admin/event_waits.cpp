#include "node/admin/event_waits.hpp"

#include <algorithm>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <map>
#include <utility>
#include <vector>

namespace thicket::node {

struct EventWaits::State : std::enable_shared_from_this<State> {
  struct Wait {
    std::uint64_t number;
    Handler done;
    asio::steady_timer timer;
  };

  State(asio::io_context& io_context, EventLog& event_log) : io(io_context), log(event_log) {}

  /// Whoever logs is in the middle of something: those who wait are told later.
  void added() {
    if (telling || waits.empty()) return;
    telling = true;
    asio::post(io, [self = shared_from_this()] { self->tell(); });
  }
  void tell() {
    telling = false;
    for (auto& [id, wait] : std::exchange(waits, {})) wait.done(log.after(wait.number));
  }
  void expire(std::uint64_t id) {
    auto wait = waits.extract(id);
    if (!wait.empty()) wait.mapped().done({});
  }

  asio::io_context& io;
  EventLog& log;
  std::map<std::uint64_t, Wait> waits;
  std::uint64_t next_id = 0;
  bool telling = false;
};

EventWaits::EventWaits(asio::io_context& io, EventLog& log)
    : state_(std::make_shared<State>(io, log)) {
  log.on_add([state = state_.get()] { state->added(); });
}

EventWaits::~EventWaits() {
  stop();
  state_->log.on_add({});
}

const EventLog& EventWaits::log() const {
  return state_->log;
}

bool EventWaits::wait(std::uint64_t number, Duration timeout, Handler done) {
  const EventLog::Page page = state_->log.after(number);
  if (!page.events.empty() || timeout <= Duration::zero()) {
    done(page);
    return true;
  }
  if (state_->waits.size() >= kMaxWaits) return false;
  const std::uint64_t id = state_->next_id++;
  asio::steady_timer timer(state_->io, std::min(timeout, kMaxTimeout));
  timer.async_wait([state = std::weak_ptr(state_), id](const asio::error_code& error) {
    const auto alive = state.lock();
    if (!error && alive) alive->expire(id);
  });
  state_->waits.emplace(id, State::Wait{number, std::move(done), std::move(timer)});
  return true;
}

void EventWaits::stop() {
  state_->waits.clear();
}

}  // namespace thicket::node
