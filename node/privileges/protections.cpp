#include "node/privileges/protections.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "node/json_fields.hpp"
#include "node/privileges/system_call_filter.hpp"

namespace thicket::node {

using nlohmann::json;

Protections current_protections(int landlock) {
  Protections protections;
  protections.account = current_account();
  protections.capabilities = effective_capabilities();
  protections.no_new_privileges = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
  protections.dumpable = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;
  protections.landlock = landlock;
  protections.system_calls = are_system_calls_filtered();
  return protections;
}

json protections_status(const Protections& protections) {
  return {{"user", protections.account.user},
          {"group", protections.account.group},
          {"root", protections.account.uid == 0},
          {"capabilities", names_of(protections.capabilities)},
          {"no_new_privileges", protections.no_new_privileges},
          {"dumpable", protections.dumpable},
          {"landlock", protections.landlock},
          {"system_call_filter", protections.system_calls}};
}

std::string protections_text(const json& protections) {
  std::string out = field_string(protections, "user");
  const json& capabilities = field_list(protections, "capabilities");
  if (!field_flag(protections, "root") && !capabilities.empty()) {
    std::vector<std::string> names;
    for (const json& name : capabilities) {
      if (name.is_string()) names.push_back(name.get<std::string>());
    }
    out += fmt::format(" with {}", fmt::join(names, ", "));
  }
  const auto landlock = field_count(protections, "landlock");
  const bool filtered = field_flag(protections, "system_call_filter");
  if (landlock == 0 && !filtered) return out + "; no sandbox";
  return out + fmt::format("; sandbox:{}{}{}",
                           landlock != 0 ? fmt::format(" Landlock {}", landlock) : "",
                           landlock != 0 && filtered ? "," : "", filtered ? " seccomp" : "");
}

}  // namespace thicket::node
