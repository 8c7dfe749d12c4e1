#include "node/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>

namespace thicket::node {
namespace {

bool systemd_keeps_the_log() {
  return std::getenv("JOURNAL_STREAM") != nullptr || std::getenv("INVOCATION_ID") != nullptr;
}

}  // namespace

Result<void, std::string> start_logging(const std::string& level) {
  if (level != "error" && level != "warn" && level != "info" && level != "debug") {
    return failure(
        fmt::format("unknown log level \"{}\": expected error, warn, info or debug", level));
  }
  auto logger = std::make_shared<spdlog::logger>(
      "thicket", std::make_shared<spdlog::sinks::stderr_color_sink_st>());
  logger->set_pattern(systemd_keeps_the_log() ? "%l: %v" : "%Y-%m-%d %H:%M:%S %^%l%$: %v");
  logger->set_level(spdlog::level::from_str(level == "error" ? "err" : level));
  spdlog::set_default_logger(std::move(logger));
  return {};
}

void silence_logging() {
  spdlog::set_level(spdlog::level::off);
}

}  // namespace thicket::node
