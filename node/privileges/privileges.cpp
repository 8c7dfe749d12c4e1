#include "node/privileges/privileges.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

// capset(2) and prctl(2) by themselves: a library for them would be one more to depend on, for the
// few lines that it saves.
namespace thicket::node {
namespace {

constexpr int kCapabilities = 64;

constexpr std::array<std::string_view, 41> kNames{"CHOWN",
                                                  "DAC_OVERRIDE",
                                                  "DAC_READ_SEARCH",
                                                  "FOWNER",
                                                  "FSETID",
                                                  "KILL",
                                                  "SETGID",
                                                  "SETUID",
                                                  "SETPCAP",
                                                  "LINUX_IMMUTABLE",
                                                  "NET_BIND_SERVICE",
                                                  "NET_BROADCAST",
                                                  "NET_ADMIN",
                                                  "NET_RAW",
                                                  "IPC_LOCK",
                                                  "IPC_OWNER",
                                                  "SYS_MODULE",
                                                  "SYS_RAWIO",
                                                  "SYS_CHROOT",
                                                  "SYS_PTRACE",
                                                  "SYS_PACCT",
                                                  "SYS_ADMIN",
                                                  "SYS_BOOT",
                                                  "SYS_NICE",
                                                  "SYS_RESOURCE",
                                                  "SYS_TIME",
                                                  "SYS_TTY_CONFIG",
                                                  "MKNOD",
                                                  "LEASE",
                                                  "AUDIT_WRITE",
                                                  "AUDIT_CONTROL",
                                                  "SETFCAP",
                                                  "MAC_OVERRIDE",
                                                  "MAC_ADMIN",
                                                  "SYSLOG",
                                                  "WAKE_ALARM",
                                                  "BLOCK_SUSPEND",
                                                  "AUDIT_READ",
                                                  "PERFMON",
                                                  "BPF",
                                                  "CHECKPOINT_RESTORE"};

constexpr Capabilities bit(int capability) {
  return Capabilities{1} << capability;
}

tl::unexpected<std::string> last_error(std::string_view what) {
  return failure(fmt::format("{}: {}", what, std::strerror(errno)));
}

using CapabilityData = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

/// The kernel's two words of 32 bits as one number.
Capabilities joined(const CapabilityData& data, __u32 __user_cap_data_struct::*set) {
  return Capabilities{data[0].*set} | Capabilities{data[1].*set} << 32;
}

CapabilityData get_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  CapabilityData data{};
  ::syscall(SYS_capget, &header, data.data());
  return data;
}

Result<void, std::string> set_capabilities(Capabilities capabilities) {
  const auto low = static_cast<__u32>(capabilities);
  const auto high = static_cast<__u32>(capabilities >> 32);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const CapabilityData data{{{low, low, 0}, {high, high, 0}}};
  if (::syscall(SYS_capset, &header, data.data()) != 0) return last_error("capset");
  return {};
}

/// What only a program started later could make use of, and none is started. A container may leave
/// us without CAP_SETPCAP, which this takes; then the rest still holds.
void shut_ways_back() {
  for (int capability = 0; capability < kCapabilities; ++capability) {
    ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  ::prctl(PR_SET_SECUREBITS,
          SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
              SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
              SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
          0, 0, 0);
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

Result<void, std::string> change_ids(const Account& account) {
  // Where the secure bits could not be set, this keeps capabilities across the change of user.
  ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
  if (::setgroups(1, &account.gid) != 0) return last_error("setgroups");
  if (::setresgid(account.gid, account.gid, account.gid) != 0) return last_error("setresgid");
  if (::setresuid(account.uid, account.uid, account.uid) != 0) return last_error("setresuid");
  return {};
}

bool is_exactly(const Account& account) {
  uid_t user = 0;
  uid_t effective_user = 0;
  uid_t saved_user = 0;
  gid_t group = 0;
  gid_t effective_group = 0;
  gid_t saved_group = 0;
  if (::getresuid(&user, &effective_user, &saved_user) != 0 ||
      ::getresgid(&group, &effective_group, &saved_group) != 0) {
    return false;
  }
  return user == account.uid && effective_user == account.uid && saved_user == account.uid &&
         group == account.gid && effective_group == account.gid && saved_group == account.gid;
}

}  // namespace

std::vector<std::string> names_of(Capabilities capabilities) {
  std::vector<std::string> names;
  for (int number = 0; number < kCapabilities; ++number) {
    if ((capabilities & bit(number)) == 0) continue;
    const auto index = static_cast<std::size_t>(number);
    names.push_back(index < kNames.size() ? fmt::format("CAP_{}", kNames[index])
                                          : fmt::format("CAP_{}", number));
  }
  return names;
}

std::string kernel_release() {
  utsname name{};
  return ::uname(&name) == 0 ? name.release : "";
}

Capabilities needed_capabilities(const Config& config, std::string_view kernel_release) {
  // Routes, addresses and MTU are set once, when the device is made, and netlink tells of other
  // interfaces to anybody: CAP_NET_ADMIN is not among these. A reload, and local discovery when an
  // interface comes, may open a listener at a port below 1024.
  Capabilities needed = bit(CAP_NET_BIND_SERVICE);
  unsigned major = 0;
  unsigned minor = 0;
  const char* end = kernel_release.data() + kernel_release.size();
  const auto dot = std::from_chars(kernel_release.data(), end, major).ptr;
  if (dot != end) std::from_chars(dot + 1, end, minor);
  // Since Linux 5.7 anybody may bind a socket to an interface (SO_BINDTODEVICE); before, this is
  // the price of InterfacePeers.
  const bool anybody_binds = std::pair(major, minor) >= std::pair(5U, 7U);
  if (!config.interface_peers.empty() && !anybody_binds) needed |= bit(CAP_NET_RAW);
  return needed;
}

Capabilities effective_capabilities() {
  return joined(get_capabilities(), &__user_cap_data_struct::effective);
}

Result<void, std::string> become(const Account& account, Capabilities kept) {
  if (::geteuid() != 0) {
    if (is_exactly(account)) return keep_only(kept);
    return failure(fmt::format(
        "only root can become {}; start it as root (sudo thicket run …), or leave --user out",
        account.user));
  }
  const Capabilities had = joined(get_capabilities(), &__user_cap_data_struct::permitted);
  shut_ways_back();
  if (auto changed = change_ids(account); !changed) return changed;
  if (auto set = set_capabilities(kept & had); !set) return set;
  ::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
  if (!is_exactly(account) || ::setresuid(0, 0, 0) == 0 || ::setuid(0) == 0 ||
      ::setgroups(0, nullptr) == 0 || effective_capabilities() != (kept & had)) {
    return failure(fmt::format("the way back from {} to root is still open", account.user));
  }
  return {};
}

Result<void, std::string> keep_only(Capabilities kept) {
  const Capabilities had = joined(get_capabilities(), &__user_cap_data_struct::permitted);
  shut_ways_back();
  return set_capabilities(kept & had);
}

}  // namespace thicket::node
