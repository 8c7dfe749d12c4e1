#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "node/privileges/privileges.hpp"

namespace thicket::node {

/// What keeps a process from harm, and from doing harm once somebody has taken it over.
struct Protections {
  Account account;
  Capabilities capabilities = 0;  ///< in effect
  bool no_new_privileges = false;
  bool dumpable = true;       ///< others of the same user can read its memory
  int landlock = 0;           ///< version of Landlock in force; 0: none
  bool system_calls = false;  ///< filtered
};

/// Those of this process, as the kernel tells them; `landlock` it does not.
Protections current_protections(int landlock);

/// getstatus's "protections".
nlohmann::json protections_status(const Protections& protections);
/// "nobody (CAP_NET_BIND_SERVICE), sandboxed" of the above, for people.
std::string protections_text(const nlohmann::json& protections);

}  // namespace thicket::node
