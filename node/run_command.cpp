#include "node/run_command.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <utility>

#include "crypto/address.hpp"
#include "node/exit_code.hpp"
#include "node/log.hpp"
#include "node/node.hpp"
#include "node/process.hpp"
#include "node/state_directory.hpp"
#include "node/system_random.hpp"
#include "tun/linux_device.hpp"

namespace thicket::node {
namespace {

// What may still be running after a stop (a name being resolved) is not waited for longer.
constexpr auto kShutdownTime = std::chrono::milliseconds(500);
// After this most first handshakes are done, and with them what only they and start-up needed.
constexpr auto kSettlingTime = std::chrono::seconds(5);

Result<OpenedConfig, std::string> open_configuration(const RunOptions& options, Random& random) {
  auto opened = open_config(options.config_file, Environment::of_process(), random);
  if (!opened) return failure(opened.error().to_string());
  spdlog::info("configuration {}{}", opened->file.string(),
               opened->created ? ", made just now with a new key" : "");
  Config& config = opened->config;
  for (const std::string& warning : config.warnings) spdlog::warn("{}", warning);
  if (!config.identity) {
    spdlog::warn("{} names no private key: this run has a key and address of its own",
                 opened->file.string());
    config.identity = KeyPair::generate(random);
  }
  config.peers.insert(config.peers.end(), options.peers.begin(), options.peers.end());
  return std::move(*opened);
}

std::unique_ptr<tun::Device> open_device(asio::io_context& io, const Config& config) {
  if (config.interface_name == "none") {
    spdlog::info("no TUN device, as configured");
    return nullptr;
  }
  auto device = tun::open_linux_device(
      io, config.interface_name, Address::of(config.identity->public_key()), config.interface_mtu);
  if (!device) {
    spdlog::warn("no TUN device: {}; this node only relays for others", device.error());
    return nullptr;
  }
  spdlog::info("TUN device {}, MTU {}", (*device)->name(), (*device)->mtu());
  return std::move(*device);
}

bool has_peers(const Config& config) {
  return !config.peers.empty() ||
         std::ranges::any_of(config.interface_peers,
                             [](const auto& entry) { return !entry.second.empty(); });
}

void introduce(const Config& config, const std::filesystem::path& file) {
  const PublicKey& key = config.identity->public_key();
  spdlog::info("address {}", Address::of(key).to_string());
  spdlog::info("subnet {}", Subnet::of(key).to_string());
  spdlog::info("public key {}", key.to_hex());
  if (!has_peers(config) && !config.multicast_interfaces.empty()) {
    spdlog::info(
        "no peers configured: only nodes in the local network, and inbound links; name a peer: "
        "thicket run tls://host:port, or Peers in {}",
        file.string());
  } else if (!has_peers(config) && config.listen.empty()) {
    spdlog::warn(
        "no peers, no listeners and no local discovery: this node is alone; name a peer: "
        "thicket run tls://host:port, or Peers in {}",
        file.string());
  } else if (!has_peers(config)) {
    spdlog::info("no peers configured: only inbound links");
  }
  for (const std::string& peer : config.peers) {
    spdlog::info("peer {}", peer.substr(0, peer.find('?')));  // a query may hold a password
  }
}

const char* name_of_signal(int number) {
  switch (number) {
    case SIGINT:
      return "SIGINT";
    case SIGHUP:
      return "SIGHUP";
    default:
      return "SIGTERM";
  }
}

/// Whether whoever started us (as nohup does) wants the signal ignored.
bool is_ignored(int number) {
  struct sigaction action {};
  return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

/// Signals that ask the process to stop; they stop the loop.
void stop_at_signals(asio::io_context& io, asio::signal_set& signals) {
  if (!is_ignored(SIGHUP)) signals.add(SIGHUP);
  signals.async_wait([&io](const asio::error_code& error, int number) {
    if (error) return;
    spdlog::info("{}: stopping", name_of_signal(number));
    io.stop();
  });
}

/// false: something still runs that cannot be cancelled.
bool stop(asio::io_context& io, Node& node) {
  node.stop();
  io.restart();
  io.run_for(kShutdownTime);
  return io.stopped();
}

}  // namespace

int run_command(const RunOptions& options) {
  prepare_process();
  if (const auto logging = start_logging(options.log_level); !logging) {
    fmt::print(stderr, "thicket: {}\n", logging.error());
    return kExitUsage;
  }
  SystemRandom random;
  auto opened = open_configuration(options, random);
  if (!opened) {
    spdlog::error("{}", opened.error());
    return kExitBadConfig;
  }

  asio::io_context io(1);
  asio::signal_set signals(io, SIGINT, SIGTERM);  // before there is anything to clean up
  stop_at_signals(io, signals);
  introduce(opened->config, opened->file);
  auto device = open_device(io, opened->config);
  Node node(io, random, std::move(opened->config), std::move(device));
  if (const auto started = node.start(); !started) {
    spdlog::error("{}", started.error());
    return kExitFailure;
  }
  asio::steady_timer settled(io, kSettlingTime);
  settled.async_wait([](const asio::error_code& error) {
    if (!error) release_startup_memory();
  });
  io.run();
  signals.clear();  // from here on they do what they do by default: a second one ends us at once
  settled.cancel();
  // Waiting for the rest, as destructors would, could take longer than anybody wants to.
  if (!stop(io, node)) ::_exit(kExitOk);
  return kExitOk;
}

}  // namespace thicket::node
