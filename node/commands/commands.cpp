#include <fmt/format.h>

#include <algorithm>
#include <cxxopts.hpp>
#include <iterator>
#include <vector>

#include "node/commands/command.hpp"
#include "node/commands/completion_command.hpp"
#include "node/commands/config_command.hpp"
#include "node/commands/demo.hpp"
#include "node/commands/doctor_command.hpp"
#include "node/commands/exit_code.hpp"
#include "node/commands/identity_commands.hpp"
#include "node/commands/inspection_commands.hpp"
#include "node/commands/lookup_command.hpp"
#include "node/commands/number_option.hpp"
#include "node/commands/ping_command.hpp"
#include "node/commands/reload_command.hpp"
#include "node/commands/run_command.hpp"
#include "node/commands/trace_command.hpp"
#include "node/log.hpp"
#include "program/suggestion.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::node {

namespace {

void declare_run(cxxopts::Options& options) {
  options.add_options()("c,config",
                        "Configuration to read (default: the state directory's, made if missing)",
                        cxxopts::value<std::string>(), "FILE")(
      "user", "Become this user once device and sockets are open", cxxopts::value<std::string>(),
      "NAME[:GROUP]")("log-level", "error, warn, info or debug, whatever LogLevel says",
                      cxxopts::value<std::string>(), "LEVEL");
}

int run_node(const Command& command, const Arguments& arguments) {
  RunOptions options;
  if (arguments.options.count("config") != 0) {
    options.config_file = arguments.options["config"].as<std::string>();
  }
  if (arguments.options.count("log-level") != 0) {
    const auto level = arguments.options["log-level"].as<std::string>();
    if (std::ranges::find(kLogLevels, level) == kLogLevels.end()) {
      return usage_error(command.name,
                         fmt::format("--log-level: found \"{}\", expected error, warn, "
                                     "info or debug{}",
                                     level, program::did_you_mean(level, kLogLevels)));
    }
    options.log_level = level;
  }
  if (arguments.options.count("user") != 0) {
    options.user = arguments.options["user"].as<std::string>();
  }
  options.peers = arguments.operands;
  for (const std::string& peer : options.peers) {
    const auto uri = transport::parse_peer_uri(peer);
    if (!uri) return usage_error(command.name, uri.error().message);
  }
  return run_command(options);
}

void declare_demo(cxxopts::Options& options) {
  options.add_options()("seconds", "How long to ping at most, 1 to 3600 (default 5)",
                        cxxopts::value<std::string>(),
                        "N")("rounds", "End as soon as every pair has answered N times",
                             cxxopts::value<std::string>(), "N");
}

int run_demo(const Command& command, const Arguments& arguments) {
  constexpr std::uint32_t kMostRounds = 1'000'000;
  DemoOptions options;
  if (!take_number(command, arguments, "seconds", 1U, 3600U, options.seconds) ||
      !take_number(command, arguments, "rounds", 1U, kMostRounds, options.rounds)) {
    return kExitUsage;
  }
  return demo_command(options);
}

constexpr std::string_view kPrintStatus =
    "  0  done\n"
    "  1  standard output could not be written\n"
    "  2  the command line is wrong\n";
constexpr std::string_view kConfigStatus =
    "  0  done\n"
    "  1  standard output could not be written\n"
    "  2  the command line is wrong\n"
    "  3  the configuration is missing, wrong or names no key\n";
constexpr std::string_view kDefaultConfig =
    "Without --config it reads the configuration that 'thicket run' makes on first start.";

constexpr std::string_view kShells[] = {"bash", "zsh", "fish"};
constexpr std::string_view kConfigActions[] = {"check", "show", "migrate"};

constexpr Command kRunning[] = {
    {.name = "run",
     .synopsis = "[--config FILE] [--user NAME[:GROUP]] [--log-level LEVEL] [PEER…]",
     .summary = "join the network, until SIGINT or SIGTERM",
     .description =
         "Links to the configured peers and to each PEER, a URI like tls://host:port. As root, or\n"
         "with CAP_NET_ADMIN, it makes a network interface with the node's address; otherwise it\n"
         "only relays for others. A yggdrasil.conf is a configuration too.\n\n"
         "With --user it starts as root and goes on as that user as soon as it can. That user "
         "must\n"
         "be able to read the configuration for reloads.\n\n"
         "Without --config it reads thicket.conf in $STATE_DIRECTORY, else as root in\n"
         "/var/lib/thicket, else in $XDG_STATE_HOME/thicket or ~/.local/state/thicket. If there "
         "is\n"
         "none, it makes one, with a new key and readable by its owner only.",
     .examples = "  thicket run tls://peer.example.net:443\n"
                 "  thicket run --user thicket\n"
                 "  thicket run --config /etc/yggdrasil/yggdrasil.conf\n",
     .exit_status = "  0  ended by SIGINT or SIGTERM, or by its terminal going away\n"
                    "  1  the node could not start\n"
                    "  2  the command line is wrong, or there is no such user\n"
                    "  3  the configuration is missing or wrong\n",
     .most_operands = program::kAnyNumber,
     .declare = declare_run,
     .run = run_node},
    {.name = "demo",
     .synopsis = "[--seconds N] [--rounds N]",
     .summary = "run five nodes in this process and ping between all",
     .description =
         "Links five nodes over loopback sockets in a ring with a chord and shows how long\n"
         "pings between all of them take. Needs no root, no peers and no files.",
     .examples = "  thicket demo\n"
                 "  thicket demo --seconds 60 --rounds 10\n",
     .exit_status = "  0  every pair answered\n"
                    "  1  some pair did not\n"
                    "  2  the command line is wrong\n",
     .declare = declare_demo,
     .run = run_demo},
};

constexpr Command kOthers[] = {
    {.name = "lookup",
     .synopsis = "[--json] [--config FILE | --socket URI] ADDRESS|KEY",
     .summary = "look for a node, and explain how it was found",
     .description =
         "Has the running node look for another one every way there is: step by step through the\n"
         "DHT, and by bloom filters. Shows who was asked, what each answered, how long that took,\n"
         "and which way found the node first. ADDRESS may be that of a node or lie in its subnet.\n"
         "It asks at the administration socket that the configuration names; without --config\n"
         "that is the one which 'thicket run' makes.\n\n"
         "In the table, far counts the links of the tree between this node and the one asked;\n"
         "alike counts the digits, of 64, that the identifiers of it and of the target begin with\n"
         "alike.",
     .examples = "  thicket lookup 200:1234:5678:9abc:def0:1234:5678:9abc\n"
                 "  thicket lookup --socket unix:///run/thicket.sock 300:1234:5678:9abc::/64\n"
                 "  thicket lookup --json ADDRESS | jq .way\n",
     .exit_status = "  0  found\n"
                    "  1  the node could not be asked, or could not look\n"
                    "  2  the command line is wrong\n"
                    "  3  the configuration that --config names is missing or wrong\n"
                    "  4  not found\n",
     .least_operands = 1,
     .most_operands = 1,
     .declare = declare_lookup,
     .run = lookup_command},
    {.name = "ping",
     .synopsis = "[-c N] [-i SECONDS] [-W SECONDS] [OPTION…] ADDRESS|KEY",
     .summary = "measure how long a node takes to answer",
     .description =
         "Has the running node ping another one, until -c pings are done or it is stopped "
         "(Ctrl-C),\n"
         "and prints statistics. Needs no root and no network interface. The first ping also "
         "finds\n"
         "the node and sets up a session; that is not part of its time.\n\n"
         "The node itself answers, whether it is Thicket or Yggdrasil. With --icmp its host is "
         "asked\n"
         "instead, by ICMPv6 echo: it has to have a network interface, and no firewall against "
         "that.\n"
         "For an address in a node's subnet both are asked, then whoever answered.",
     .examples = "  thicket ping -c 4 200:1234:5678:9abc:def0:1234:5678:9abc\n"
                 "  thicket ping -i 0.2 --icmp KEY\n"
                 "  thicket ping -c 10 --json ADDRESS | tail -n 1 | jq .rtt_avg\n",
     .exit_status = "  0  at least one answer came\n"
                    "  1  the node could not be asked\n"
                    "  2  the command line is wrong\n"
                    "  3  the configuration that --config names is missing or wrong\n"
                    "  4  no answer came\n",
     .least_operands = 1,
     .most_operands = 1,
     .declare = declare_ping,
     .run = ping_command},
    {.name = "trace",
     .synopsis = "[--json] [--config FILE | --socket URI] ADDRESS|KEY",
     .summary = "show the hops that a packet for a node takes",
     .description =
         "Has the running node follow a packet through the mesh: every node on the way is asked "
         "who\n"
         "its peers are, and they are looked up to see which of them is nearer to the target. "
         "Works\n"
         "with Yggdrasil nodes too. Hops appear as they are found, with their round trips.\n\n"
         "In the table, far counts the links of the tree that are left to the target. \"1 of 2\"\n"
         "marks a hop that two peers of the one before could be, the nearest of which is shown;\n"
         "\"likely\" one of which not all could be seen; * what is not known or does not answer.",
     .examples = "  thicket trace 200:1234:5678:9abc:def0:1234:5678:9abc\n"
                 "  thicket trace --json KEY | jq '.hops[].address'\n",
     .exit_status = "  0  the target answers, though hops on the way may not be known\n"
                    "  1  the node could not be asked\n"
                    "  2  the command line is wrong\n"
                    "  3  the configuration that --config names is missing or wrong\n"
                    "  4  not found, or the target does not answer\n",
     .least_operands = 1,
     .most_operands = 1,
     .declare = declare_trace,
     .run = trace_command},
    {.name = "doctor",
     .synopsis = "[--json] [--config FILE | --socket URI]",
     .summary = "look for what is wrong, and say what to do",
     .description =
         "Looks at the running node and the machine it runs on: administration socket, peers, "
         "their\n"
         "versions, local discovery, the DHT, network interface, routes, MTU, listeners, firewall "
         "and\n"
         "clock. Without a running node it looks at what is left. As root it sees more. Changes\n"
         "nothing. It may take some seconds, as peers are asked what they run.",
     .examples = "  thicket doctor\n"
                 "  thicket doctor --json | jq '.findings[] | select(.verdict != \"ok\")'\n",
     .exit_status = "  0  all is well\n"
                    "  1  standard output could not be written\n"
                    "  2  the command line is wrong\n"
                    "  3  the configuration that --config names is missing or wrong\n"
                    "  5  there are warnings\n"
                    "  6  there are problems\n",
     .declare = declare_doctor,
     .run = doctor_command},
    {.name = "reload",
     .synopsis = "[--json] [--config FILE | --socket URI]",
     .summary = "have the running node follow its changed configuration",
     .description =
         "The node reads its configuration file again and does what has changed in it: peers,\n"
         "chosen peers, listeners, local discovery, allowed keys, logging, lookup, NodeInfo. What\n"
         "did not change goes on undisturbed. A file with a mistake changes nothing. SIGHUP does\n"
         "the same.\n"
         "Says what was changed, what counts only after a restart, and what could not be done.\n"
         "--config and --socket say which node is asked, as for 'lookup'.",
     .examples = "  thicket reload\n"
                 "  thicket reload --config /etc/thicket.conf\n",
     .exit_status = "  0  done, but for what needs a restart\n"
                    "  1  the node could not be asked, or could not do all\n"
                    "  2  the command line is wrong\n"
                    "  3  the configuration has a mistake: nothing has changed\n",
     .declare = declare_reload,
     .run = reload_command},
    {.name = "config",
     .synopsis = "check [FILE] | show [FILE] | migrate [YGGDRASIL.CONF]",
     .summary = "check, show or migrate a configuration",
     .description =
         "check    names every mistake in a configuration: file, line, key, what was found and "
         "what\n"
         "         is expected; and warns of unknown keys and the like\n"
         "show     prints a configuration with its defaults filled in and its secrets hidden\n"
         "migrate  makes a configuration of a yggdrasil.conf, with the same key and so the same\n"
         "         address, and says what was kept, changed and left out; without FILE it reads\n"
         "         /etc/yggdrasil/yggdrasil.conf or /etc/yggdrasil.conf\n\n"
         "Without FILE, check and show read the configuration that 'thicket run' makes on first\n"
         "start; without --output, migrate writes that one.",
     .examples = "  thicket config check /etc/thicket.conf\n"
                 "  sudo thicket config migrate\n"
                 "  thicket config migrate --output thicket.conf /etc/yggdrasil/yggdrasil.conf\n",
     .exit_status = "  0  done; the configuration is good, perhaps with warnings\n"
                    "  1  the new file is there already, or could not be written\n"
                    "  2  the command line is wrong\n"
                    "  3  the configuration is missing or wrong\n",
     .least_operands = 1,
     .most_operands = 2,
     .words = kConfigActions,
     .declare = declare_config,
     .run = config_command},
    {.name = "genconf",
     .synopsis = "[--json]",
     .summary = "print a new configuration with a new key",
     .description =
         "Prints a configuration in HJSON, every key explained. It holds a new private key:\n"
         "keep it where only its owner can read it.",
     .examples = "  (umask 077; thicket genconf >thicket.conf)\n"
                 "  thicket genconf --json\n",
     .exit_status = kPrintStatus,
     .declare = declare_genconf,
     .run = genconf_command},
    {.name = "address",
     .synopsis = "[--json] [--config FILE]",
     .summary = "print the IPv6 address of a configuration's key",
     .description = kDefaultConfig,
     .examples = "  thicket address --config thicket.conf\n"
                 "  thicket genconf | thicket address --config -\n",
     .exit_status = kConfigStatus,
     .declare = declare_identity,
     .run = identity_command},
    {.name = "subnet",
     .synopsis = "[--json] [--config FILE]",
     .summary = "print the /64 that is routed to a configuration's key",
     .description = kDefaultConfig,
     .examples = "  thicket subnet --config thicket.conf\n",
     .exit_status = kConfigStatus,
     .declare = declare_identity,
     .run = identity_command},
    {.name = "publickey",
     .synopsis = "[--json] [--config FILE]",
     .summary = "print the public key of a configuration's key",
     .description = kDefaultConfig,
     .examples = "  thicket publickey --config thicket.conf\n",
     .exit_status = kConfigStatus,
     .declare = declare_identity,
     .run = identity_command},
    {.name = "keygen",
     .synopsis = "[--json | --pem] [--seconds N]",
     .summary = "print a new key pair and its address",
     .description =
         "Prints private key, public key, address and subnet. With --seconds it keeps the lowest\n"
         "public key that it meets in that time: such addresses are harder to imitate.",
     .examples = "  thicket keygen\n"
                 "  (umask 077; thicket keygen --pem >key.pem)\n",
     .exit_status = kPrintStatus,
     .declare = declare_keygen,
     .run = keygen_command},
    {.name = "completion",
     .synopsis = "bash|zsh|fish",
     .summary = "print a script that completes command lines",
     .description = "Prints a script for the shell that completes commands, options and files.",
     .examples = "  source <(thicket completion bash)\n"
                 "  thicket completion fish >~/.config/fish/completions/thicket.fish\n",
     .exit_status = kPrintStatus,
     .least_operands = 1,
     .most_operands = 1,
     .words = kShells,
     .run = completion_command},
};

}  // namespace

std::span<const Command> commands() {
  static const std::vector<Command> all = [] {
    std::vector<Command> joined(std::begin(kRunning), std::end(kRunning));
    for (const Command& command : inspection_commands()) joined.push_back(command);
    joined.insert(joined.end(), std::begin(kOthers), std::end(kOthers));
    return joined;
  }();
  return all;
}

}  // namespace thicket::node
