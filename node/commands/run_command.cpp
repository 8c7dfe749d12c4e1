#include "node/commands/run_command.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <utility>

#include "crypto/address.hpp"
#include "node/commands/exit_code.hpp"
#include "node/config/state_directory.hpp"
#include "node/log.hpp"
#include "node/node.hpp"
#include "node/privileges/account.hpp"
#include "node/privileges/hardening.hpp"
#include "node/process.hpp"
#include "node/service_manager.hpp"
#include "node/system_random.hpp"
#include "tun/linux_device.hpp"

namespace thicket::node {
namespace {

// What may still be running after a stop (a name being resolved) is not waited for longer.
constexpr auto kShutdownTime = std::chrono::milliseconds(500);
// After this most first handshakes are done, and with them what only they and start-up needed.
constexpr auto kSettlingTime = std::chrono::seconds(5);

/// What the command line says counts beside the file, or before it.
void add_options(Config& config, const RunOptions& options) {
  config.peers.insert(config.peers.end(), options.peers.begin(), options.peers.end());
  if (options.log_level) config.log_level = *options.log_level;
}

Result<OpenedConfig, std::string> open_configuration(const RunOptions& options,
                                                     const Environment& environment,
                                                     Random& random) {
  auto opened = open_config(options.config_file, environment, random);
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
  add_options(config, options);
  if (!options.log_level) set_log_level(config.log_level);
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
  return !config.peers.empty() || !config.auto_peers.file.empty() ||
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

/// Whether SIGHUP means what it first did: the terminal that we were started at is gone.
bool has_lost_terminal() {
  static const bool had_one = ::isatty(STDIN_FILENO) == 1;
  return had_one && ::isatty(STDIN_FILENO) == 0;
}

/// Signals that ask the process to stop, which stop the loop, and the one that asks it to read its
/// configuration again.
class Signals {
 public:
  explicit Signals(asio::io_context& io) : io_(io), signals_(io, SIGINT, SIGTERM) {
    if (!is_ignored(SIGHUP)) signals_.add(SIGHUP);
    has_lost_terminal();
    wait();
  }
  void on_reload(std::function<void()> reload) { reload_ = std::move(reload); }
  /// From here on they do what they do by default.
  void clear() { signals_.clear(); }

 private:
  void wait() {
    signals_.async_wait([this](const asio::error_code& error, int number) {
      if (!error) take(number);
    });
  }
  void take(int number) {
    if (number == SIGHUP && reload_ && !has_lost_terminal()) {
      spdlog::info("SIGHUP: reading the configuration again");
      reload_();
      return wait();
    }
    spdlog::info("{}: stopping", name_of_signal(number));
    io_.stop();
  }

  asio::io_context& io_;
  asio::signal_set signals_;
  std::function<void()> reload_;
};

/// What the running node's file, and the command line, say now. A file that has lost the key is
/// most likely one that is being written.
ConfigSource source_of(const RunOptions& options, const Environment& environment,
                       const OpenedConfig& opened) {
  return [options, environment, file = opened.file, must_have_key = !opened.keyless]() {
    auto config = reopen_config(options.config_file, environment);
    if (!config) {
      const std::string advice = readability_advice(file);
      if (!advice.empty()) config.error().expected = advice;
    }
    if (config && must_have_key && !config->identity) {
      return Result<Config, ConfigError>(failure(
          ConfigError{file, 0, "PrivateKey", "nothing", "the key that this node runs with"}));
    }
    if (config) add_options(*config, options);
    return config;
  };
}

/// false: something still runs that cannot be cancelled.
bool stop(asio::io_context& io, Node& node) {
  node.stop();
  io.restart();
  io.run_for(kShutdownTime);
  return io.stopped();
}

/// From opening what takes privileges, through giving them up, to serving.
Result<void, std::string> start(Node& node, const HardeningPlan& plan) {
  if (auto opened = node.open(); !opened) return opened;
  auto protections = harden(plan);
  if (!protections) return failure(protections.error());
  node.show_protections(std::move(*protections));
  return node.start();
}

/// Whom to become; nobody if that was not asked for.
Result<std::optional<Account>, std::string> account_of(const RunOptions& options) {
  if (!options.user) return std::nullopt;
  auto account = find_account(*options.user);
  if (!account) return failure(fmt::format("--user: {}", account.error()));
  if (::geteuid() != 0 && ::geteuid() != account->uid) {
    return failure(fmt::format(
        "--user: only root can become {}; start as root, or leave --user out", account->user));
  }
  return std::optional(std::move(*account));
}

}  // namespace

int run_command(const RunOptions& options) {
  prepare_process();
  if (const auto logging = start_logging(options.log_level.value_or("info")); !logging) {
    fmt::print(stderr, "thicket: {}\n", logging.error());
    return kExitUsage;
  }
  auto account = account_of(options);
  if (!account) {
    spdlog::error("{}", account.error());
    return kExitUsage;
  }
  SystemRandom random;
  const Environment environment = Environment::of_process();  // before we are somebody else
  auto opened = open_configuration(options, environment, random);
  if (!opened) {
    spdlog::error("{}", opened.error());
    return kExitBadConfig;
  }

  asio::io_context io(1);
  Signals signals(io);  // before there is anything to clean up
  auto manager = ServiceManager::of_environment(io);
  introduce(opened->config, opened->file);
  auto device = open_device(io, opened->config);
  const HardeningPlan plan =
      plan_hardening(opened->config, opened->file, opened->created, std::move(*account));
  Node node(io, random, std::move(opened->config), std::move(device));
  if (const auto started = start(node, plan); !started) {
    spdlog::error("{}", started.error());
    return kExitFailure;
  }
  node.reload_from(source_of(options, environment, *opened));
  signals.on_reload([&node, &manager] {
    manager.reloading();
    [[maybe_unused]] const auto report = node.reload();  // the log has it
    manager.ready();
  });
  asio::steady_timer settled(io, kSettlingTime);
  settled.async_wait([](const asio::error_code& error) {
    if (!error) release_startup_memory();
  });
  manager.ready();
  io.run();
  manager.stopping();
  signals.clear();  // from here on they do what they do by default: a second one ends us at once
  settled.cancel();
  // Waiting for the rest, as destructors would, could take longer than anybody wants to.
  if (!stop(io, node)) ::_exit(kExitOk);
  return kExitOk;
}

}  // namespace thicket::node
