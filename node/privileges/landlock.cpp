#include "node/privileges/landlock.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

namespace thicket::node {
namespace {

// The headers may be older than the kernel.
constexpr std::uint64_t kTruncate = std::uint64_t{1} << 14;     // version 3
constexpr std::uint64_t kIoctlDevice = std::uint64_t{1} << 15;  // version 5
constexpr std::uint64_t kScopeSignal = std::uint64_t{1} << 1;   // version 6
constexpr int kNewestKnown = 6;

struct RulesetAttributes {
  std::uint64_t handled_files = 0;
  std::uint64_t handled_network = 0;  // version 4; ports come and go with reloads: left alone
  std::uint64_t scoped = 0;           // version 6
};

/// All rights that the version knows, so that what no rule allows is forbidden.
std::uint64_t all_rights(int version) {
  std::uint64_t rights = (std::uint64_t{1} << 13) - 1;
  if (version >= 2) rights |= LANDLOCK_ACCESS_FS_REFER;
  if (version >= 3) rights |= kTruncate;
  if (version >= 5) rights |= kIoctlDevice;
  return rights;
}

std::uint64_t rights_of(FileAccess access, bool is_folder) {
  if (access == FileAccess::sockets) {
    return is_folder ? LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE : 0;
  }
  return LANDLOCK_ACCESS_FS_READ_FILE | (is_folder ? LANDLOCK_ACCESS_FS_READ_DIR : 0U);
}

/// False: see errno.
bool add_rule(int ruleset, const FileRule& rule) {
  const int at = ::open(rule.path.c_str(), O_PATH | O_CLOEXEC);
  if (at < 0) return true;
  struct stat status {};
  landlock_path_beneath_attr attributes{};
  attributes.parent_fd = at;
  const bool known = ::fstat(at, &status) == 0;
  attributes.allowed_access = rights_of(rule.access, known && S_ISDIR(status.st_mode));
  const bool added =
      attributes.allowed_access == 0 ||
      ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &attributes, 0) == 0;
  const int error = errno;
  ::close(at);
  errno = error;
  return added;
}

}  // namespace

int landlock_version() {
  const long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version > 0 ? static_cast<int>(version) : 0;
}

Result<int, std::string> restrict_files(const std::vector<FileRule>& rules) {
  const int version = landlock_version();
  if (version == 0) return failure(std::string("the kernel has no Landlock"));
  RulesetAttributes attributes;
  attributes.handled_files = all_rights(version);
  std::size_t size = sizeof attributes.handled_files;
  if (version >= kNewestKnown) {
    attributes.scoped = kScopeSignal;
    size = sizeof attributes;
  }
  const auto ruleset =
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0));
  if (ruleset < 0) return failure(std::string("no rule set: ") + std::strerror(errno));
  const bool in_force =
      std::ranges::all_of(rules, [&](const FileRule& rule) { return add_rule(ruleset, rule); }) &&
      ::syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
  const int error = errno;
  ::close(ruleset);
  if (!in_force) return failure(std::string(std::strerror(error)));
  return version;
}

}  // namespace thicket::node
