#include "node/config/generated_config.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

#include "node/config/config_json.hpp"
#include "node/file.hpp"

namespace thicket::node {

namespace {

struct Section {
  std::string_view key;
  std::string_view explanation;  ///< lines of a comment
};

constexpr Section kSections[] = {
    {"PrivateKey",
     R"(Who this node is. Its address follows from this key: keep it secret, and keep a copy.)"},
    {"PrivateKeyPath",
     R"(Instead of PrivateKey: a file with the key as a PKCS#8 PEM block. A relative path starts at this
file's folder.)"},
    {"Peers",
     R"(Nodes to keep a link to, as URIs: ["tls://host:port", "tcp://[2001:db8::1]:port"]. Two or three
near ones are best: what you send passes through them. Options follow a question mark:
?key=… (the only public key to accept), ?priority=0 to 255 (lower is preferred), ?password=….)"},
    {"InterfacePeers",
     R"(The same, but leaving through a given network interface: { "eth0": ["tls://host:port"] }.)"},
    {"AutoPeers",
     R"(Peers that this node chooses and keeps by itself, beside those above. File: a list of public peers,
as 'thicket peers suggest' reads it; a relative path starts at this file's folder; none are chosen
if it is empty. Count: how many to keep, 1 to 16. ReplaceAfter: seconds that one may be down, 10 to
86400, and the least time from one replacement to the next.)"},
    {"Listen",
     R"(Where other nodes may link to this one: ["tls://[::]:port"]. Nobody can if it is empty.)"},
    {"AdminListen",
     R"(Where programs on this machine ask the node about its state: unix:///path, tcp://localhost:port
or none.)"},
    {"MetricsListen",
     R"(Where to serve metrics for Prometheus (/metrics), the node's health (/healthz) and a dashboard
(/) over HTTP, for reading only: 127.0.0.1:9100, say, or none.)"},
    {"MulticastInterfaces",
     R"(On which interfaces to find nodes in the local network; [] for none. The first entry whose
regular expression matches an interface's name counts. Beacon: be found; Listen: find others;
Port: TCP, of links made this way (0: any); Priority: of these links, 0 to 255; Password: link
only with nodes that have the same.)"},
    {"AllowedPublicKeys",
     R"(Public keys that may link to this node; any if empty. This is no firewall: it does not limit who
reaches this machine's services through the network.)"},
    {"GroupPassword",
     R"(Nodes exchange traffic only with nodes whose group password is the same. Empty: the public
network.)"},
    {"IfName",
     R"(The network interface: auto, none (only relay for others) or a name of at most 15 bytes.)"},
    {"IfMTU", R"(The interface's largest packet in bytes, 1280 to 65535.)"},
    {"Lookup",
     R"(How other nodes are found: auto, bloom (as Yggdrasil does), dht (only with other Thicket nodes'
help, and only what they know) or both. With bloom, this node takes no part in the DHT.)"},
    {"LogLevel", R"(How much to log: error, warn, info or debug.)"},
    {"LogLookups", R"(Log every search for a path.)"},
    {"Sandbox", R"(Give up access to files and system calls that a running node does not need.)"},
    {"NodeInfoPrivacy",
     R"(Leave name, version, platform and architecture of this program out of what NodeInfo tells.)"},
    {"NodeInfo",
     R"(What any node that asks is told about this one: { "name": "…" }, at most 16384 bytes.)"},
};

// A path need not be UTF-8.
std::string as_text(const nlohmann::ordered_json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

// Every line of `text` but the first with something in front; no line gets blanks at its end.
std::string indented(std::string_view text, std::string_view front) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '\n' && i + 1 < text.size()) out += front;
  }
  return out;
}

Config new_config(const KeyPair& identity, std::string_view admin_listen) {
  Config config;
  config.identity = KeyPair::from_seed(identity.seed());
  config.admin_listen = admin_listen;
  return config;
}

}  // namespace

std::string config_as_hjson(const Config& config) {
  const nlohmann::ordered_json values = config_as_values(config, Secrets::shown);
  std::string out = "{\n";
  for (const Section& section : kSections) {
    if (out.size() > 2) out += "\n";
    out.append("  # ").append(indented(section.explanation, "  # ")).append("\n  ");
    std::string value = as_text(values.at(std::string(section.key)), 2);
    out.append(section.key).append(": ").append(indented(value, "  ")).append("\n");
    wipe(value);
  }
  return out + "}\n";
}

std::string config_as_hjson(const KeyPair& identity, std::string_view admin_listen) {
  return config_as_hjson(new_config(identity, admin_listen));
}

std::string config_as_json(const KeyPair& identity, std::string_view admin_listen) {
  return as_text(config_as_values(new_config(identity, admin_listen), Secrets::shown), 2) + "\n";
}

}  // namespace thicket::node
