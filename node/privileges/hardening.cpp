#include "node/privileges/hardening.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "node/admin/admin_address.hpp"
#include "node/privileges/system_call_filter.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::node {
namespace {

namespace fs = std::filesystem;

// Names are looked up by the C library, with modules that it loads when they are first needed, as
// /etc says. Where resolv.conf is a link, whoever manages the network rewrites its target.
constexpr const char* kForNames[] = {"/etc",
                                     "/lib",
                                     "/lib32",
                                     "/lib64",
                                     "/usr/lib",
                                     "/usr/lib32",
                                     "/usr/lib64",
                                     "/usr/local/lib",
                                     "/usr/share/zoneinfo",
                                     "/run/NetworkManager",
                                     "/run/connman",
                                     "/run/resolvconf",
                                     "/run/systemd/resolve",
                                     "/dev/urandom"};

fs::path folder_of(const fs::path& file) {
  std::error_code ignored;
  const fs::path whole = fs::absolute(file, ignored);
  return whole.parent_path();
}

/// The folder of a file and, if it is a link, that of what it leads to: editors replace either.
void allow_file(std::vector<FileRule>& rules, const fs::path& file) {
  if (file.empty()) return;
  rules.push_back({folder_of(file), FileAccess::read});
  std::error_code error;
  const fs::path target = fs::canonical(file, error);
  if (!error && target.parent_path() != rules.back().path) {
    rules.push_back({target.parent_path(), FileAccess::read});
  }
}

std::vector<fs::path> sockets_of(const Config& config) {
  std::vector<fs::path> sockets;
  const auto admin = parse_admin_address(config.admin_listen);
  if (admin && !admin->path.empty()) sockets.emplace_back(admin->path);
  for (const std::string& uri : config.listen) {
    const auto parsed = transport::parse_peer_uri(uri, transport::UriUse::listen);
    if (parsed && !parsed->path.empty()) sockets.emplace_back(parsed->path);
  }
  return sockets;
}

/// Gives a file of root's to the account, unless somebody put another kind of file in its place.
void give(const fs::path& path, mode_t kind, const Account& account) {
  const int at = ::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (at < 0) return;  // not there: it could not be opened, and that was logged
  struct stat status {};
  const bool ours = ::fstat(at, &status) == 0 && (status.st_mode & S_IFMT) == kind &&
                    status.st_uid == ::geteuid();
  if (ours && ::fchownat(at, "", account.uid, account.gid, AT_EMPTY_PATH) != 0) {
    spdlog::warn("{} stays root's: {}", path.string(), std::strerror(errno));
  }
  ::close(at);
}

void give_files(const HardeningPlan& plan) {
  for (const fs::path& socket : plan.sockets) give(socket, S_IFSOCK, *plan.account);
  if (!plan.config_is_new) return;
  give(plan.config_file, S_IFREG, *plan.account);
  give(folder_of(plan.config_file), S_IFDIR, *plan.account);
}

/// Says now what would surprise later.
void tell_limits(const HardeningPlan& plan) {
  for (const fs::path& file : {plan.config_file, plan.private_key_file}) {
    const std::string advice = readability_advice(file);
    if (advice.empty()) continue;
    spdlog::warn("a reload will fail: {} has to be {}", file.string(), advice);
  }
  for (const fs::path& socket : plan.sockets) {
    if (::access(folder_of(socket).c_str(), W_OK | X_OK) == 0) continue;
    spdlog::info(
        "{} stays when this node ends, as {} may not write to its folder; the next start "
        "takes it over",
        socket.string(), current_account().user);
  }
}

/// The version of Landlock in force.
int enter_sandbox(const HardeningPlan& plan) {
  // Metrics read it. Its inode is looked up anew, and the rule lost, once nobody holds it.
  [[maybe_unused]] static const int proc_self =
      ::open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
  const auto landlock = restrict_files(plan.files);
  if (!landlock) spdlog::debug("no restriction of files: {}", landlock.error());
  if (const auto filtered = filter_system_calls(); !filtered) {
    spdlog::debug("no filter of system calls: {}", filtered.error());
  }
#ifndef THICKET_SANITIZED  // LeakSanitizer looks into us from a process of its own
  // The private key is in our memory.
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
  return landlock.value_or(0);
}

}  // namespace

HardeningPlan plan_hardening(const Config& config, const fs::path& config_file, bool config_is_new,
                             std::optional<Account> account) {
  HardeningPlan plan;
  plan.account = std::move(account);
  plan.capabilities = needed_capabilities(config, kernel_release());
  plan.sandbox = config.sandbox;
  plan.sockets = sockets_of(config);
  plan.config_file = config_file;
  plan.config_is_new = config_is_new;
  for (const char* path : kForNames) plan.files.push_back({path, FileAccess::read});
  plan.files.push_back({"/proc/self", FileAccess::read});
  allow_file(plan.files, "/etc/resolv.conf");
  allow_file(plan.files, config_file);
  allow_file(plan.files, config.private_key_path);
  plan.private_key_file = config.private_key_path;
  allow_file(plan.files, config.auto_peers.file);
  for (const fs::path& socket : plan.sockets) {
    plan.files.push_back({folder_of(socket), FileAccess::sockets});
  }
  return plan;
}

Result<Protections, std::string> harden(const HardeningPlan& plan) {
  if (plan.account) {
    if (::geteuid() == 0) give_files(plan);
    if (auto became = become(*plan.account, plan.capabilities); !became) {
      return failure(became.error());
    }
  } else if (::geteuid() != 0) {
    if (auto kept = keep_only(plan.capabilities); !kept) return failure(kept.error());
  }
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#ifdef THICKET_SANITIZED
  ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // becoming another user took it
#endif
  tell_limits(plan);
  const int landlock = plan.sandbox ? enter_sandbox(plan) : 0;
  Protections protections = current_protections(landlock);
  spdlog::info("running as {}", protections_text(protections_status(protections)));
  return protections;
}

std::string readability_advice(const fs::path& file) {
  if (::access(file.c_str(), R_OK) == 0 || errno != EACCES) return "";
  const Account account = current_account();
  return fmt::format(
      "a file that user {0} can read: chgrp {1} {2} && chmod g+r {2}, and g+x for its folders",
      account.user, account.group, file.string());
}

}  // namespace thicket::node
