#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crypto/key_pair.hpp"
#include "crypto/public_key.hpp"
#include "crypto/result.hpp"
#include "routing/directory.hpp"

namespace thicket::node {

struct MulticastInterface {
  std::string regex = ".*";
  bool beacon = true;
  bool listen = true;
  std::uint16_t port = 0;
  std::uint8_t priority = 0;
  std::string password;
  bool operator==(const MulticastInterface&) const = default;
};

/// Which peers to choose by ourselves, beside those that Peers names; ours alone.
struct AutoPeersConfig {
  std::filesystem::path file;         ///< a list of public peers; empty: choose none
  std::uint32_t count = 3;            ///< how many to keep, 1 to kMaxAutoPeers
  std::uint32_t replace_after = 300;  ///< seconds
  bool operator==(const AutoPeersConfig&) const = default;
};
inline constexpr std::uint32_t kMaxAutoPeers = 16;
inline constexpr std::uint32_t kMinReplaceAfter = 10;
inline constexpr std::uint32_t kMaxReplaceAfter = 86400;

/// What a configuration file says, checked and with defaults filled in (admin.md §13).
struct Config {
  std::optional<KeyPair> identity;  ///< absent: the file names no key; PrivateKey or PrivateKeyPath
  std::filesystem::path private_key_path;  ///< where the key is from; empty: from PrivateKey
  std::vector<std::string> peers;
  std::map<std::string, std::vector<std::string>> interface_peers;
  AutoPeersConfig auto_peers;
  std::vector<std::string> listen;
  std::string admin_listen = "unix:///var/run/yggdrasil.sock";  ///< or "none"
  std::string metrics_listen = "none";  ///< or where the HTTP listener is: "127.0.0.1:9100"
  std::vector<MulticastInterface> multicast_interfaces{MulticastInterface{}};
  std::vector<PublicKey> allowed_public_keys;
  std::string group_password;
  std::string interface_name = "auto";  ///< "auto", "none" or a name
  std::uint32_t interface_mtu = 65535;
  std::string log_level = "info";  ///< ours alone: one of kLogLevels
  bool log_lookups = false;
  bool sandbox = true;  ///< ours alone
  /// Ours alone; Yggdrasil passes over it. `bloom` is also to take no part in the DHT.
  routing::LookupPolicy lookup = routing::LookupPolicy::automatic;
  bool node_info_privacy = false;
  std::string node_info_json = "{}";  ///< a JSON object, as text

  /// What the reader of the file should hear of, one sentence each: unknown keys (with the key that
  /// was probably meant), keys given twice, values brought back into range.
  std::vector<std::string> warnings;
};

/// One thing wrong with a configuration.
struct ConfigError {
  std::filesystem::path file;
  std::size_t line = 0;  ///< from 1; 0: not known
  std::string key;       ///< "Peers[2]"; empty: the file as a whole
  std::string found;
  std::string expected;
  std::string to_string() const;  ///< "file:line: key: found …, expected …"
};

/// A configuration file holds at most this many bytes.
inline constexpr std::size_t kMaxConfigBytes = 1 << 20;
/// NodeInfo holds at most this many bytes of JSON text (admin.md §13).
inline constexpr std::size_t kMaxNodeInfoBytes = 16384;

/// A configuration, and all that is wrong with it: what an error is about is left out, or as
/// absent.
struct CheckedConfig {
  Config config;
  std::vector<ConfigError> errors;
  std::vector<std::string> keys;  ///< that the file has and we know, as we spell them
};

/// Reads a regular file or a text to its end, whatever is wrong.
CheckedConfig check_config_file(const std::filesystem::path& file);
CheckedConfig check_config(const std::string& text, const std::filesystem::path& file);

/// Every key that a configuration may have; those of objects in lists as "List.Key".
std::vector<std::string> config_keys();

/// Reads and checks a regular file: HJSON or JSON. Key names are matched whatever their case.
Result<Config, ConfigError> load_config(const std::filesystem::path& file);
/// The same from text. `file` is named in errors, and a relative PrivateKeyPath is looked up beside
/// it. Never reports the value of a secret.
Result<Config, ConfigError> parse_config(const std::string& text,
                                         const std::filesystem::path& file);

}  // namespace thicket::node
