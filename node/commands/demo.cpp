#include "node/commands/demo.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <string>

#include "node/commands/demo_mesh.hpp"
#include "node/commands/demo_table.hpp"
#include "node/commands/exit_code.hpp"
#include "node/log.hpp"
#include "node/process.hpp"
#include "node/system_random.hpp"

namespace thicket::node {
namespace {

constexpr auto kPingInterval = std::chrono::milliseconds(200);

/// Pings at an interval and shows the table, until time is up or there were rounds enough.
class Show {
 public:
  Show(asio::io_context& io, DemoMesh& mesh, const DemoOptions& options)
      : mesh_(mesh),
        rounds_(options.rounds),
        output_(options.output != nullptr ? options.output : stdout),
        live_(::isatty(::fileno(output_)) == 1),
        timer_(io),
        ends_at_(DemoMesh::Clock::now() + std::chrono::seconds(options.seconds)) {}

  void start() {
    print(demo_introduction(mesh_));
    if (live_) print(demo_table(mesh_));
    step();
  }

 private:
  void step() {
    const bool enough = rounds_ != 0 && mesh_.fewest_answers() >= rounds_;
    if (enough || DemoMesh::Clock::now() >= ends_at_) return finish();
    if (live_) redraw();
    mesh_.ping_all();
    timer_.expires_after(kPingInterval);
    timer_.async_wait([this](const asio::error_code& error) {
      if (!error) step();
    });
  }

  void finish() {
    if (live_) {
      redraw();
    } else {
      print(demo_table(mesh_));
    }
    print(demo_summary(mesh_));
    mesh_.stop();
  }

  void redraw() {
    const std::string table = demo_table(mesh_);
    // Up to where the table before began.
    print(fmt::format("\x1b[{}A\r{}", std::count(table.begin(), table.end(), '\n'), table));
  }

  void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), output_);
    std::fflush(output_);
  }

  DemoMesh& mesh_;
  const std::uint32_t rounds_;
  std::FILE* const output_;
  const bool live_;
  asio::steady_timer timer_;
  const DemoMesh::Clock::time_point ends_at_;
};

}  // namespace

int demo_command(const DemoOptions& options) {
  prepare_process();
  silence_logging();  // the table is what there is to see
  SystemRandom random;
  asio::io_context io(1);
  DemoMesh mesh(io, random);
  if (const auto started = mesh.start(); !started) {
    fmt::print(stderr, "thicket: {}\n", started.error());
    return kExitFailure;
  }
  Show show(io, mesh, options);
  show.start();
  io.run();
  const bool all = mesh.answered_pairs() == DemoMesh::kNodes * (DemoMesh::kNodes - 1);
  return all ? kExitOk : kExitFailure;
}

}  // namespace thicket::node
