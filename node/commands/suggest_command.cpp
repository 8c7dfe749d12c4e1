#include "node/commands/suggest_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cxxopts.hpp>
#include <nlohmann/json.hpp>

#include "node/commands/exit_code.hpp"
#include "node/commands/json_output.hpp"
#include "node/commands/number_option.hpp"
#include "node/commands/suggest_view.hpp"
#include "node/commands/terminal.hpp"
#include "node/log.hpp"
#include "node/process.hpp"
#include "node/public_peers/peer_survey.hpp"
#include "node/system_random.hpp"
#include "node/units.hpp"

namespace thicket::node {

namespace {

constexpr std::uint64_t kMostSuggested = 64;
constexpr std::uint64_t kMostTries = 20;

struct Options {
  std::uint64_t count = 3;
  std::uint64_t tries = 4;
  double timeout = 3;
};

Result<std::string, std::string> read_standard_input() {
  std::string text;
  std::array<char, 16384> buffer{};
  while (text.size() <= kMaxPeerListBytes) {
    const auto got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got == 0) break;
    if (got < 0) return failure(std::string("standard input cannot be read"));
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

Result<PeerList, std::string> read_list(const std::string& file) {
  if (file != "-") return load_peer_list(file);
  const auto text = read_standard_input();
  if (!text) return failure(text.error());
  auto list = parse_peer_list(*text);
  if (!list) return failure("standard input: " + list.error());
  return list;
}

/// One line on the terminal that says how far it is, while standard error is one.
class Progress {
 public:
  void show(const PeerSurvey& survey) {
    if (!shown_) return;
    print(fmt::format("{} of about {} tries, {} answered", survey.tries_done(),
                      survey.tries_planned(), count_text(survey.answered(), "peer")));
  }
  void clear() {
    if (shown_ && width_ != 0) print("");
  }

 private:
  void print(const std::string& line) {
    const std::size_t before = std::exchange(width_, line.size());
    fmt::print(stderr, "\r{:<{}}{}", line, before, line.empty() ? "\r" : "");
    std::fflush(stderr);
  }
  const bool shown_ = ::isatty(STDERR_FILENO) == 1;
  std::size_t width_ = 0;
};

/// Until all is tried, or somebody is tired of waiting: what is known by then is worth showing.
void run(asio::io_context& io, PeerSurvey& survey) {
  Progress progress;
  asio::signal_set signals(io, SIGINT, SIGTERM);
  const auto end = [&] {
    survey.stop();
    signals.cancel();
  };
  signals.async_wait([&](const asio::error_code& cancelled, int) {
    if (!cancelled) survey.stop();
  });
  survey.start([&] { progress.show(survey); }, end);
  io.run();
  progress.clear();
}

}  // namespace

void declare_suggest(cxxopts::Options& options) {
  options.add_options()("n,count", "suggest: how many peers, 1 to 64 (default 3)",
                        cxxopts::value<std::string>(),
                        "N")("tries", "suggest: tries of each of the best, 1 to 20 (default 4)",
                             cxxopts::value<std::string>(), "N")(
      "timeout", "suggest: seconds to wait for each try, 0.1 to 30 (default 3)",
      cxxopts::value<std::string>(), "SECONDS");
}

int suggest_command(const Command& command, const Arguments& arguments) {
  Options options;
  if (!take_number<std::uint64_t>(command, arguments, "count", 1, kMostSuggested, options.count) ||
      !take_number<std::uint64_t>(command, arguments, "tries", 1, kMostTries, options.tries) ||
      !take_number(command, arguments, "timeout", 0.1, 30.0, options.timeout)) {
    return kExitUsage;
  }
  auto list = read_list(arguments.operands[1]);
  if (!list) return command_error(command.name, list.error(), kExitFailure);
  prepare_process();
  silence_logging();
  SystemRandom random;
  asio::io_context io(1);
  PeerSurvey survey(
      io, random, std::move(list->peers),
      {options.count, options.tries,
       std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.timeout))});
  run(io, survey);
  const auto& peers = survey.peers();
  const int printed =
      print(has_option(arguments, "json")
                ? json_output(suggest_json(peers, options.count), true)
                : suggest_view(peers, options.count, Terminal::of_standard_output()));
  if (printed != kExitOk) return printed;
  return survey.answered() != 0 ? kExitOk : kExitNotFound;
}

}  // namespace thicket::node
