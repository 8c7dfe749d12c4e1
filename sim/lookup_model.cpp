#include "sim/lookup_model.hpp"

#include <algorithm>
#include <vector>

#include "crypto/address.hpp"
#include "routing/bloom_filter.hpp"
#include "routing/dht/identifier.hpp"
#include "sim/spanning_tree.hpp"

namespace thicket::sim {

namespace {

using routing::BloomFilter;
using routing::dht::Identifier;

/// Candidates among whom a contact is the nearest, and nodes that hold copies of a record.
constexpr std::size_t kCandidates = 16;
constexpr std::size_t kCopies = 8;

/// The filters of wire.md §7, on both sides of every link of the tree.
class Multicast {
 public:
  Multicast(const SpanningTree& tree, std::span<const PublicKey> keys) : tree_(tree) {
    below_.resize(keys.size());
    above_.resize(keys.size());
    children_.resize(keys.size());
    for (const PublicKey& key : keys) bits_.push_back(BloomFilter::positions(LookupKey::of(key)));
    const auto& order = tree.order();
    for (auto node = order.rbegin(); node != order.rend(); ++node) {
      below_[*node].add(bits_[*node]);
      if (*node == tree.root()) continue;
      below_[tree.parent(*node)].merge(below_[*node]);
      children_[tree.parent(*node)].push_back(*node);
    }
    for (const std::uint32_t node : order) fill_above(node);
  }

  /// Frames over all links, the answer not included.
  std::uint64_t transmissions(std::uint32_t from, std::uint32_t to) const {
    std::uint64_t sent = 0;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> open{{from, from}};  // whose, from whom
    while (!open.empty()) {
      const auto [node, sender] = open.back();
      open.pop_back();
      const auto offer = [&, node = node, sender = sender](std::uint32_t peer,
                                                           const BloomFilter& filter) {
        if (peer == sender || !filter.may_contain(bits_[to])) return;
        ++sent;
        open.emplace_back(peer, node);
      };
      for (const std::uint32_t child : children_[node]) offer(child, below_[child]);
      if (node != tree_.root()) offer(tree_.parent(node), above_[node]);
    }
    return sent;
  }

 private:
  /// What the children of a node hear from it: everything but what is below each.
  void fill_above(std::uint32_t node) {
    BloomFilter sum;
    sum.add(bits_[node]);
    if (node != tree_.root()) sum.merge(above_[node]);
    const auto& children = children_[node];
    for (const std::uint32_t child : children) {
      above_[child] = sum;
      sum.merge(below_[child]);
    }
    BloomFilter later;
    for (auto child = children.rbegin(); child != children.rend(); ++child) {
      above_[*child].merge(later);
      later.merge(below_[*child]);
    }
  }

  const SpanningTree& tree_;
  std::vector<BloomFilter::Positions> bits_;
  std::vector<BloomFilter> below_;  ///< what a node tells its parent
  std::vector<BloomFilter> above_;  ///< what its parent tells it
  std::vector<std::vector<std::uint32_t>> children_;
};

/// Recursive lookups where every routing table is as good as "the nearest of 16" can be.
class Recursion {
 public:
  Recursion(const SpanningTree& tree, std::span<const PublicKey> keys, Prng& random)
      : tree_(tree), random_(random) {
    for (const PublicKey& key : keys) ids_.push_back(Identifier::of(key));
    for (std::uint32_t node = 0; node < keys.size(); ++node) {
      if (tree.contains(node)) sorted_.push_back(node);
    }
    std::ranges::sort(sorted_, {}, [this](std::uint32_t node) { return ids_[node]; });
  }

  std::uint64_t transmissions(std::uint32_t from, std::uint32_t to, bool copies) {
    const auto holders = copies ? holders_of(to) : std::vector{to};
    std::uint64_t sent = 0;
    std::uint32_t at = from;
    while (std::ranges::find(holders, at) == holders.end()) {
      const std::uint32_t next = contact(at, to);
      sent += tree_.greedy_hops(at, next);
      at = next;
    }
    return sent + tree_.greedy_hops(at, from);
  }

 private:
  using Range = std::span<const std::uint32_t>;

  /// Those whose identifiers share so many digits with that of `to`.
  Range sharing(std::uint32_t to, std::size_t digits) const {
    const auto [first, last] = std::equal_range(sorted_.begin(), sorted_.end(), to,
                                                [this, digits](std::uint32_t a, std::uint32_t b) {
                                                  for (std::size_t i = 0; i < digits; ++i) {
                                                    if (ids_[a].digit(i) != ids_[b].digit(i))
                                                      return ids_[a].digit(i) < ids_[b].digit(i);
                                                  }
                                                  return false;
                                                });
    return {first, last};
  }

  /// The node itself, and those that hold copies: the closest to it.
  std::vector<std::uint32_t> holders_of(std::uint32_t to) const {
    std::size_t digits = 0;
    while (sharing(to, digits + 1).size() > kCopies) ++digits;
    const Range near = sharing(to, digits);
    std::vector<std::uint32_t> holders(near.begin(), near.end());
    std::ranges::sort(holders, {}, [this, to](std::uint32_t node) {
      return routing::dht::distance(ids_[node], ids_[to]);
    });
    holders.resize(std::min(holders.size(), kCopies + 1));
    return holders;
  }

  /// The nearest of some that share one digit more with `to` than `at` does.
  std::uint32_t contact(std::uint32_t at, std::uint32_t to) {
    const Range bucket = sharing(to, routing::dht::shared_digits(ids_[at], ids_[to]) + 1);
    std::uint32_t best = to;
    std::uint32_t least = ~std::uint32_t{0};
    for (std::size_t i = 0; i < std::min(bucket.size(), kCandidates); ++i) {
      const std::size_t chosen =
          bucket.size() <= kCandidates ? i : static_cast<std::size_t>(random_.below(bucket.size()));
      const std::uint32_t steps = tree_.distance(at, bucket[chosen]);
      if (steps >= least) continue;
      least = steps;
      best = bucket[chosen];
    }
    return best;
  }

  const SpanningTree& tree_;
  Prng& random_;
  std::vector<Identifier> ids_;
  std::vector<std::uint32_t> sorted_;  ///< by identifier
};

}  // namespace

LookupModel model_lookups(const Graph& graph, std::span<const PublicKey> keys, std::size_t pairs,
                          Prng random) {
  LookupModel model;
  const SpanningTree tree(graph, keys);
  const auto& nodes = tree.order();
  if (nodes.size() < 2) return model;
  const Multicast multicast(tree, keys);
  Recursion recursion(tree, keys, random);
  for (; model.pairs < pairs; ++model.pairs) {
    const std::size_t a = random.below(nodes.size());
    const std::size_t b = (a + 1 + random.below(nodes.size() - 1)) % nodes.size();
    const std::uint32_t from = nodes[a];
    const std::uint32_t to = nodes[b];
    const double back = tree.greedy_hops(to, from);
    model.bloom += static_cast<double>(multicast.transmissions(from, to)) + back;
    model.recursive += static_cast<double>(recursion.transmissions(from, to, false));
    model.with_copies += static_cast<double>(recursion.transmissions(from, to, true));
    model.there_and_back += tree.greedy_hops(from, to) + back;
  }
  for (double* mean : {&model.bloom, &model.recursive, &model.with_copies, &model.there_and_back}) {
    *mean /= static_cast<double>(std::max<std::size_t>(pairs, 1));
  }
  return model;
}

}  // namespace thicket::sim
