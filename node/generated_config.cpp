#include "node/generated_config.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "node/file.hpp"

namespace thicket::node {

namespace {

// {0}: private key, {1}: AdminListen.
constexpr const char* kTemplate = R"({{
  # Who this node is. Its address follows from this key: keep it secret, and keep a copy.
  PrivateKey: "{0}"

  # Instead of PrivateKey: a file with the key as a PKCS#8 PEM block. A relative path starts at this
  # file's folder.
  PrivateKeyPath: ""

  # Nodes to keep a link to, as URIs: ["tls://host:port", "tcp://[2001:db8::1]:port"]. Two or three
  # near ones are best: what you send passes through them. Options follow a question mark:
  # ?key=… (the only public key to accept), ?priority=0 to 255 (lower is preferred), ?password=….
  Peers: []

  # The same, but leaving through a given network interface: {{ "eth0": ["tls://host:port"] }}.
  InterfacePeers: {{}}

  # Where other nodes may link to this one: ["tls://[::]:port"]. Nobody can if it is empty.
  Listen: []

  # Where programs on this machine ask the node about its state: unix:///path, tcp://localhost:port
  # or none.
  AdminListen: {1}

  # On which interfaces to find nodes in the local network; [] for none. The first entry whose
  # regular expression matches an interface's name counts. Beacon: be found; Listen: find others;
  # Port: TCP, of links made this way (0: any); Priority: of these links, 0 to 255; Password: link
  # only with nodes that have the same.
  MulticastInterfaces: [
    {{
      Regex: ".*"
      Beacon: true
      Listen: true
      Port: 0
      Priority: 0
      Password: ""
    }}
  ]

  # Public keys that may link to this node; any if empty. This is no firewall: it does not limit who
  # reaches this machine's services through the network.
  AllowedPublicKeys: []

  # Nodes exchange traffic only with nodes whose group password is the same. Empty: the public
  # network.
  GroupPassword: ""

  # The network interface: auto, none (only relay for others) or a name of at most 15 bytes.
  IfName: auto

  # The interface's largest packet in bytes, 1280 to 65535.
  IfMTU: 65535

  # How other nodes are found: auto, bloom (as Yggdrasil does), dht (only with other Thicket nodes'
  # help, and only what they know) or both. With bloom, this node takes no part in the DHT.
  Lookup: auto

  # How much to log: error, warn, info or debug.
  LogLevel: info

  # Log every search for a path.
  LogLookups: false

  # Leave name, version, platform and architecture of this program out of what NodeInfo tells.
  NodeInfoPrivacy: false

  # What any node that asks is told about this one: {{ "name": "…" }}, at most 16384 bytes.
  NodeInfo: {{}}
}}
)";

// A path need not be UTF-8.
std::string as_text(const nlohmann::ordered_json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

std::string config_as_hjson(const KeyPair& identity, std::string_view admin_listen) {
  std::string key = identity.to_hex();
  std::string out = fmt::format(fmt::runtime(kTemplate), key, as_text(admin_listen, -1));
  wipe(key);
  return out;
}

std::string config_as_json(const KeyPair& identity, std::string_view admin_listen) {
  const nlohmann::ordered_json multicast = {{"Regex", ".*"}, {"Beacon", true}, {"Listen", true},
                                            {"Port", 0},     {"Priority", 0},  {"Password", ""}};
  const nlohmann::ordered_json config = {
      {"PrivateKey", identity.to_hex()},
      {"PrivateKeyPath", ""},
      {"Peers", nlohmann::ordered_json::array()},
      {"InterfacePeers", nlohmann::ordered_json::object()},
      {"Listen", nlohmann::ordered_json::array()},
      {"AdminListen", admin_listen},
      {"MulticastInterfaces", nlohmann::ordered_json::array({multicast})},
      {"AllowedPublicKeys", nlohmann::ordered_json::array()},
      {"GroupPassword", ""},
      {"IfName", "auto"},
      {"IfMTU", 65535},
      {"Lookup", "auto"},
      {"LogLevel", "info"},
      {"LogLookups", false},
      {"NodeInfoPrivacy", false},
      {"NodeInfo", nlohmann::ordered_json::object()},
  };
  return as_text(config, 2) + "\n";
}

}  // namespace thicket::node
