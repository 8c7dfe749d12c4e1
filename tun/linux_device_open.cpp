#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "tun/interface_setup.hpp"
#include "tun/linux_device.hpp"
#include "tun/virtio_header.hpp"

namespace thicket::tun {
namespace {

constexpr const char* kControlPath = "/dev/net/tun";
constexpr std::uint32_t kMinMtu = 1280;  // RFC 8200 §5
constexpr std::uint32_t kMaxMtu = 65535;

// Since Linux 6.2, and only together; not in older headers.
constexpr unsigned kOffloadUdp = 0x20 | 0x40;  // TUN_F_USO4 | TUN_F_USO6
constexpr unsigned kOffloadTcp = TUN_F_TSO6 | TUN_F_TSO_ECN;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

Result<Descriptor, std::string> open_control() {
  Descriptor control(::open(kControlPath, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (control.get() >= 0) return control;
  switch (errno) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return failure(fmt::format(
          "there is no {}: load the kernel module with `modprobe tun`, or pass the device into the "
          "container (--device {})",
          kControlPath, kControlPath));
    case EACCES:
    case EPERM:
      return failure(fmt::format("no permission to open {}: run as root", kControlPath));
    default:
      return failure(fmt::format("cannot open {}: {}", kControlPath, std::strerror(errno)));
  }
}

/// Makes the interface, or attaches to a persistent one. Returns its name.
Result<std::string, std::string> attach(const Descriptor& control, const std::string& name) {
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
  if (name != kAutoName) name.copy(request.ifr_name, IFNAMSIZ - 1);
  if (::ioctl(control.get(), TUNSETIFF, &request) == 0) return std::string(request.ifr_name);
  switch (errno) {
    case EPERM:
      return failure(fmt::format(
          "no permission to make the TUN interface {}: run as root or with the capability "
          "CAP_NET_ADMIN",
          name));
    case EBUSY:
      return failure(fmt::format(
          "the interface {} is in use by another program: choose another name, or \"auto\"", name));
    case EINVAL:
    case EEXIST:
      return failure(fmt::format(
          "there is an interface {} already that is no TUN: choose another name, or \"auto\"",
          name));
    default:
      return failure(
          fmt::format("cannot make the TUN interface {}: {}", name, std::strerror(errno)));
  }
}

/// The most that this kernel takes of what we can handle.
unsigned enable_offloads(const Descriptor& control) {
  constexpr std::array<unsigned, 4> kSteps{TUN_F_CSUM | kOffloadTcp | kOffloadUdp,
                                           TUN_F_CSUM | kOffloadTcp, TUN_F_CSUM, 0};
  for (const unsigned offloads : kSteps) {
    if (::ioctl(control.get(), TUNSETOFFLOAD, static_cast<unsigned long>(offloads)) == 0) {
      return offloads;
    }
  }
  return 0;
}

}  // namespace

bool is_valid_interface_name(std::string_view name) {
  if (name.empty() || name.size() >= IFNAMSIZ || name == "." || name == "..") return false;
  // What the kernel refuses, and '%', which it would take for a pattern.
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return c > ' ' && c < 0x7f && c != '/' && c != ':' && c != '%';
  });
}

Result<std::unique_ptr<Device>, std::string> open_linux_device(asio::io_context& io,
                                                               const std::string& name,
                                                               const Address& address,
                                                               std::uint32_t mtu) {
  if (!is_valid_interface_name(name)) {
    return failure(fmt::format(
        "\"{}\" is no interface name: 1 to 15 printable characters without space, /, : and %",
        name));
  }
  if (mtu < kMinMtu || mtu > kMaxMtu) {
    return failure(fmt::format("the MTU must be {} to {}, not {}", kMinMtu, kMaxMtu, mtu));
  }
  auto control = open_control();
  if (!control) return failure(control.error());
  auto actual_name = attach(*control, name);
  if (!actual_name) return failure(actual_name.error());
  int header_size = sizeof(VirtioHeader);
  if (::ioctl(control->get(), TUNSETVNETHDRSZ, &header_size) != 0) {
    return failure(
        fmt::format("cannot set the header size of {}: {}", *actual_name, std::strerror(errno)));
  }
  const unsigned offloads = enable_offloads(*control);
  if (auto done = set_up_interface(*actual_name, address, mtu); !done) {
    return failure(done.error());
  }
  LinuxDevice::Interface interface;
  interface.descriptor = control->release();
  interface.name = std::move(*actual_name);
  interface.mtu = mtu;
  // Every kernel takes TCP super-packets, whatever it offers in the other direction.
  interface.merge_tcp = true;
  interface.merge_udp = (offloads & kOffloadUdp) == kOffloadUdp;
  return std::make_unique<LinuxDevice>(io, std::move(interface));
}

}  // namespace thicket::tun
