#include "node/monitoring/metrics.hpp"

#include <algorithm>

#include "crypto/address.hpp"
#include "node/build_info.hpp"
#include "node/clock.hpp"
#include "node/monitoring/metrics_text.hpp"
#include "node/monitoring/peer_metrics.hpp"
#include "node/monitoring/process_usage.hpp"
#include "routing/dht/dht.hpp"

namespace thicket::node {
namespace {

using Type = MetricsText::Type;

void write_process(MetricsText& out) {
  const ProcessUsage usage = ProcessUsage::now();
  out.begin("process_cpu_seconds_total", Type::counter,
            "Processor time used by the process, user and system.");
  out.sample({}, usage.cpu_seconds);
  if (usage.resident_bytes) {
    out.gauge("process_resident_memory_bytes", "Memory of the process that is in RAM.",
              *usage.resident_bytes);
  }
  if (usage.open_descriptors) {
    out.gauge("process_open_fds", "Open file descriptors.", *usage.open_descriptors);
  }
  out.gauge("process_max_fds", "File descriptors that may be open.", usage.max_descriptors);
  if (usage.start_seconds) {
    out.gauge("process_start_time_seconds", "When the process started, in seconds since 1970.",
              *usage.start_seconds);
  }
}

void write_node(MetricsText& out, const Wiring& wiring, const Health& health) {
  const routing::Router& router = wiring.endpoint().router();
  const PublicKey& key = router.public_key();
  out.begin("thicket_build_info", Type::gauge, "The program that runs; always 1.");
  out.sample({{"version", build_version()}}, std::uint64_t{1});
  out.begin("thicket_node_info", Type::gauge, "Who this node is; always 1.");
  out.sample({{"key", key.to_hex()},
              {"address", Address::of(key).to_string()},
              {"subnet", Subnet::of(key).to_string()}},
             std::uint64_t{1});
  out.gauge("thicket_healthy", "Whether nothing is wrong, as /healthz says.",
            std::uint64_t{health.ok()});
  out.begin("thicket_health_problem", Type::gauge, "Whether this one thing is wrong.");
  for (const HealthProblem problem : kHealthProblems) {
    out.sample({{"problem", name_of(problem)}}, std::uint64_t{health.has(problem)});
  }
  out.gauge("thicket_router_state_bytes", "Memory of the tables of router and sessions.",
            wiring.endpoint().state_bytes());
}

void write_auto_peers(MetricsText& out, const AutoPeers& auto_peers) {
  const PeerSelection& selection = auto_peers.selection();
  const PeerSelection::Counters& counters = selection.counters();
  out.gauge("thicket_auto_peers_candidates", "Peers in the list that AutoPeers chooses from.",
            selection.candidates());
  out.gauge("thicket_auto_peers_wanted", "Peers that AutoPeers is to keep.",
            selection.options().count);
  out.gauge("thicket_auto_peers_up", "Peers that AutoPeers chose and that are up.",
            static_cast<std::size_t>(std::ranges::count(selection.held(), PeerSelection::State::up,
                                                        &PeerSelection::Held::state)));
  out.counter("thicket_auto_peers_replaced_total", "Peers that another one took the place of.",
              counters.replacements);
  out.begin("thicket_auto_peers_probes_total", Type::counter,
            "Times that candidates were tried, by whether they answered.");
  out.sample({{"result", "answered"}}, counters.probes_answered);
  out.sample({{"result", "failed"}}, counters.probes_failed);
}

void write_tree(MetricsText& out, const routing::Router& router) {
  out.begin("thicket_tree_info", Type::gauge,
            "The root of the tree and our parent in it; always 1.");
  out.sample({{"root", router.root().to_hex()}, {"parent", router.parent().to_hex()}},
             std::uint64_t{1});
  out.gauge("thicket_tree_is_root", "Whether this node is the root.",
            std::uint64_t{router.root() == router.public_key()});
  out.gauge("thicket_tree_depth", "Links of the tree between this node and the root.",
            router.coordinates().size());
  out.gauge("thicket_tree_entries", "Nodes of the tree that are known: ancestors and peers.",
            router.tree().size());
}

void write_traffic(MetricsText& out, const Wiring& wiring) {
  const routing::Router& router = wiring.endpoint().router();
  out.gauge("thicket_sessions", "Encrypted sessions with other nodes.",
            wiring.endpoint().sessions().sessions(current_time()).size());
  out.gauge("thicket_paths", "Paths to other nodes that are known.", router.paths().size());
  out.gauge("thicket_longest_queue_bytes",
            "Memory of the frames that wait for the link where most do.", router.longest_queue());
  const routing::RouterCounters& counters = router.counters();
  const auto& dropped = counters.dropped;
  out.begin("thicket_dropped_frames_total", Type::counter,
            "Traffic frames lost in this node, by cause.");
  out.sample({{"cause", "no_next_hop"}}, dropped.no_next_hop);
  out.sample({{"cause", "no_path"}}, dropped.no_path);
  out.sample({{"cause", "queue_full"}}, dropped.queue_full);
  out.sample({{"cause", "queue_delay"}}, dropped.queue_delay);
  out.sample({{"cause", "link_lost"}}, dropped.link_lost);
  out.sample({{"cause", "oversized"}}, dropped.oversized);
  out.counter("thicket_protocol_frames_shed_total",
              "Lookups and their answers that were not sent since too much waited for the link.",
              counters.protocol_frames_shed);
  out.counter("thicket_signatures_made_total", "Signatures made for tree and paths.",
              counters.signatures_made);
  out.counter("thicket_signatures_checked_total", "Signatures checked for tree and paths.",
              counters.signatures_checked);
}

void write_lookups(MetricsText& out, const routing::Router& router) {
  const routing::RouterCounters& counters = router.counters();
  out.counter("thicket_filter_lookups_total",
              "Lookups of this node sent out by bloom filters, repetitions included.",
              counters.lookups_started);
  out.counter("thicket_filter_lookups_forwarded_total",
              "Lookups of others sent on by bloom filters, once per peer.",
              counters.lookups_forwarded);
  out.counter("thicket_paths_told_total", "Times that other nodes were told our path.",
              counters.paths_told);
  out.counter("thicket_paths_broken_total", "Times that a sender was told that its path is broken.",
              counters.brokens_sent);
  out.counter("thicket_lookup_fallbacks_total",
              "Lookups that went on by bloom filters since the DHT did not find the node.",
              router.directory_counters().fallbacks);
}

void write_dht(MetricsText& out, const Wiring& wiring) {
  const routing::dht::Dht& dht = wiring.endpoint().router().dht();
  const routing::dht::Counters& counters = dht.counters();
  out.gauge("thicket_dht_enabled", "Whether this node takes part in the DHT.",
            std::uint64_t{wiring.lookup_policy() != routing::LookupPolicy::bloom});
  out.gauge("thicket_dht_joined", "Whether another node of the DHT is known.",
            std::uint64_t{dht.joined()});
  out.gauge("thicket_dht_estimated_nodes", "Estimate of how many nodes take part in the DHT.",
            dht.estimated_nodes());
  out.gauge("thicket_dht_contacts", "Nodes in the routing table of the DHT.", dht.table().size());
  out.gauge("thicket_dht_records", "Paths of other nodes that are kept for the DHT.",
            dht.store().size());
  out.gauge("thicket_dht_lookups_in_flight", "Own lookups in the DHT without an answer yet.",
            dht.lookups_in_flight());
  out.counter("thicket_dht_lookups_total", "Own lookups in the DHT.", counters.lookups);
  out.begin("thicket_dht_lookups_ended_total", Type::counter,
            "Own lookups in the DHT that ended, by how.");
  out.sample({{"result", "found"}}, counters.hits);
  out.sample({{"result", "not_found"}}, counters.misses);
  out.sample({{"result", "timeout"}}, counters.timeouts);
  out.counter("thicket_dht_finds_forwarded_total", "Questions of others that were passed on.",
              counters.finds_forwarded);
  out.counter("thicket_dht_finds_answered_total", "Questions of others that were answered.",
              counters.finds_answered);
  out.counter("thicket_dht_publications_total", "Times that our path was published.",
              counters.publications);
  out.counter("thicket_dht_sent_datagrams_total", "Datagrams of the DHT sent.",
              counters.datagrams_sent);
  out.counter("thicket_dht_received_datagrams_total", "Datagrams of the DHT received.",
              counters.datagrams_received);
  out.counter("thicket_dht_sent_bytes_total", "Payload of the DHT's datagrams sent.",
              counters.bytes_sent);
  out.counter("thicket_dht_received_bytes_total", "Payload of the DHT's datagrams received.",
              counters.bytes_received);
  out.begin("thicket_dht_refused_total", Type::counter,
            "What came for the DHT and was not used, by why.");
  out.sample({{"cause", "over_budget"}}, counters.over_budget);
  out.sample({{"cause", "malformed"}}, counters.malformed);
  out.sample({{"cause", "bad_record"}}, counters.records_refused);
}

void write_gateway(MetricsText& out, const tun::GatewayCounters& counters) {
  out.begin("thicket_tun_dropped_packets_total", Type::counter,
            "IPv6 packets dropped between TUN device and mesh, by where they came from and why.");
  const auto drop = [&](std::string_view from, std::string_view cause, std::uint64_t count) {
    out.sample({{"from", from}, {"cause", cause}}, count);
  };
  drop("host", "malformed", counters.device_malformed);
  drop("host", "foreign_source", counters.device_foreign_source);
  drop("host", "no_route", counters.device_no_route);
  drop("host", "too_big", counters.device_too_big);
  drop("host", "overflow", counters.device_overflow);
  drop("host", "unresolved", counters.device_unresolved);
  drop("mesh", "malformed", counters.mesh_malformed);
  drop("mesh", "foreign_source", counters.mesh_foreign_source);
  drop("mesh", "foreign_destination", counters.mesh_foreign_destination);
  drop("mesh", "too_big", counters.mesh_too_big);
}

void write_tun(MetricsText& out, const Wiring& wiring) {
  const tun::Device* device = wiring.device();
  out.gauge("thicket_tun_up", "Whether there is a TUN device.", std::uint64_t{device != nullptr});
  if (device == nullptr) return;
  const tun::DeviceCounters counters = device->counters();
  out.gauge("thicket_tun_mtu_bytes", "Largest packet of the TUN device.",
            std::uint64_t{device->mtu()});
  out.counter("thicket_tun_read_packets_total", "IPv6 packets of the host.", counters.packets_read);
  out.counter("thicket_tun_read_bytes_total", "Bytes of the host.", counters.bytes_read);
  out.counter("thicket_tun_written_packets_total", "IPv6 packets for the host.",
              counters.packets_written);
  out.counter("thicket_tun_written_bytes_total", "Bytes for the host.", counters.bytes_written);
  out.counter("thicket_tun_write_drops_total",
              "Packets for the host that the TUN device did not take.",
              counters.writes_blocked + counters.writes_failed);
  if (wiring.gateway() != nullptr) write_gateway(out, wiring.gateway()->counters());
}

}  // namespace

std::string metrics_page(const Wiring& wiring, const transport::Discovery& discovery,
                         const Health& health, const AutoPeers* auto_peers) {
  const routing::Router& router = wiring.endpoint().router();
  MetricsText out;
  write_node(out, wiring, health);
  write_tree(out, router);
  write_peer_metrics(out, wiring.links().peers(), router.peers(), kMaxMetricPeers);
  write_link_totals(out, wiring.links().totals());
  out.gauge("thicket_discovery_interfaces",
            "Network interfaces on which nodes of the local network are looked for.",
            discovery.interfaces().size());
  if (auto_peers != nullptr && auto_peers->enabled()) write_auto_peers(out, *auto_peers);
  write_traffic(out, wiring);
  write_lookups(out, router);
  write_dht(out, wiring);
  write_tun(out, wiring);
  write_process(out);
  return std::move(out).take();
}

}  // namespace thicket::node
