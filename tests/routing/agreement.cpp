#include "routing/agreement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace thicket::routing::test {

namespace {

std::vector<std::size_t> components(Network& network) {
  std::vector<std::size_t> component(network.size());
  std::iota(component.begin(), component.end(), 0);
  bool changed = true;
  while (changed) {
    changed = false;
    for (const auto& [a, b] : network.edges()) {
      const std::size_t lowest = std::min(component[a], component[b]);
      changed = changed || component[a] != component[b];
      component[a] = component[b] = lowest;
    }
  }
  return component;
}

std::string disagreement_of(Network& network, std::size_t node, const PublicKey& root) {
  Router& router = network.router(node);
  if (router.root() != root) return fmt::format("node {} has another root", node);
  if (router.public_key() == root) {
    return router.coordinates().empty() ? "" : fmt::format("root {} has coordinates", node);
  }
  const std::size_t parent = network.index_of(router.parent());
  if (!network.running(parent)) return fmt::format("parent of {} is not running", node);
  Path expected = network.router(parent).coordinates();
  for (const PeerInfo& peer : network.router(parent).peers()) {
    if (peer.key == router.public_key()) expected.push_back(peer.port);
  }
  if (router.coordinates() == expected) return "";
  return fmt::format("node {} has coordinates {}, expected {}", node,
                     to_string(router.coordinates()), to_string(expected));
}

}  // namespace

std::string disagreement(Network& network) {
  const std::vector<std::size_t> component = components(network);
  std::map<std::size_t, PublicKey> roots;
  for (std::size_t node = 0; node < network.size(); ++node) {
    if (!network.running(node)) continue;
    const PublicKey& key = network.router(node).public_key();
    const auto [place, fresh] = roots.try_emplace(component[node], key);
    if (!fresh) place->second = std::min(place->second, key);
  }
  for (std::size_t node = 0; node < network.size(); ++node) {
    if (!network.running(node)) continue;
    std::string wrong = disagreement_of(network, node, roots.at(component[node]));
    if (!wrong.empty()) return wrong;
  }
  return "";
}

std::vector<std::size_t> link_randomly(Network& network, std::size_t extra) {
  std::vector<std::size_t> handles;
  const auto latency = [&] {
    return Duration(std::chrono::microseconds(1000 + network.random().below(49'000)));
  };
  for (std::size_t node = 1; node < network.size(); ++node) {
    handles.push_back(network.link(node, network.random().below(node), latency()));
  }
  for (std::size_t i = 0; i < extra && network.size() > 1; ++i) {
    const std::size_t a = network.random().below(network.size());
    const std::size_t b = network.random().below(network.size());
    if (a != b) handles.push_back(network.link(a, b, latency()));
  }
  return handles;
}

std::size_t lost_pings(Network& network, Duration limit) {
  const std::vector<std::size_t> component = components(network);
  network.deliveries.clear();
  std::set<std::pair<std::size_t, std::size_t>> missing;
  for (std::size_t from = 0; from < network.size(); ++from) {
    for (std::size_t to = 0; to < network.size(); ++to) {
      if (from == to || component[from] != component[to]) continue;
      if (!network.running(from) || !network.running(to)) continue;
      missing.insert({from, to});
      network.send(from, to, {static_cast<std::uint8_t>(from), static_cast<std::uint8_t>(to)});
    }
  }
  std::size_t seen = 0;
  network.run_until(
      [&] {
        for (; seen < network.deliveries.size(); ++seen) {
          const Network::Delivery& delivery = network.deliveries[seen];
          missing.erase({delivery.payload[0], delivery.at});
        }
        return missing.empty();
      },
      limit);
  return missing.size();
}

}  // namespace thicket::routing::test
