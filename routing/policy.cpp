#include "routing/policy.hpp"

namespace thicket::routing {

Policy Policy::yggdrasil_05() {
  using namespace std::chrono_literals;
  Policy policy;
  policy.maintenance_interval = 1s;
  policy.keepalive_delay = 1s;
  policy.first_suspicion = 0s;
  policy.probe_links = false;
  policy.parent_probe_interval = 0s;
  policy.resend_lost = false;
  // Half a round, so that it is over in the next round and not in the one that starts it.
  policy.parent_wait = 500ms;
  policy.always_wait_for_parent = true;
  policy.root_hold_down = 0s;
  policy.clear_filters_unasked = false;
  policy.repeat_lookups = false;
  policy.lookup_lifetime = 1min;
  policy.packets_per_lookup = 1;
  policy.keep_sent_packets = true;
  policy.look_up_weak_paths = false;
  policy.same_coordinates_renew = false;
  policy.use_way_back = false;
  policy.trust_way_back = false;
  policy.tell_correspondents = false;
  policy.seq_outruns_clock = false;
  policy.queue_target_delay = 0s;
  // One frame of the largest size, or as many usual ones, with what keeping them takes.
  policy.queue_bytes = 256 * 1024;
  return policy;
}

std::optional<Policy> policy_by_name(std::string_view name) {
  for (const Policy& policy : {Policy::thicket(), Policy::yggdrasil_05()}) {
    if (name == name_of(policy)) return policy;
  }
  return std::nullopt;
}

std::string_view name_of(const Policy& policy) {
  if (policy == Policy::thicket()) return "thicket";
  if (policy == Policy::yggdrasil_05()) return "yggdrasil-0.5";
  return "custom";
}

}  // namespace thicket::routing
