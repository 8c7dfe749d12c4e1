#include "node/admin/dht_status.hpp"

#include <nlohmann/json.hpp>

#include "routing/dht/dht.hpp"

namespace thicket::node {

using nlohmann::json;

json dht_status(const routing::Endpoint& endpoint, routing::LookupPolicy policy) {
  const routing::Router& router = endpoint.router();
  const routing::dht::Dht& dht = router.dht();
  const routing::dht::Counters& counters = dht.counters();
  const routing::DirectoryCounters& directory = router.directory_counters();
  const routing::HelloCounters& hellos = endpoint.hello_counters();
  return {{"enabled", policy != routing::LookupPolicy::bloom},
          {"lookup", to_string(policy)},
          {"joined", dht.joined()},
          {"estimated_nodes", dht.estimated_nodes()},
          {"table_size", dht.table().size()},
          {"near_contacts", dht.table().near().size()},
          {"records", dht.store().size()},
          {"lookups_in_flight", dht.lookups_in_flight()},
          {"lookups", counters.lookups},
          {"hits", counters.hits},
          {"misses", counters.misses},
          {"timeouts", counters.timeouts},
          {"retries", counters.retries},
          {"fallbacks", directory.fallbacks},
          {"bloom_lookups", router.counters().lookups_started},
          {"introductions", directory.introductions},
          {"searches", directory.searches},
          {"hellos_sent", hellos.sent},
          {"hellos_received", hellos.received},
          {"hellos_ignored", hellos.ignored},
          {"finds_forwarded", counters.finds_forwarded},
          {"finds_answered", counters.finds_answered},
          {"publications", counters.publications},
          {"stores_kept", counters.stores_kept},
          {"copies_sent", counters.copies_sent},
          {"datagrams_sent", counters.datagrams_sent},
          {"datagrams_recvd", counters.datagrams_received},
          {"bytes_sent", counters.bytes_sent},
          {"bytes_recvd", counters.bytes_received},
          {"over_budget", counters.over_budget},
          {"malformed", counters.malformed},
          {"records_refused", counters.records_refused}};
}

void add_capabilities(json& object, const routing::Capabilities& capabilities) {
  if (!capabilities.agent.empty()) object["agent"] = capabilities.agent;
  object["capabilities"] = capabilities.names();
}

}  // namespace thicket::node
