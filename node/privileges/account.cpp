#include "node/privileges/account.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <charconv>
#include <optional>

namespace thicket::node {
namespace {

/// nullopt: no number, or one that no account has (the highest means "leave it as it is").
std::optional<std::uint32_t> id_in(std::string_view text) {
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && id != ~std::uint32_t{0} ? std::optional(id) : std::nullopt;
}

std::string group_name(gid_t gid) {
  const group* entry = ::getgrgid(gid);
  return entry != nullptr ? entry->gr_name : std::to_string(gid);
}

std::string user_name(uid_t uid) {
  const passwd* entry = ::getpwuid(uid);
  return entry != nullptr ? entry->pw_name : std::to_string(uid);
}

struct User {
  std::string name;
  uid_t uid;
  std::optional<gid_t> group;
};

Result<User, std::string> find_user(const std::string& name) {
  const passwd* entry = ::getpwnam(name.c_str());
  const auto id = entry == nullptr ? id_in(name) : std::nullopt;
  if (id) entry = ::getpwuid(*id);
  if (entry != nullptr) return User{entry->pw_name, entry->pw_uid, entry->pw_gid};
  if (id) return User{name, *id, std::nullopt};
  return failure(fmt::format(
      "there is no user \"{0}\"; make one (useradd --system --no-create-home {0}), or name another",
      name));
}

Result<gid_t, std::string> find_group(const std::string& name) {
  if (const group* entry = ::getgrnam(name.c_str()); entry != nullptr) return entry->gr_gid;
  if (const auto id = id_in(name)) return *id;
  return failure(fmt::format(
      "there is no group \"{0}\"; make one (groupadd --system {0}), or name another", name));
}

}  // namespace

Result<Account, std::string> find_account(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string user_text(text.substr(0, colon));
  const bool has_group = colon != std::string_view::npos;
  const std::string group_text(has_group ? text.substr(colon + 1) : "");
  if (user_text.empty() || (has_group && group_text.empty())) {
    return failure(fmt::format("found \"{}\", expected NAME or NAME:GROUP", text));
  }
  const auto user = find_user(user_text);
  if (!user) return failure(user.error());
  if (user->uid == 0) {
    return failure(std::string("that is root; name another user, or leave --user out"));
  }
  if (!has_group && !user->group) {
    return failure(
        fmt::format("no user has the number {0}; say which group: {0}:GROUP", user->uid));
  }
  gid_t gid = user->group.value_or(0);
  if (has_group) {
    const auto found = find_group(group_text);
    if (!found) return failure(found.error());
    gid = *found;
  }
  return Account{user->name, group_name(gid), user->uid, gid};
}

Account current_account() {
  return {user_name(::geteuid()), group_name(::getegid()), ::geteuid(), ::getegid()};
}

}  // namespace thicket::node
