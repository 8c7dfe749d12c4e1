#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "sim/topology_kinds.hpp"

namespace thicket::sim {

namespace {

std::uint64_t key_of(std::uint32_t a, std::uint32_t b) {
  return std::uint64_t{std::min(a, b)} << 32 | std::max(a, b);
}

Edge edge_of(std::uint64_t key) {
  return {static_cast<std::uint32_t>(key >> 32), static_cast<std::uint32_t>(key), std::nullopt};
}

// Any `count` pairs of different nodes, sorted; each such set is as likely as any other.
std::vector<std::uint64_t> draw_pairs(std::size_t nodes, std::size_t count, Prng& prng) {
  std::vector<std::uint64_t> keys;
  while (keys.size() < count) {
    for (std::size_t missing = count - keys.size(); missing > 0; --missing) {
      const auto a = static_cast<std::uint32_t>(prng.below(nodes));
      auto b = static_cast<std::uint32_t>(prng.below(nodes - 1));
      if (b >= a) ++b;
      keys.push_back(key_of(a, b));
    }
    std::ranges::sort(keys);
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  }
  return keys;
}

std::vector<Edge> all_but(std::size_t nodes, const std::vector<std::uint64_t>& keys) {
  std::vector<Edge> edges;
  auto next = keys.begin();
  for (std::uint32_t a = 0; a < nodes; ++a) {
    for (std::uint32_t b = a + 1; b < nodes; ++b) {
      if (next != keys.end() && *next == key_of(a, b)) {
        ++next;
      } else {
        edges.push_back({a, b, std::nullopt});
      }
    }
  }
  return edges;
}

// The links of a graph while it is being rewired.
class LinkSet {
 public:
  explicit LinkSet(std::size_t nodes) : degrees_(nodes) {}

  bool contains(std::uint32_t a, std::uint32_t b) const { return keys_.contains(key_of(a, b)); }
  std::size_t degree(std::uint32_t node) const { return degrees_[node]; }
  void add(std::uint32_t a, std::uint32_t b) {
    keys_.insert(key_of(a, b));
    ++degrees_[a];
    ++degrees_[b];
  }
  void remove(std::uint32_t a, std::uint32_t b) {
    keys_.erase(key_of(a, b));
    --degrees_[a];
    --degrees_[b];
  }

 private:
  std::unordered_set<std::uint64_t> keys_;  // never iterated: its order is no function of the seed
  std::vector<std::size_t> degrees_;
};

}  // namespace

GeneratedGraph make_erdos_renyi(const TopologyOptions& options, Prng& prng) {
  const std::uint64_t n = options.nodes;
  const std::uint64_t most = n * (n - 1) / 2;
  if (options.degree_permille > 1000 * (n - 1)) {
    return failure(fmt::format("erdos-renyi: {} nodes can have a mean degree of at most {}, got {}",
                               n, n - 1, static_cast<double>(options.degree_permille) / 1000));
  }
  const std::uint64_t count = std::min(most, (n * options.degree_permille + 1000) / 2000);
  if (const auto ok = check_edge_count("erdos-renyi", count); !ok) return failure(ok.error());
  Graph graph{options.nodes, {}, {}};
  if (count > most / 2) {  // it is easier to draw those that are not there
    graph.edges = all_but(options.nodes, draw_pairs(options.nodes, most - count, prng));
    return graph;
  }
  for (const std::uint64_t key : draw_pairs(options.nodes, count, prng)) {
    graph.edges.push_back(edge_of(key));
  }
  return graph;
}

GeneratedGraph make_barabasi_albert(const TopologyOptions& options, Prng& prng) {
  const std::size_t m = options.links;
  if (m == 0)
    return failure(std::string("barabasi-albert needs at least 1 link a newcomer, got 0"));
  if (options.nodes <= m) {
    return failure(
        fmt::format("barabasi-albert with {} links a newcomer needs at least {} nodes, "
                    "got {}",
                    m, m + 1, options.nodes));
  }
  const std::uint64_t count = std::uint64_t{m} * (m + 1) / 2 + (options.nodes - m - 1) * m;
  if (const auto ok = check_edge_count("barabasi-albert", count); !ok) return failure(ok.error());
  Graph graph{options.nodes, {}, {}};
  // Every node as often as it has links: one drawn from here is drawn by its degree.
  std::vector<std::uint32_t> ends;
  const auto link = [&](std::uint32_t a, std::uint32_t b) {
    graph.edges.push_back({a, b, std::nullopt});
    ends.push_back(a);
    ends.push_back(b);
  };
  for (std::uint32_t b = 1; b <= m; ++b) {
    for (std::uint32_t a = 0; a < b; ++a) link(a, b);
  }
  std::vector<std::uint32_t> targets;
  std::vector<bool> chosen(options.nodes);
  for (std::size_t newcomer = m + 1; newcomer < options.nodes; ++newcomer) {
    targets.clear();
    while (targets.size() < m) {
      const std::uint32_t target = ends[prng.below(ends.size())];
      if (chosen[target]) continue;
      chosen[target] = true;
      targets.push_back(target);
    }
    for (const std::uint32_t target : targets) {
      chosen[target] = false;
      link(target, static_cast<std::uint32_t>(newcomer));
    }
  }
  return graph;
}

GeneratedGraph make_watts_strogatz(const TopologyOptions& options, Prng& prng) {
  const std::size_t n = options.nodes;
  const std::size_t k = options.neighbours;
  if (k < 2 || k % 2 != 0) {
    return failure(
        fmt::format("watts-strogatz needs an even number of neighbours, at least 2, got {}", k));
  }
  if (n <= k) {
    return failure(fmt::format("watts-strogatz with {} neighbours needs at least {} nodes, got {}",
                               k, k + 1, n));
  }
  if (options.rewire_ppm > 1'000'000) {
    return failure(
        fmt::format("watts-strogatz cannot rewire more than all links (1000000 ppm), "
                    "got {} ppm",
                    options.rewire_ppm));
  }
  if (const auto ok = check_edge_count("watts-strogatz", n * (k / 2)); !ok) {
    return failure(ok.error());
  }
  Graph graph{n, {}, {}};
  LinkSet links(n);
  const auto after = [n](std::uint32_t node, std::size_t steps) {
    return static_cast<std::uint32_t>((node + steps) % n);
  };
  for (std::size_t steps = 1; steps <= k / 2; ++steps) {
    for (std::uint32_t node = 0; node < n; ++node) links.add(node, after(node, steps));
  }
  for (std::size_t steps = 1; steps <= k / 2; ++steps) {
    for (std::uint32_t node = 0; node < n; ++node) {
      std::uint32_t target = after(node, steps);
      if (prng.chance(options.rewire_ppm, 1'000'000) && links.degree(node) < n - 1) {
        links.remove(node, target);
        do target = static_cast<std::uint32_t>(prng.below(n));
        while (target == node || links.contains(node, target));
        links.add(node, target);
      }
      graph.edges.push_back({node, target, std::nullopt});
    }
  }
  return graph;
}

}  // namespace thicket::sim
