#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/address.hpp"
#include "node/config/config.hpp"

// What `thicket doctor` judges by. Texts of others are printable.
namespace thicket::node {

/// One peer of the running node.
struct PeerFact {
  std::string uri;
  std::string host;  ///< of the URI; empty: it has none
  std::string key;   ///< empty: down
  bool up = false;
  bool inbound = false;
  double latency_ms = 0;   ///< 0: not known
  std::string last_error;  ///< empty: none
  std::string build;       ///< "yggdrasil 0.5.12"; empty: it did not say
};

/// What the running node says.
struct NodeFacts {
  bool answers = false;
  std::string silence;  ///< why it does not
  std::string build_name;
  std::string build_version;
  std::string address;
  std::vector<PeerFact> peers;
  bool tun = false;
  std::string tun_name;
  std::uint64_t tun_mtu = 0;
  std::vector<std::string> discovery;  ///< interfaces
  bool dht_enabled = false;
  bool dht_joined = false;
  std::uint64_t dht_nodes = 0;
  std::string user;  ///< that it runs as; empty: it did not say
  bool root = false;
  bool sandboxed = false;
  std::string protections;        ///< in words
  std::uint64_t newest_path = 0;  ///< Unix time by the clock of another node; 0: none known
};

/// An interface with an address of the mesh.
struct InterfaceFact {
  std::string name;
  std::string address;
  bool up = false;
  std::uint64_t mtu = 0;
};

/// What the system says.
struct SystemFacts {
  bool root = false;
  bool tun_device = false;  ///< /dev/net/tun is there
  std::vector<InterfaceFact> interfaces;
  std::vector<std::string> mesh_routes;  ///< interfaces that 200::/7 is routed to
  std::uint64_t unix_seconds = 0;
  std::optional<bool> clock_synchronised;  ///< absent: the system does not say
  std::set<std::uint16_t> tcp_ports;       ///< that anybody listens at
  std::set<std::uint16_t> mesh_ports;      ///< of those, reachable at addresses of the mesh
  bool firewall_tool = false;              ///< nft or ip6tables is installed
  std::optional<bool> filters_input;       ///< whether rules filter what comes in; absent: unknown
  std::optional<unsigned> socket_mode;     ///< permissions of the administration socket
};

struct Facts {
  std::string socket;       ///< URI of the administration socket; empty: none
  std::string config_file;  ///< empty: none was read
  std::optional<Config> config;
  NodeFacts node;
  SystemFacts system;
};

/// Asks the node at `socket`; takes seconds if peers do not tell their version.
NodeFacts ask_node(const std::string& socket);
/// `socket`: URI, of which the permissions are wanted.
SystemFacts ask_system(const std::string& socket);

/// The interfaces that 200::/7 is routed to, by the text of /proc/net/ipv6_route.
std::vector<std::string> mesh_routes_in(std::string_view text);
/// The TCP ports listened at, by the text of /proc/net/tcp6 (or tcp). `on_mesh`: only those at the
/// unspecified address or one of the mesh.
std::set<std::uint16_t> listening_ports_in(std::string_view text, bool on_mesh);

}  // namespace thicket::node
