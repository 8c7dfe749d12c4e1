#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>

#include "node/admin/admin_address.hpp"
#include "node/clock.hpp"
#include "node/commands/doctor_facts.hpp"

namespace thicket::node {
namespace {

constexpr std::size_t kMostText = 4 * 1024 * 1024;  // of a table in /proc

std::string contents_of(const char* file) {
  std::ifstream in(file, std::ios::binary);
  std::string text;
  std::array<char, 65536> chunk;
  while (text.size() < kMostText && in.read(chunk.data(), chunk.size()).gcount() > 0) {
    text.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
  }
  return text;
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

template <class Action>
void for_each_line(std::string_view text, Action action) {
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) action(words_of(line));
}

std::uint64_t mtu_of(const char* name) {
  const int descriptor = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return 0;
  ifreq request{};
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  const bool known = ::ioctl(descriptor, SIOCGIFMTU, &request) == 0;
  ::close(descriptor);
  return known && request.ifr_mtu > 0 ? static_cast<std::uint64_t>(request.ifr_mtu) : 0;
}

std::vector<InterfaceFact> mesh_interfaces() {
  std::vector<InterfaceFact> found;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return found;
  for (const ifaddrs* item = list; item != nullptr; item = item->ifa_next) {
    if (item->ifa_addr == nullptr || item->ifa_addr->sa_family != AF_INET6) continue;
    sockaddr_in6 socket_address;
    std::memcpy(&socket_address, item->ifa_addr, sizeof socket_address);
    Address address;
    std::memcpy(address.bytes.data(), &socket_address.sin6_addr, address.bytes.size());
    if (!is_node_address(address)) continue;
    found.push_back({item->ifa_name, address.to_string(), (item->ifa_flags & IFF_UP) != 0,
                     mtu_of(item->ifa_name)});
  }
  ::freeifaddrs(list);
  return found;
}

/// nft if it is there; it lists its rules to root only.
const char* nft_program() {
  for (const char* path : {"/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"}) {
    if (::access(path, X_OK) == 0) return path;
  }
  return nullptr;
}

bool has_ip6tables() {
  for (const char* path : {"/usr/sbin/ip6tables", "/sbin/ip6tables"}) {
    if (::access(path, X_OK) == 0) return true;
  }
  return false;
}

/// Whether a rule set hooks into what comes in; nullopt: that cannot be told.
std::optional<bool> filters_input() {
  if (::geteuid() != 0) return std::nullopt;
  if (contents_of("/proc/net/ip6_tables_names").find("filter") != std::string::npos) return true;
  const char* nft = nft_program();
  if (nft == nullptr) return has_ip6tables() ? std::nullopt : std::optional(false);
  const std::string command = std::string(nft) + " list ruleset 2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> rules(::popen(command.c_str(), "r"), ::pclose);
  if (!rules) return std::nullopt;
  std::string text;
  std::array<char, 65536> chunk;
  while (text.size() < kMostText) {
    const std::size_t size = std::fread(chunk.data(), 1, chunk.size(), rules.get());
    if (size == 0) break;
    text.append(chunk.data(), size);
  }
  return text.find("hook input") != std::string::npos;
}

std::optional<unsigned> mode_of(const std::string& socket) {
  const auto address = parse_admin_address(socket);
  struct stat status {};
  if (!address || address->path.empty() || ::stat(address->path.c_str(), &status) != 0) {
    return std::nullopt;
  }
  return status.st_mode & 0777U;
}

/// Bytes of an address as /proc writes them: words of four bytes in the machine's order.
std::array<std::uint8_t, 16> address_in(std::string_view hex) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t word = 0; word < 4 && hex.size() >= (word + 1) * 8; ++word) {
    std::uint32_t value = 0;
    std::from_chars(hex.data() + word * 8, hex.data() + word * 8 + 8, value, 16);
    std::memcpy(bytes.data() + word * 4, &value, 4);
  }
  return bytes;
}

}  // namespace

std::vector<std::string> mesh_routes_in(std::string_view text) {
  constexpr std::uint32_t kUp = 0x1;
  constexpr std::uint32_t kReject = 0x200;
  std::vector<std::string> devices;
  for_each_line(text, [&](const std::vector<std::string>& words) {
    // destination, its length, source, its length, next hop, metric, references, use, flags, device
    if (words.size() != 10 || words[1] != "07" || !words[0].starts_with("0200000000")) return;
    std::uint32_t flags = 0;
    std::from_chars(words[8].data(), words[8].data() + words[8].size(), flags, 16);
    if ((flags & kUp) != 0 && (flags & kReject) == 0) devices.push_back(words[9]);
  });
  return devices;
}

std::set<std::uint16_t> listening_ports_in(std::string_view text, bool on_mesh) {
  constexpr std::string_view kListening = "0A";
  std::set<std::uint16_t> ports;
  for_each_line(text, [&](const std::vector<std::string>& words) {
    if (words.size() < 4 || words[3] != kListening) return;
    const std::size_t colon = words[1].find(':');
    if (colon == std::string::npos) return;
    const std::string_view host = std::string_view(words[1]).substr(0, colon);
    std::uint16_t port = 0;
    const char* end = words[1].data() + words[1].size();
    if (std::from_chars(words[1].data() + colon + 1, end, port, 16).ptr != end) return;
    const auto bytes = address_in(host);
    const bool any = host.size() == 32 && bytes == std::array<std::uint8_t, 16>{};
    const bool mesh = host.size() == 32 && (bytes[0] == 2 || bytes[0] == 3);
    if (!on_mesh || any || mesh) ports.insert(port);
  });
  return ports;
}

SystemFacts ask_system(const std::string& socket) {
  SystemFacts facts;
  facts.root = ::geteuid() == 0;
  facts.tun_device = ::access("/dev/net/tun", F_OK) == 0;
  facts.interfaces = mesh_interfaces();
  facts.mesh_routes = mesh_routes_in(contents_of("/proc/net/ipv6_route"));
  facts.unix_seconds = current_time().unix_seconds;
  timex clock{};
  const int state = ::adjtimex(&clock);
  if (state >= 0)
    facts.clock_synchronised = state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0;
  const std::string tcp6 = contents_of("/proc/net/tcp6");
  facts.tcp_ports = listening_ports_in(tcp6, false);
  facts.tcp_ports.merge(listening_ports_in(contents_of("/proc/net/tcp"), false));
  facts.mesh_ports = listening_ports_in(tcp6, true);
  facts.firewall_tool = nft_program() != nullptr || has_ip6tables();
  facts.filters_input = filters_input();
  facts.socket_mode = mode_of(socket);
  return facts;
}

}  // namespace thicket::node
