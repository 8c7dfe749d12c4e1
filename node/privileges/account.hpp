#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "crypto/result.hpp"

namespace thicket::node {

/// Whom a process runs as.
struct Account {
  std::string user;   ///< its name, or its number if it has none
  std::string group;  ///< likewise
  uid_t uid = 0;
  gid_t gid = 0;
};

/// The account that "NAME", "NAME:GROUP" or numbers in their places mean; without GROUP, the user's
/// own group. Errors, as sentences that say what to do: there is none, it is root's, or a number
/// that has no name needs a group beside it.
Result<Account, std::string> find_account(std::string_view text);

/// Whom this process runs as.
Account current_account();

}  // namespace thicket::node
