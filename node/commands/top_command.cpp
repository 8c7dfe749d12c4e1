#include "node/commands/top_command.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cxxopts.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "node/admin/admin_client.hpp"
#include "node/commands/admin_options.hpp"
#include "node/commands/exit_code.hpp"
#include "node/commands/interruption.hpp"
#include "node/commands/json_output.hpp"
#include "node/commands/number_option.hpp"
#include "node/commands/screen.hpp"
#include "node/commands/terminal.hpp"
#include "node/commands/top_view.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;

struct Options {
  std::string socket;
  double interval = 1;  // seconds
  std::uint64_t count = 1;
  bool lines = false;
  bool json = false;
};

Duration interval_of(const Options& options) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.interval));
}

Result<json, AdminClientError> ask(const Options& options, const Interruption& interruption) {
  return ask_admin(options.socket, "getstatus", json::object(), kAdminTimeout,
                   interruption.descriptor());
}

/// What to end with: being stopped is no failure.
int ended(const Command& command, const AdminClientError& error) {
  return error.kind == AdminClientError::Kind::interrupted ? int{kExitOk}
                                                           : admin_failed(command, error);
}

int print_lines(const Command& command, const Options& options, const Interruption& interruption) {
  for (std::uint64_t line = 0; line < options.count; ++line) {
    if (line != 0 && interruption.wait(interval_of(options))) return kExitOk;
    const auto answer = ask(options, interruption);
    if (!answer) return ended(command, answer.error());
    const int printed = print(options.json ? json_output(*answer, false)
                                           : top_line(*answer, Terminal::of_standard_output()));
    if (printed != kExitOk) return printed;
  }
  return kExitOk;
}

int show_screen(const Command& command, const Options& options, const Interruption& interruption) {
  std::optional<AdminClientError> error;
  {
    Screen screen;
    for (;;) {
      const auto answer = ask(options, interruption);
      if (!answer) {
        error = answer.error();
        break;
      }
      const Terminal terminal = Terminal::of_standard_output();
      if (!screen.show(top_view(*answer, terminal), terminal)) return kExitFailure;
      if (screen.wait(interval_of(options), interruption.descriptor())) break;
    }
  }
  // Said on the screen that the user comes back to.
  return error ? ended(command, *error) : int{kExitOk};
}

}  // namespace

void declare_top(cxxopts::Options& options) {
  options.add_options()("count", "Print N lines, then end", cxxopts::value<std::string>(), "N")(
      "interval", "Seconds from one look to the next, 0.1 to 3600 (default 1)",
      cxxopts::value<std::string>(), "SECONDS");
  declare_admin_options(options);
}

int top_command(const Command& command, const Arguments& arguments) {
  Options options;
  if (!take_number<std::uint64_t>(command, arguments, "count", 1, 1'000'000, options.count) ||
      !take_number(command, arguments, "interval", 0.1, 3600.0, options.interval)) {
    return kExitUsage;
  }
  const auto socket = admin_socket_of(command, arguments);
  if (!socket) return socket.error();
  options.socket = *socket;
  options.json = has_option(arguments, "json");
  options.lines =
      options.json || has_option(arguments, "count") || !Terminal::of_standard_output().interactive;
  const Interruption interruption;
  return options.lines ? print_lines(command, options, interruption)
                       : show_screen(command, options, interruption);
}

}  // namespace thicket::node
