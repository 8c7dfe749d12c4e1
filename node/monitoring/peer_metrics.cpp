#include "node/monitoring/peer_metrics.hpp"

#include <algorithm>
#include <compare>
#include <map>
#include <string>

#include "crypto/address.hpp"

namespace thicket::node {
namespace {

using Type = MetricsText::Type;

std::string_view direction_of(bool inbound) {
  return inbound ? "inbound" : "outbound";
}

/// "tcp://192.0.2.1:4711" without its port, which is another one for every link.
std::string without_port(const std::string& uri) {
  const std::size_t colon = uri.rfind(':');
  const bool is_port = colon != std::string::npos && colon + 1 < uri.size() &&
                       uri.find_first_not_of("0123456789", colon + 1) == std::string::npos;
  return is_port ? uri.substr(0, colon) : uri;
}

/// What tells the links of the metrics apart.
struct LinkName {
  bool inbound = false;
  std::string remote;
  PublicKey key;
  auto operator<=>(const LinkName&) const = default;
};

struct LinkFigures {
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  double uptime_seconds = 0;
  const routing::PeerInfo* node = nullptr;
};

/// One gathering of all that peers and links have.
struct Gathered {
  std::map<std::string, bool> dialled;  // whether up
  std::map<LinkName, LinkFigures> links;
  std::size_t left_out = 0;
  std::map<std::pair<bool, bool>, std::uint64_t> counts;  // by inbound, up
};

Gathered gather(const std::vector<transport::PeerStatus>& links,
                const std::vector<routing::PeerInfo>& peers, std::size_t limit) {
  std::map<PublicKey, const routing::PeerInfo*> by_key;
  for (const routing::PeerInfo& peer : peers) by_key.emplace(peer.key, &peer);
  Gathered all;
  for (const transport::PeerStatus& link : links) {
    ++all.counts[{link.inbound, link.up}];
    bool left_out = false;
    if (!link.inbound) {
      const auto known = all.dialled.find(link.uri);
      if (known != all.dialled.end()) {
        known->second = known->second || link.up;
      } else if (all.dialled.size() < limit) {
        all.dialled.emplace(link.uri, link.up);
      } else {
        left_out = true;
      }
    }
    if (link.up) {
      LinkName name{link.inbound, link.inbound ? without_port(link.uri) : link.uri, link.key};
      if (!all.links.contains(name) && all.links.size() >= limit) {
        left_out = true;
      } else {
        LinkFigures& figures = all.links[std::move(name)];
        figures.bytes_received += link.bytes_received;
        figures.bytes_sent += link.bytes_sent;
        figures.uptime_seconds = std::max(figures.uptime_seconds, link.uptime_seconds);
        const auto node = by_key.find(link.key);
        if (node != by_key.end()) figures.node = node->second;
      }
    }
    all.left_out += left_out ? 1 : 0;
  }
  return all;
}

/// One metric of all links; `value` gives a number, or nothing to leave the link out.
template <class Value>
void write_links(MetricsText& out, const Gathered& all, std::string_view name, Type type,
                 std::string_view help, const Value& value) {
  out.begin(name, type, help);
  for (const auto& [link, figures] : all.links) {
    if (const auto number = value(figures)) {
      out.sample({{"remote", link.remote},
                  {"direction", direction_of(link.inbound)},
                  {"key", link.key.to_hex()}},
                 *number);
    }
  }
}

void write_each_link(MetricsText& out, const Gathered& all) {
  using Count = std::optional<std::uint64_t>;
  using Seconds = std::optional<double>;
  write_links(out, all, "thicket_peer_received_bytes_total", Type::counter,
              "Bytes received over the link to a peer that is up.",
              [](const LinkFigures& link) { return Count(link.bytes_received); });
  write_links(out, all, "thicket_peer_sent_bytes_total", Type::counter,
              "Bytes sent over the link to a peer that is up.",
              [](const LinkFigures& link) { return Count(link.bytes_sent); });
  write_links(out, all, "thicket_peer_uptime_seconds", Type::gauge,
              "How long the link to a peer has been up.",
              [](const LinkFigures& link) { return Seconds(link.uptime_seconds); });
  write_links(out, all, "thicket_peer_round_trip_seconds", Type::gauge,
              "The last measured round trip to a peer; absent until there is one.",
              [](const LinkFigures& link) {
                const bool measured = link.node != nullptr && link.node->round_trip > Duration{};
                return measured
                           ? Seconds(std::chrono::duration<double>(link.node->round_trip).count())
                           : Seconds();
              });
  write_links(out, all, "thicket_peer_cost", Type::gauge,
              "What a link counts when a parent is chosen: smoothed round trip in milliseconds.",
              [](const LinkFigures& link) {
                return link.node == nullptr ? Count() : Count(link.node->cost);
              });
}

}  // namespace

void write_peer_metrics(MetricsText& out, const std::vector<transport::PeerStatus>& links,
                        const std::vector<routing::PeerInfo>& peers, std::size_t limit) {
  Gathered all = gather(links, peers, limit);
  out.begin("thicket_peers", Type::gauge, "Peers, by who dialled and whether the link is up.");
  for (const auto& [inbound, up] : {std::pair(false, true), {false, false}, {true, true}}) {
    out.sample({{"direction", direction_of(inbound)}, {"state", up ? "up" : "down"}},
               all.counts[{inbound, up}]);
  }
  out.gauge("thicket_peers_left_out",
            "Peers that have no metrics of their own, since there are too many.",
            std::uint64_t{all.left_out});
  out.begin("thicket_peer_up", Type::gauge, "Whether the link to a peer that we dial is up.");
  for (const auto& [remote, up] : all.dialled) {
    out.sample({{"remote", remote}}, std::uint64_t{up});
  }
  write_each_link(out, all);
}

void write_link_totals(MetricsText& out, const transport::LinkTotals& totals) {
  out.counter("thicket_links_established_total", "Links to peers that came up.",
              totals.established);
  out.counter("thicket_links_ended_total", "Links to peers that were up and ended.", totals.ended);
  out.counter("thicket_links_received_bytes_total",
              "Bytes received over all links, those that ended included.", totals.bytes_received);
  out.counter("thicket_links_sent_bytes_total",
              "Bytes sent over all links, those that ended included.", totals.bytes_sent);
}

}  // namespace thicket::node
