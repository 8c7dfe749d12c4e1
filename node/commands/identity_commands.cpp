#include "node/commands/identity_commands.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cxxopts.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "crypto/address.hpp"
#include "crypto/key_pair.hpp"
#include "node/commands/exit_code.hpp"
#include "node/commands/json_output.hpp"
#include "node/commands/wait_notice.hpp"
#include "node/config/config.hpp"
#include "node/config/generated_config.hpp"
#include "node/config/state_directory.hpp"
#include "node/file.hpp"
#include "node/system_random.hpp"

namespace thicket::node {

namespace {

constexpr unsigned kMostSeconds = 86400;

Result<Config, ConfigError> config_of_standard_input() {
  std::string text;
  char buffer[4096];
  while (text.size() <= kMaxConfigBytes) {
    const std::size_t n = std::fread(buffer, 1, sizeof buffer, stdin);
    if (n == 0) break;
    text.append(buffer, n);
  }
  auto config = parse_config(text, "standard input");
  wipe(text);
  return config;
}

Result<Config, ConfigError> config_of(const Arguments& arguments) {
  if (arguments.options.count("config") != 0) {
    const auto file = arguments.options["config"].as<std::string>();
    return file == "-" ? config_of_standard_input() : load_config(file);
  }
  const std::filesystem::path file = default_config_file(Environment::of_process());
  auto config = load_config(file);
  if (!config && config.error().line == 0) {
    config.error().expected = "the configuration that 'thicket run' makes, or --config FILE";
  }
  return config;
}

// The lowest key that turns up within some time: a node with a low key has an address that is hard
// to come close to, and is more likely to be the root.
KeyPair lowest_key(Random& random, std::chrono::seconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  KeyPair best = KeyPair::generate(random);
  while (std::chrono::steady_clock::now() < end) {
    KeyPair next = KeyPair::generate(random);
    if (next.public_key() < best.public_key()) best = std::move(next);
  }
  return best;
}

// What keygen prints without --pem: as a configuration has it, in HJSON or JSON.
std::string key_text(const KeyPair& key, bool as_json) {
  const std::string public_key = key.public_key().to_hex();
  const std::string address = Address::of(key.public_key()).to_string();
  const std::string subnet = Subnet::of(key.public_key()).to_string();
  if (as_json) {
    return json_output(nlohmann::ordered_json{{"PrivateKey", key.to_hex()},
                                              {"PublicKey", public_key},
                                              {"Address", address},
                                              {"Subnet", subnet}});
  }
  return fmt::format("PrivateKey: {}\nPublicKey: {}\nAddress: {}\nSubnet: {}\n", key.to_hex(),
                     public_key, address, subnet);
}

}  // namespace

void declare_genconf(cxxopts::Options& options) {
  options.add_options()("json", "Print JSON, without comments");
}

int genconf_command(const Command&, const Arguments& arguments) {
  SystemRandom random;
  const KeyPair key = KeyPair::generate(random);
  const std::string admin_listen = default_admin_listen(Environment::of_process());
  std::string text = arguments.options.count("json") != 0 ? config_as_json(key, admin_listen)
                                                          : config_as_hjson(key, admin_listen);
  const int status = print(text);
  wipe(text);
  return status;
}

void declare_keygen(cxxopts::Options& options) {
  options.add_options()("json", "Print JSON")(
      "pem", "Print the private key as a PKCS#8 PEM block, and nothing else")(
      "seconds", "Search so long for a key that is low as a number", cxxopts::value<std::string>(),
      "N");
}

int keygen_command(const Command& command, const Arguments& arguments) {
  const bool pem = arguments.options.count("pem") != 0;
  const bool as_json = arguments.options.count("json") != 0;
  if (pem && as_json) return usage_error(command.name, "--pem and --json exclude each other");
  unsigned seconds = 0;
  if (arguments.options.count("seconds") != 0) {
    const auto word = arguments.options["seconds"].as<std::string>();
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seconds);
    if (error != std::errc{} || end != word.data() + word.size() || seconds > kMostSeconds) {
      return usage_error(command.name, fmt::format("--seconds: found \"{}\", expected 0 to {}",
                                                   word, kMostSeconds));
    }
  }
  SystemRandom random;
  std::optional<WaitNotice> notice;
  if (seconds != 0) notice.emplace(fmt::format("making keys for {} seconds", seconds));
  const KeyPair key = lowest_key(random, std::chrono::seconds(seconds));
  notice.reset();
  std::string text = pem ? key.to_pem() : key_text(key, as_json);
  const int status = print(text);
  wipe(text);
  return status;
}

void declare_identity(cxxopts::Options& options) {
  options.add_options()("c,config", "Configuration to read; - is standard input",
                        cxxopts::value<std::string>(),
                        "FILE")("json", "Print JSON: address, key and subnet");
}

int identity_command(const Command& command, const Arguments& arguments) {
  const auto config = config_of(arguments);
  if (!config) return command_error(command.name, config.error().to_string(), kExitBadConfig);
  if (!config->identity) {
    return command_error(command.name, "the configuration names no private key", kExitBadConfig);
  }
  const PublicKey& key = config->identity->public_key();
  const std::string address = Address::of(key).to_string();
  const std::string subnet = Subnet::of(key).to_string();
  if (arguments.options.count("json") != 0) {
    return print(json_output(
        nlohmann::ordered_json{{"address", address}, {"key", key.to_hex()}, {"subnet", subnet}}));
  }
  if (command.name == "address") return print(address + "\n");
  if (command.name == "subnet") return print(subnet + "\n");
  return print(key.to_hex() + "\n");
}

}  // namespace thicket::node
