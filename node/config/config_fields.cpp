#include "node/config/config_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "node/admin/admin_address.hpp"
#include "node/config/config_auto_peers.hpp"
#include "node/config/config_object.hpp"
#include "node/config/config_uri.hpp"
#include "node/config/config_value.hpp"
#include "node/config/interface_pattern.hpp"
#include "node/file.hpp"
#include "node/log.hpp"
#include "node/monitoring/http_host.hpp"
#include "node/program/suggestion.hpp"
#include "node/remote_queries.hpp"
#include "transport/peer_uri.hpp"
#include "tun/linux_device.hpp"

namespace thicket::node {

namespace {

constexpr std::size_t kMaxPemBytes = 64 * 1024;
constexpr std::size_t kMaxInterfaceName = 15;  // the kernel's IFNAMSIZ without its NUL
constexpr std::size_t kMaxPassword = 64;       // a BLAKE2b key (wire.md §2)
constexpr std::uint32_t kMinMtu = 1280;
constexpr std::uint32_t kMaxMtu = 65535;

// A configuration half read.
struct Draft {
  Config config;
  ConfigFindings findings;
  std::optional<KeyPair> key_of_file;
  std::optional<ConfigError> mtu_error;        // one only if there is a TUN
  std::optional<ConfigError> node_info_error;  // one only if it is too large with our own fields
};

// An entry of MulticastInterfaces half read.
struct MulticastDraft {
  MulticastInterface entry;
  bool beacon_given = false;
  bool listen_given = false;
};

template <class Target, class Value>
Checked<void> store(Target& target, Checked<Value> value) {
  if (!value) return failure(value.error());
  target = static_cast<Target>(std::move(*value));
  return {};
}

// `error` says "what is wrong: expected something", perhaps with parts of the URI.
ConfigError wrong_uri(const ConfigValue& value, std::string_view uri,
                      const transport::UriError& error) {
  constexpr std::string_view kExpected = ": expected ";
  std::string found = fmt::format("\"{}\"", without_secrets(uri));
  const std::size_t split = error.message.find(kExpected);
  const std::string wrong = error.message.substr(0, split);
  // A text that is no URI at all is quoted whole, with its password if it has one.
  if (error.kind != transport::UriError::Kind::not_a_uri && wrong.find('@') == std::string::npos) {
    found += fmt::format(" ({})", wrong);
  }
  return value.wrong(std::move(found), split == std::string::npos
                                           ? "a URI like tls://host:port"
                                           : error.message.substr(split + kExpected.size()));
}

void warn_of_unsupported(Draft& draft, const ConfigValue& value, const transport::UriError& error) {
  draft.findings.warnings.push_back(fmt::format("{}:{}: {} is left out: {}", value.file.string(),
                                                value.value.line, value.key, error.message));
}

// The URIs in a list. Those of a kind that only other programs support yet are left out with a
// warning: a configuration is to serve both. `refuse` notes what is wrong with any other.
Checked<std::vector<std::string>> usable_uris(Draft& draft, const ConfigValue& value,
                                              std::string_view expected, transport::UriUse use,
                                              const std::function<void(ConfigError)>& refuse) {
  const auto elements = value.list(expected);
  if (!elements) return failure(elements.error());
  std::vector<std::string> out;
  for (const ConfigValue& element : *elements) {
    auto text = element.text();
    if (!text) {
      draft.findings.errors.push_back(text.error());
      continue;
    }
    const auto uri = transport::parse_peer_uri(*text, use);
    if (uri) {
      out.push_back(std::move(*text));
    } else if (uri.error().kind == transport::UriError::Kind::unsupported_scheme) {
      warn_of_unsupported(draft, element, uri.error());
    } else {
      refuse(wrong_uri(element, *text, uri.error()));
    }
  }
  return out;
}

Checked<std::vector<std::string>> peer_uris(Draft& draft, const ConfigValue& value) {
  return usable_uris(
      draft, value, "a list of peer URIs", transport::UriUse::dial,
      [&draft](ConfigError error) { draft.findings.errors.push_back(std::move(error)); });
}

Checked<void> read_private_key(Draft& draft, const ConfigValue& value) {
  if (value.is_null()) return {};
  constexpr std::string_view kExpected = "128 hexadecimal digits";
  auto text = value.text(kExpected);
  if (!text) return failure(text.error());
  auto key = KeyPair::from_hex(*text);
  const std::size_t length = text->size();
  wipe(*text);
  if (key) {
    draft.config.identity = std::move(*key);
    return {};
  }
  if (key.error() == KeyError::public_half_differs) {
    return failure(value.wrong("a key whose last 64 digits are not its public key",
                               "a secret key followed by its public key"));
  }
  return failure(value.wrong(fmt::format("{} characters", length), std::string(kExpected)));
}

Checked<void> read_private_key_path(Draft& draft, const ConfigValue& value) {
  if (value.is_null()) return {};
  const auto text = value.text("the path of a PEM file");
  if (!text) return failure(text.error());
  if (text->empty()) return {};
  const std::filesystem::path path = value.file.parent_path() / *text;
  auto content = read_file(path, kMaxPemBytes);
  if (!content) {
    return failure(value.wrong(fmt::format("{} ({})", path.string(), content.error().reason),
                               "a readable PEM file"));
  }
  auto key = KeyPair::from_pem(content->bytes);
  wipe(content->bytes);
  if (!key) {
    return failure(value.wrong(fmt::format("{} ({})", path.string(), describe(key.error())),
                               "an Ed25519 key as PKCS#8 \"PRIVATE KEY\" PEM"));
  }
  draft.key_of_file = std::move(*key);
  draft.config.private_key_path = path;
  return {};
}

Checked<void> read_peers(Draft& draft, const ConfigValue& value) {
  return store(draft.config.peers, peer_uris(draft, value));
}

Checked<void> read_interface_peers(Draft& draft, const ConfigValue& value) {
  constexpr std::string_view kExpected = "an object: interface name to list of peer URIs";
  const auto members = value.object(kExpected);
  if (!members) return failure(members.error());
  for (const HjsonMember* entry : *members) {
    auto uris = peer_uris(draft, value.member(entry->key, entry->value));
    if (!uris) {
      draft.findings.errors.push_back(uris.error());
      continue;
    }
    draft.config.interface_peers[entry->key] = std::move(*uris);
  }
  return {};
}

Checked<void> read_auto_peers(Draft& draft, const ConfigValue& value) {
  if (value.is_null()) return {};
  read_fields(value, "an object with File, Count and ReplaceAfter", auto_peers_fields(),
              draft.config.auto_peers, draft.findings);
  return {};
}

// A listener that cannot work does not stop the others (admin.md §13).
Checked<void> read_listen(Draft& draft, const ConfigValue& value) {
  auto uris =
      usable_uris(draft, value, "a list of URIs to listen on", transport::UriUse::listen,
                  [&draft](const ConfigError& error) {
                    draft.findings.warnings.push_back(error.to_string() + "; it is left out");
                  });
  if (!uris) return failure(uris.error());
  draft.config.listen = std::move(*uris);
  return {};
}

Checked<void> read_admin_listen(Draft& draft, const ConfigValue& value) {
  if (value.is_null()) return {};
  constexpr std::string_view kExpected = "none, unix:///path or tcp://host:port";
  const auto text = value.text(kExpected);
  if (!text) return failure(text.error());
  auto address = admin_listen_address(*text);
  if (!address) return failure(value.wrong(std::string(kExpected)));
  if (const auto usable = parse_admin_address(*address); *address != "none" && !usable) {
    draft.findings.warnings.push_back(
        fmt::format("{}:{}: {}: {}; there will be no administration socket", value.file.string(),
                    value.value.line, value.key, usable.error()));
    *address = "none";
  }
  draft.config.admin_listen = std::move(*address);
  return {};
}

Checked<void> read_metrics_listen(Draft& draft, const ConfigValue& value) {
  if (value.is_null()) return {};
  const auto text = value.text("none or address:port");
  if (!text) return failure(text.error());
  if (text->empty() || *text == "none") {
    draft.config.metrics_listen = "none";
    return {};
  }
  const auto address = parse_http_address(*text);
  if (!address) {
    return failure(value.wrong(fmt::format("\"{}\" ({})", *text, address.error()),
                               "none or address:port, like 127.0.0.1:9100"));
  }
  if (!address->is_loopback()) {
    draft.findings.warnings.push_back(
        fmt::format("{}:{}: {}: whoever reaches {} can see this node's peers and whom it talks to",
                    value.file.string(), value.value.line, value.key, address->to_string()));
  }
  draft.config.metrics_listen = address->to_string();
  return {};
}

Checked<void> read_regex(MulticastDraft& draft, const ConfigValue& value) {
  auto text = value.text("a regular expression in quotes");
  if (!text) return failure(text.error());
  const auto pattern = InterfacePattern::compile(*text);
  if (!pattern) {
    return failure(value.wrong(fmt::format("{} ({})", value.describe(), pattern.error()),
                               "a regular expression"));
  }
  draft.entry.regex = std::move(*text);
  return {};
}

Checked<void> read_beacon(MulticastDraft& draft, const ConfigValue& value) {
  draft.beacon_given = true;
  return store(draft.entry.beacon, value.boolean());
}

Checked<void> read_multicast_listen(MulticastDraft& draft, const ConfigValue& value) {
  draft.listen_given = true;
  return store(draft.entry.listen, value.boolean());
}

Checked<void> read_port(MulticastDraft& draft, const ConfigValue& value) {
  return store(draft.entry.port, value.integer(0, 65535));
}

Checked<void> read_priority(MulticastDraft& draft, const ConfigValue& value) {
  return store(draft.entry.priority, value.integer(0, 255));
}

Checked<void> read_password(MulticastDraft& draft, const ConfigValue& value) {
  auto text = value.text();
  if (text && text->size() > kMaxPassword) {
    return failure(value.wrong(fmt::format("at most {} bytes", kMaxPassword)));
  }
  return store(draft.entry.password, std::move(text));
}

constexpr ConfigField<MulticastDraft> kMulticastFields[] = {
    {"Regex", read_regex}, {"Beacon", read_beacon},     {"Listen", read_multicast_listen},
    {"Port", read_port},   {"Priority", read_priority}, {"Password", read_password, true},
};

Checked<void> read_multicast_interfaces(Draft& draft, const ConfigValue& value) {
  const auto elements = value.list("a list of objects");
  if (!elements) return failure(elements.error());
  std::vector<MulticastInterface> out;
  for (const ConfigValue& element : *elements) {
    MulticastDraft entry;
    // Yggdrasil's defaults hold for the first entry only; what others leave out is off.
    if (!out.empty()) entry.entry.beacon = entry.entry.listen = false;
    if (element.is_null()) return failure(element.wrong("an object"));
    read_fields<MulticastDraft>(element, "an object", kMulticastFields, entry, draft.findings);
    if (!out.empty() && !(entry.beacon_given && entry.listen_given)) {
      draft.findings.warnings.push_back(
          fmt::format("{}:{}: {} does not say both Beacon and Listen; what it leaves out is false",
                      element.file.string(), element.value.line, element.key));
    }
    out.push_back(std::move(entry.entry));
  }
  draft.config.multicast_interfaces = std::move(out);
  return {};
}

Checked<void> read_allowed_public_keys(Draft& draft, const ConfigValue& value) {
  const auto elements = value.list("a list of public keys");
  if (!elements) return failure(elements.error());
  draft.config.allowed_public_keys.clear();
  for (const ConfigValue& element : *elements) {
    constexpr std::string_view kExpected = "a public key of 64 hexadecimal digits";
    const auto text = element.text(kExpected);
    const auto key = text ? PublicKey::from_hex(*text) : std::nullopt;
    if (key) {
      draft.config.allowed_public_keys.push_back(*key);
    } else {
      draft.findings.errors.push_back(text ? element.wrong(std::string(kExpected)) : text.error());
    }
  }
  return {};
}

Checked<void> read_group_password(Draft& draft, const ConfigValue& value) {
  if (value.is_null()) return {};
  return store(draft.config.group_password, value.text());
}

Checked<void> read_interface_name(Draft& draft, const ConfigValue& value) {
  if (value.is_null()) return {};
  auto text = value.text();
  if (!text) return failure(text.error());
  if (text->empty()) text = "auto";
  if (!tun::is_valid_interface_name(*text)) {
    return failure(value.wrong(
        fmt::format("auto, none or an interface name of at most {} bytes", kMaxInterfaceName)));
  }
  draft.config.interface_name = std::move(*text);
  return {};
}

Checked<void> read_interface_mtu(Draft& draft, const ConfigValue& value) {
  if (value.is_null()) return {};
  const auto mtu = value.integer(0, UINT64_MAX);
  if (!mtu || (*mtu != 0 && *mtu < kMinMtu)) {
    const auto error = value.wrong(fmt::format("a whole number from {} to {}", kMinMtu, kMaxMtu));
    if (!mtu) return failure(error);
    draft.mtu_error = error;
    return {};
  }
  if (*mtu > kMaxMtu) {
    draft.findings.warnings.push_back(
        fmt::format("{}:{}: {} is {}; the largest possible {} is used", value.file.string(),
                    value.value.line, value.key, *mtu, kMaxMtu));
  }
  if (*mtu != 0)
    draft.config.interface_mtu = static_cast<std::uint32_t>(std::min<std::uint64_t>(*mtu, kMaxMtu));
  return {};
}

Checked<void> read_log_level(Draft& draft, const ConfigValue& value) {
  if (value.is_null()) return {};
  constexpr std::string_view kExpected = "error, warn, info or debug";
  const auto text = value.text(kExpected);
  if (!text) return failure(text.error());
  const auto level = std::ranges::find(kLogLevels, program::lower_case(*text));
  if (level == kLogLevels.end()) {
    return failure(
        value.wrong(fmt::format("{}{}", kExpected, program::did_you_mean(*text, kLogLevels))));
  }
  draft.config.log_level = *level;
  return {};
}

Checked<void> read_sandbox(Draft& draft, const ConfigValue& value) {
  if (value.is_null()) return {};
  return store(draft.config.sandbox, value.boolean());
}

Checked<void> read_log_lookups(Draft& draft, const ConfigValue& value) {
  return store(draft.config.log_lookups, value.boolean());
}

Checked<void> read_lookup(Draft& draft, const ConfigValue& value) {
  if (value.is_null()) return {};
  constexpr std::string_view kExpected = "auto, bloom, dht or both";
  const auto text = value.text(kExpected);
  if (!text) return failure(text.error());
  const auto& names = routing::kLookupPolicyNames;
  const auto name = std::ranges::find(names, program::lower_case(*text));
  if (name == names.end()) {
    return failure(
        value.wrong(fmt::format("{}{}", kExpected, program::did_you_mean(*text, names))));
  }
  draft.config.lookup = static_cast<routing::LookupPolicy>(name - names.begin());
  return {};
}

Checked<void> read_node_info_privacy(Draft& draft, const ConfigValue& value) {
  return store(draft.config.node_info_privacy, value.boolean());
}

Checked<void> read_node_info(Draft& draft, const ConfigValue& value) {
  if (value.is_null()) return {};
  if (!std::holds_alternative<HjsonValue::Object>(value.value.data)) {
    return failure(value.wrong("an object"));
  }
  std::string json = to_json(value.value).dump();
  if (json.size() > kMaxNodeInfoBytes) {
    return failure(value.wrong(fmt::format("{} bytes of JSON", json.size()),
                               fmt::format("at most {}", kMaxNodeInfoBytes)));
  }
  draft.config.node_info_json = std::move(json);
  draft.node_info_error = value.wrong("");
  return {};
}

constexpr ConfigField<Draft> kFields[] = {
    {"PrivateKey", read_private_key, true},
    {"PrivateKeyPath", read_private_key_path},
    {"Peers", read_peers},
    {"InterfacePeers", read_interface_peers},
    {"AutoPeers", read_auto_peers},
    {"Listen", read_listen},
    {"AdminListen", read_admin_listen},
    {"MetricsListen", read_metrics_listen},
    {"MulticastInterfaces", read_multicast_interfaces},
    {"AllowedPublicKeys", read_allowed_public_keys},
    {"GroupPassword", read_group_password, true},
    {"IfName", read_interface_name},
    {"IfMTU", read_interface_mtu},
    {"LogLevel", read_log_level},
    {"LogLookups", read_log_lookups},
    {"Lookup", read_lookup},
    {"Sandbox", read_sandbox},
    {"NodeInfoPrivacy", read_node_info_privacy},
    {"NodeInfo", read_node_info},
};

// What can only be told when the whole file is known.
void check_together(Draft& draft, const std::filesystem::path& file) {
  if (draft.key_of_file) {
    if (draft.config.identity) {
      draft.findings.warnings.push_back(
          file.string() + ": it has both PrivateKey and PrivateKeyPath; the latter counts");
    }
    draft.config.identity = std::move(draft.key_of_file);
  }
  if (draft.mtu_error && draft.config.interface_name != "none") {
    draft.findings.errors.push_back(*draft.mtu_error);
  }
  if (!draft.node_info_error) return;
  const auto node_info =
      make_node_info(draft.config.node_info_json, draft.config.node_info_privacy);
  if (node_info) return;
  draft.node_info_error->found = node_info.error();
  draft.node_info_error->expected = fmt::format(
      "an object of at most {} bytes with this program's own fields, which NodeInfoPrivacy: "
      "true leaves out",
      kMaxNodeInfoBytes);
  draft.findings.errors.push_back(*draft.node_info_error);
}

}  // namespace

CheckedConfig read_config_fields(const HjsonValue& root, const std::filesystem::path& file) {
  constexpr std::string_view kExpected = "an object with the keys of a configuration";
  // A file that is one text may be a key without its colon.
  const ConfigValue whole{root, "", true, file};
  Draft draft;
  if (whole.is_null()) {
    draft.findings.errors.push_back(whole.wrong(std::string(kExpected)));
  } else {
    read_fields<Draft>(whole, kExpected, kFields, draft, draft.findings);
    check_together(draft, file);
  }
  draft.config.warnings = std::move(draft.findings.warnings);
  std::erase_if(draft.findings.keys,
                [](const std::string& key) { return key.find('.') != std::string::npos; });
  return {std::move(draft.config), std::move(draft.findings.errors),
          std::move(draft.findings.keys)};
}

std::vector<std::string> config_keys() {
  std::vector<std::string> keys;
  for (const auto& field : kFields) keys.emplace_back(field.name);
  for (const auto& field : auto_peers_fields()) {
    keys.push_back(fmt::format("AutoPeers.{}", field.name));
  }
  for (const auto& field : kMulticastFields) {
    keys.push_back(fmt::format("MulticastInterfaces.{}", field.name));
  }
  return keys;
}

}  // namespace thicket::node
