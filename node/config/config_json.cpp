#include "node/config/config_json.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "node/config/config_uri.hpp"

namespace thicket::node {

namespace {

using Json = nlohmann::ordered_json;

std::string secret(const std::string& text, Secrets secrets) {
  return secrets == Secrets::hidden && !text.empty() ? "(hidden)" : text;
}

Json uris(const std::vector<std::string>& all, Secrets secrets) {
  Json list = Json::array();
  for (const std::string& uri : all) {
    list.push_back(secrets == Secrets::hidden ? without_secrets(uri) : uri);
  }
  return list;
}

Json interface_peers(const Config& config, Secrets secrets) {
  Json object = Json::object();
  for (const auto& [interface, all] : config.interface_peers) {
    object[interface] = uris(all, secrets);
  }
  return object;
}

Json multicast_interfaces(const Config& config, Secrets secrets) {
  Json list = Json::array();
  for (const MulticastInterface& entry : config.multicast_interfaces) {
    list.push_back({{"Regex", entry.regex},
                    {"Beacon", entry.beacon},
                    {"Listen", entry.listen},
                    {"Port", entry.port},
                    {"Priority", entry.priority},
                    {"Password", secret(entry.password, secrets)}});
  }
  return list;
}

Json allowed_public_keys(const Config& config) {
  Json list = Json::array();
  for (const PublicKey& key : config.allowed_public_keys) list.push_back(key.to_hex());
  return list;
}

}  // namespace

Json config_as_values(const Config& config, Secrets secrets) {
  Json values;
  values["PrivateKey"] = nullptr;
  // Of a key in a file of its own it is the path that is configured.
  if (config.identity && config.private_key_path.empty())
    values["PrivateKey"] = secret(config.identity->to_hex(), secrets);
  values["PrivateKeyPath"] = config.private_key_path.string();
  values["Peers"] = uris(config.peers, secrets);
  values["InterfacePeers"] = interface_peers(config, secrets);
  values["AutoPeers"] = {{"File", config.auto_peers.file.string()},
                         {"Count", config.auto_peers.count},
                         {"ReplaceAfter", config.auto_peers.replace_after}};
  values["Listen"] = uris(config.listen, secrets);
  values["AdminListen"] = config.admin_listen;
  values["MetricsListen"] = config.metrics_listen;
  values["MulticastInterfaces"] = multicast_interfaces(config, secrets);
  values["AllowedPublicKeys"] = allowed_public_keys(config);
  values["GroupPassword"] = secret(config.group_password, secrets);
  values["IfName"] = config.interface_name;
  values["IfMTU"] = config.interface_mtu;
  values["Lookup"] = to_string(config.lookup);
  values["LogLevel"] = config.log_level;
  values["LogLookups"] = config.log_lookups;
  values["Sandbox"] = config.sandbox;
  values["NodeInfoPrivacy"] = config.node_info_privacy;
  values["NodeInfo"] = Json::parse(config.node_info_json, nullptr, false);
  return values;
}

}  // namespace thicket::node
