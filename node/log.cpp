#include "node/log.hpp"

#include <fmt/format.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace thicket::node {
namespace {

bool systemd_keeps_the_log() {
  return std::getenv("JOURNAL_STREAM") != nullptr || std::getenv("INVOCATION_ID") != nullptr;
}

spdlog::level::level_enum level_of(const std::string& name) {
  return spdlog::level::from_str(name == "error" ? "err" : name);
}

/// Keeps what is logged. Only the thread that runs the event loop logs.
class EventSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
  void sink_it_(const spdlog::details::log_msg& message) override {
    const auto level = spdlog::level::to_string_view(message.level);
    event_log().add(message.time, {level.data(), level.size()},
                    {message.payload.data(), message.payload.size()});
  }
  void flush_() override {}
};

}  // namespace

EventLog& event_log() {
  static EventLog log;
  return log;
}

Result<void, std::string> start_logging(const std::string& level) {
  if (std::ranges::find(kLogLevels, level) == kLogLevels.end()) {
    return failure(
        fmt::format("unknown log level \"{}\": expected error, warn, info or debug", level));
  }
  const spdlog::sinks_init_list sinks{std::make_shared<spdlog::sinks::stderr_color_sink_st>(),
                                      std::make_shared<EventSink>()};
  auto logger = std::make_shared<spdlog::logger>("thicket", sinks);
  logger->set_pattern(systemd_keeps_the_log() ? "%l: %v" : "%Y-%m-%d %H:%M:%S %^%l%$: %v");
  logger->set_level(level_of(level));
  spdlog::set_default_logger(std::move(logger));
  return {};
}

void set_log_level(const std::string& level) {
  if (spdlog::get_level() != spdlog::level::off) spdlog::set_level(level_of(level));
}

void silence_logging() {
  spdlog::set_level(spdlog::level::off);
}

}  // namespace thicket::node
