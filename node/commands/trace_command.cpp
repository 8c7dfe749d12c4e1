#include "node/commands/trace_command.hpp"

#include <fmt/format.h>

#include <cxxopts.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "node/admin/admin_client.hpp"
#include "node/admin/lookup_target.hpp"
#include "node/commands/admin_options.hpp"
#include "node/commands/exit_code.hpp"
#include "node/commands/json_output.hpp"
#include "node/commands/terminal.hpp"
#include "node/commands/trace_report.hpp"
#include "node/commands/wait_notice.hpp"
#include "node/json_fields.hpp"
#include "node/next_hops.hpp"
#include "node/pings.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;
using Answer = Result<json, AdminClientError>;

constexpr std::size_t kMostHops = 64;
constexpr Duration kMargin = std::chrono::seconds(2);

/// Follows the packet hop by hop; prints what it finds, or keeps it for JSON.
class Trace {
 public:
  Trace(std::string socket, std::string target, bool as_json)
      : socket_(std::move(socket)), target_(std::move(target)), json_(as_json) {}

  /// True: there is something to say of the way. False: there is no path.
  Result<bool, AdminClientError> run();
  bool reached() const { return reached_; }
  json result() const {
    return {{"target", end_},
            {"found", end_.is_object()},
            {"hops", hops_},
            {"complete", complete_},
            {"reached", reached_}};
  }
  int printed() const { return printed_; }

 private:
  Answer step(const std::string& at) const {
    json request = {{"key", target_}};
    if (!at.empty()) request["at"] = at;
    const WaitNotice notice(fmt::format("looking for hop {}", number_));
    return ask_admin(socket_, "trace", request,
                     NextHops::kFindTime + NextHops::kAskTime + NextHops::kLocateTime + kMargin);
  }
  Answer ping(const json& node) const {
    const json request = {{"key", field_text(node, "key")}, {"way", "query"}, {"timeout", 2}};
    const WaitNotice notice(fmt::format("measuring hop {}", number_));
    return ask_admin(socket_, "ping", request,
                     2 * Pings::kConnectTime + std::chrono::seconds(2) + kMargin);
  }
  Result<bool, AdminClientError> end_in_gap(const json& step);
  void show(const std::string& lines) {
    if (!json_ && printed_ == kExitOk) printed_ = print(lines);
  }

  std::string socket_;
  std::string target_;
  bool json_;
  Terminal terminal_ = Terminal::of_standard_output();
  json end_;
  json hops_ = json::array();
  std::size_t number_ = 0;
  bool complete_ = false;
  bool reached_ = false;
  int printed_ = kExitOk;
};

Result<bool, AdminClientError> Trace::run() {
  std::string at;
  std::set<std::string> seen;
  while (number_++ < kMostHops && printed_ == kExitOk) {
    const Answer step = this->step(at);
    if (!step) return failure(step.error());
    if (!field_flag(*step, "found")) return number_ > 1;
    if (number_ == 1) {
      end_ = field(*step, "target");
      show(trace_heading(*step, terminal_));
    }
    const json& next = field(*step, "next");
    at = field_text(next, "key", "");
    // Coordinates that change meanwhile can lead in circles.
    if (at.empty() || !seen.insert(at).second) return end_in_gap(*step);
    const Answer answer = ping(next);
    if (!answer) return failure(answer.error());
    show(trace_line(number_, *step, *answer, terminal_));
    hops_.push_back(trace_hop(*step, *answer));
    if (at == field_text(end_, "key")) {
      complete_ = true;
      reached_ = field_flag(*answer, "answered");
      return true;
    }
  }
  return true;
}

/// What comes next is not known; whether the target answers is.
Result<bool, AdminClientError> Trace::end_in_gap(const json& step) {
  show(trace_gap(number_, step));
  const Answer answer = ping(end_);
  if (!answer) return failure(answer.error());
  show(trace_far_end(step, *answer, terminal_));
  reached_ = field_flag(*answer, "answered");
  return true;
}

}  // namespace

void declare_trace(cxxopts::Options& options) {
  declare_admin_options(options);
}

int trace_command(const Command& command, const Arguments& arguments) {
  const std::string& target = arguments.operands.front();
  if (const auto parsed = parse_lookup_target(target); !parsed) {
    return usage_error(command.name, parsed.error());
  }
  const auto socket = admin_socket_of(command, arguments);
  if (!socket) return socket.error();
  const bool as_json = has_option(arguments, "json");
  Trace trace(*socket, target, as_json);
  const auto found = trace.run();
  if (!found) return admin_failed(command, found.error());
  if (trace.printed() != kExitOk) return trace.printed();
  const std::string rest = as_json  ? json_output(trace.result(), true)
                           : *found ? std::string()
                                    : fmt::format("{}: not found\n", printable(target));
  if (const int printed = print(rest); printed != kExitOk) return printed;
  return trace.reached() ? kExitOk : kExitNotFound;
}

}  // namespace thicket::node
