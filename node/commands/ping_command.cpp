#include "node/commands/ping_command.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cxxopts.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "node/admin/admin_client.hpp"
#include "node/admin/lookup_target.hpp"
#include "node/commands/admin_options.hpp"
#include "node/commands/exit_code.hpp"
#include "node/commands/interruption.hpp"
#include "node/commands/json_output.hpp"
#include "node/commands/number_option.hpp"
#include "node/commands/ping_report.hpp"
#include "node/json_fields.hpp"
#include "node/pings.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string target;
  std::string socket;
  bool icmp = false;
  std::uint64_t count = 0;  // 0: until it is stopped
  double interval = 1;      // seconds
  double timeout = 2;       // seconds
  std::uint64_t size = PingOptions{}.data_size;
  bool json = false;
};

Duration seconds(double count) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(count));
}

/// The error is what to end with.
Result<Options, int> options_in(const Command& command, const Arguments& arguments) {
  Options options;
  options.target = arguments.operands.front();
  if (const auto parsed = parse_lookup_target(options.target); !parsed) {
    return failure(usage_error(command.name, parsed.error()));
  }
  constexpr std::uint64_t kMostPings = 1'000'000'000;
  constexpr double kMostTimeout = std::chrono::duration<double>(Pings::kMostTimeout).count();
  const bool read =
      take_number<std::uint64_t>(command, arguments, "count", 1, kMostPings, options.count) &&
      take_number(command, arguments, "interval", 0.1, 3600.0, options.interval) &&
      take_number(command, arguments, "timeout", 0.01, kMostTimeout, options.timeout) &&
      take_number<std::uint64_t>(command, arguments, "size", Pings::kTokenSize, Pings::kMostData,
                                 options.size);
  if (!read) return failure(int{kExitUsage});
  const auto socket = admin_socket_of(command, arguments);
  if (!socket) return failure(int{socket.error()});
  options.socket = *socket;
  options.icmp = has_option(arguments, "icmp");
  options.json = has_option(arguments, "json");
  return options;
}

/// Of one ping: the node finds the other one, sets up a session, and waits for the answer.
Duration longest(const Options& options) {
  return 2 * Pings::kConnectTime + seconds(options.timeout) + std::chrono::seconds(2);
}

json request_for(const Options& options, const std::string& way) {
  json request = {{"key", options.target}, {"timeout", options.timeout}, {"size", options.size}};
  if (!way.empty()) request["way"] = way;
  return request;
}

/// Pings until the count is reached, a signal comes, or the node cannot be asked.
int ping_all(const Command& command, const Options& options, const Interruption& interruption,
             PingReport& report) {
  std::string way = options.icmp ? "icmp" : "";  // "": what suits the target
  auto next = Clock::now();
  for (std::uint64_t sequence = 1; options.count == 0 || sequence <= options.count; ++sequence) {
    if (interruption.wait(next - Clock::now())) return kExitOk;
    next = Clock::now() + seconds(options.interval);
    const auto answer = ask_admin(options.socket, "ping", request_for(options, way),
                                  longest(options), interruption.descriptor());
    if (!answer) {
      if (answer.error().kind == AdminClientError::Kind::interrupted) return kExitOk;
      return admin_failed(command, answer.error());
    }
    if (!options.icmp) way = field_text(*answer, "way", "");  // whoever has answered
    std::string lines = report.add(sequence, *answer);
    if (options.json) {
      json line = *answer;
      line["sequence"] = sequence;
      lines = json_output(line, false);
    }
    if (const int printed = print(lines); printed != kExitOk) return printed;
  }
  return kExitOk;
}

}  // namespace

void declare_ping(cxxopts::Options& options) {
  options.add_options()("c,count", "Ping N times (default: until it is stopped)",
                        cxxopts::value<std::string>(),
                        "N")("i,interval",
                             "Seconds from one ping to the next, at least 0.1 (default 1); a "
                             "Thicket node answers 4 a second",
                             cxxopts::value<std::string>(), "SECONDS")(
      "W,timeout", "Seconds to wait for each answer, 0.01 to 10 (default 2)",
      cxxopts::value<std::string>(),
      "SECONDS")("s,size", "Bytes of data in ICMPv6 echoes, 16 to 1024 (default 56)",
                 cxxopts::value<std::string>(),
                 "BYTES")("icmp", "Ask the host there, by ICMPv6 echo, instead of the node");
  declare_admin_options(options, "config");
}

int ping_command(const Command& command, const Arguments& arguments) {
  const auto options = options_in(command, arguments);
  if (!options) return options.error();
  PingReport report(options->target, options->size);
  if (!options->json) {
    if (const int printed = print(report.heading()); printed != kExitOk) return printed;
  }
  const auto begin = Clock::now();
  const Interruption interruption;
  const int status = ping_all(command, *options, interruption, report);
  if (status != kExitOk && report.sent() == 0) return status;
  const auto took = std::chrono::duration_cast<Duration>(Clock::now() - begin);
  const int printed =
      print(options->json ? json_output(report.summary_json(took), false) : report.summary(took));
  if (status != kExitOk) return status;
  if (printed != kExitOk) return printed;
  return report.answered() != 0 ? kExitOk : kExitNotFound;
}

}  // namespace thicket::node
