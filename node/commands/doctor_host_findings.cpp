#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "node/commands/doctor_findings.hpp"

// What the machine that the node runs on tells.
namespace thicket::node {
namespace {

constexpr std::uint64_t kEarliest = 1'767'225'600;  // 2026-01-01: this program is not older
constexpr std::uint64_t kClockTolerance = 120;      // s
constexpr std::uint64_t kLeastMtu = 1280;           // RFC 8200 §5

/// The interface of the running node, if it is there.
const InterfaceFact* own_interface(const Facts& facts) {
  const auto found = std::ranges::find_if(facts.system.interfaces, [&](const InterfaceFact& fact) {
    return fact.name == facts.node.tun_name && fact.address == facts.node.address;
  });
  return found == facts.system.interfaces.end() ? nullptr : &*found;
}

Finding without_tun(const Facts& facts) {
  if (facts.config && facts.config->interface_name == "none") {
    return {"tun", Verdict::ok, "none, as configured (IfName: none); this node only relays", ""};
  }
  Finding finding{"tun", Verdict::problem, "the node has no interface: it only relays for others",
                  "start the node as root, or with the capability CAP_NET_ADMIN"};
  if (!facts.system.tun_device) {
    finding.what = "the node has no interface: there is no /dev/net/tun";
    finding.advice = "modprobe tun, or pass the device into the container (--device /dev/net/tun)";
  }
  return finding;
}

Finding check_tun(const Facts& facts) {
  const NodeFacts& node = facts.node;
  if (!node.tun) return without_tun(facts);
  const InterfaceFact* own = own_interface(facts);
  if (own == nullptr) {
    return {"tun", Verdict::problem,
            fmt::format("{} does not have the address {}", node.tun_name, node.address),
            "look for who changes interfaces (NetworkManager?), then start the node again"};
  }
  if (!own->up) {
    return {"tun", Verdict::problem, own->name + " is down",
            fmt::format("ip link set {} up", own->name)};
  }
  return {"tun", Verdict::ok, fmt::format("{} is up with {}", own->name, own->address), ""};
}

Finding check_mtu(const Facts& facts) {
  const InterfaceFact* own = own_interface(facts);
  const std::uint64_t mtu = own != nullptr ? own->mtu : facts.node.tun_mtu;
  if (mtu < kLeastMtu) {
    return {"mtu", Verdict::problem, fmt::format("{}: less than IPv6 needs", mtu),
            fmt::format("ip link set {} mtu {}", facts.node.tun_name,
                        std::max(facts.node.tun_mtu, kLeastMtu))};
  }
  if (mtu != facts.node.tun_mtu) {
    return {"mtu", Verdict::warning,
            fmt::format("{} has {}, the node {}", facts.node.tun_name, mtu, facts.node.tun_mtu),
            "set IfMTU instead, and start the node again"};
  }
  return {"mtu", Verdict::ok, fmt::format("{}", mtu), ""};
}

Finding check_routes(const Facts& facts) {
  const auto& routes = facts.system.mesh_routes;
  const std::string& tun = facts.node.tun_name;
  if (std::ranges::find(routes, tun) == routes.end()) {
    return {"routes", Verdict::problem,
            fmt::format("200::/7 is not routed to {}{}", tun,
                        routes.empty() ? "" : " but to " + routes.front()),
            fmt::format("ip -6 route add 200::/7 dev {}", tun)};
  }
  if (routes.size() > 1) {
    return {"routes", Verdict::warning,
            fmt::format("200::/7 is routed to {}", fmt::join(routes, ", ")),
            "run one node of the network on a machine, or each in a namespace of its own"};
  }
  return {"routes", Verdict::ok, "200::/7 goes to " + tun, ""};
}

/// The port at the end of a URI for links; 0: any, or none.
std::uint16_t port_of(std::string_view uri) {
  uri = uri.substr(0, uri.find_first_of("/?", uri.find("://") + 3));
  const std::size_t colon = uri.rfind(':');
  std::uint16_t port = 0;
  if (colon != std::string_view::npos) {
    std::from_chars(uri.data() + colon + 1, uri.data() + uri.size(), port);
  }
  return port;
}

Finding check_listeners(const Facts& facts) {
  if (!facts.config) {
    return {"listeners", Verdict::skipped, "the configuration is not known",
            "name it with --config"};
  }
  std::vector<std::string> wanted;
  std::vector<std::uint16_t> missing;
  std::vector<std::uint16_t> taken;
  for (const std::string& uri : facts.config->listen) {
    const std::uint16_t port = port_of(uri);
    if (port == 0 || uri.starts_with("quic://") || uri.starts_with("unix://")) continue;
    wanted.push_back(fmt::format("{}", port));
    const bool open = facts.system.tcp_ports.contains(port);
    if (facts.node.answers && !open) missing.push_back(port);
    if (!facts.node.answers && open) taken.push_back(port);
  }
  if (!missing.empty()) {
    return {"listeners", Verdict::problem,
            fmt::format("nobody listens at port {}", fmt::join(missing, ", ")),
            "see the node's log: the address is not there, or it was not started since Listen "
            "changed"};
  }
  if (!taken.empty()) {
    return {"listeners", Verdict::warning,
            fmt::format("another program listens at port {}", fmt::join(taken, ", ")),
            "choose another port under Listen"};
  }
  if (wanted.empty()) {
    return {"listeners", Verdict::ok, "no fixed port: this node dials others", ""};
  }
  const std::string list = fmt::format("{}", fmt::join(wanted, ", "));
  if (!facts.node.answers) return {"listeners", Verdict::ok, "free for it: port " + list, ""};
  return {"listeners", Verdict::ok, "at port " + list, ""};
}

Finding check_firewall(const Facts& facts) {
  const SystemFacts& system = facts.system;
  if (!facts.node.tun || system.mesh_ports.empty()) {
    return {"firewall", Verdict::ok, "no service of this machine is open to the mesh", ""};
  }
  constexpr std::size_t kShown = 8;
  std::vector<std::uint16_t> ports(system.mesh_ports.begin(), system.mesh_ports.end());
  const bool more = ports.size() > kShown;
  if (more) ports.resize(kShown);
  const std::string open = fmt::format("TCP port {}{}", fmt::join(ports, ", "), more ? ", …" : "");
  if (system.filters_input.value_or(false)) {
    return {"firewall", Verdict::ok,
            fmt::format("rules filter what comes in; behind them {}", open), ""};
  }
  const std::string advice = fmt::format(
      "filter what comes in, as with: nft add table inet mesh; nft 'add chain inet mesh in {{ type "
      "filter hook input priority 0; }}'; nft 'add rule inet mesh in iifname {} ct state new meta "
      "l4proto {{ tcp, udp }} drop'",
      facts.node.tun_name);
  if (!system.filters_input && system.firewall_tool) {
    return {"firewall", Verdict::skipped,
            fmt::format("the whole mesh may reach {}; rules are shown to root only", open),
            "run this as root to know"};
  }
  return {"firewall", Verdict::warning, fmt::format("the whole mesh can reach {}", open), advice};
}

Finding check_clock(const Facts& facts) {
  const SystemFacts& system = facts.system;
  const std::string advice = "set it, and let NTP keep it: timedatectl set-ntp true";
  if (system.unix_seconds < kEarliest) {
    return {"clock", Verdict::problem, "it is far behind: others will not believe this node",
            advice};
  }
  if (facts.node.newest_path > system.unix_seconds + kClockTolerance) {
    return {"clock", Verdict::warning,
            fmt::format("another node's is {} s ahead of it",
                        facts.node.newest_path - system.unix_seconds),
            advice};
  }
  if (!system.clock_synchronised.value_or(true)) {
    return {"clock", Verdict::warning, "it is not synchronised",
            "let NTP keep it: timedatectl set-ntp true"};
  }
  return {"clock", Verdict::ok,
          system.clock_synchronised ? "synchronised" : "it agrees with other nodes'", ""};
}

Finding check_privileges(const Facts& facts) {
  const NodeFacts& node = facts.node;
  if (!node.sandboxed && facts.config && facts.config->sandbox) {
    return {"privileges", Verdict::warning, "it runs as " + node.protections,
            "a newer kernel can shut it in: Linux 5.13 with Landlock, or seccomp"};
  }
  const std::string hint = "; it needs less: thicket run --user NAME";
  return {"privileges", Verdict::ok,
          fmt::format("it runs as {}{}", node.protections, node.root ? hint : ""), ""};
}

}  // namespace

std::vector<Finding> diagnose_host(const Facts& facts) {
  std::vector<Finding> findings;
  if (facts.node.answers) {
    findings.push_back(check_tun(facts));
    if (facts.node.tun) {
      findings.push_back(check_routes(facts));
      findings.push_back(check_mtu(facts));
    }
  } else if (!facts.system.tun_device) {
    findings.push_back({"tun", Verdict::warning, "there is no /dev/net/tun",
                        "modprobe tun, or pass the device into the container"});
  }
  findings.push_back(check_listeners(facts));
  if (facts.node.answers) findings.push_back(check_firewall(facts));
  if (!facts.node.user.empty()) findings.push_back(check_privileges(facts));
  findings.push_back(check_clock(facts));
  return findings;
}

std::vector<Finding> diagnose(const Facts& facts) {
  std::vector<Finding> findings = diagnose_node(facts);
  std::ranges::move(diagnose_host(facts), std::back_inserter(findings));
  return findings;
}

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::skipped:
      return "skipped";
    case Verdict::warning:
      return "warning";
    case Verdict::problem:
      return "problem";
  }
  return "";
}

}  // namespace thicket::node
