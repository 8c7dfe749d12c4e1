#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/prng.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

/// How right the network is at a moment.
struct NetworkState {
  std::uint64_t running = 0;
  std::uint64_t roots = 0;        ///< different roots that running nodes believe in
  std::uint64_t right_nodes = 0;  ///< running nodes with the root and coordinates they should have
  std::uint64_t pairs = 0;        ///< connected pairs that were tried
  std::uint64_t joined = 0;       ///< of those, joined by greedy steps
  /// All nodes and all pairs that were tried are right. True of an empty network.
  bool right() const { return right_nodes == running && joined == pairs; }
};

/// Decides whether the network is right: in each connected part (running nodes, links that could
/// carry frames both ways) one root, the lowest key; every node's coordinates are its parent's and
/// the port its parent gave it; and greedy steps join pairs of nodes (all pairs of up to 64 nodes,
/// else a sample). Keeps a digest of every node's place, so that a check costs little.
class Convergence final : public Observer {
 public:
  /// Observes `simulation`, which must outlive it. `sampled_pairs`: per check, in large networks.
  explicit Convergence(Simulation& simulation, std::size_t sampled_pairs = 200);
  ~Convergence() override;
  Convergence(const Convergence&) = delete;
  Convergence& operator=(const Convergence&) = delete;

  /// Looks at the network as it is now; costs next to nothing if nothing changed since the last
  /// call. To be called now and then: it also sets right_since().
  const NetworkState& check();
  /// Since when the network has been right, as of the last check(): the exact moment of the last
  /// change before it. A change after which it was right at once counts as having become right.
  std::optional<Instant> right_since() const { return right_since_; }
  /// Of any node's place, of what it knows of its peers' places, or of a link.
  Instant last_change() const { return last_change_; }
  std::uint64_t changes() const { return changes_; }
  /// Changes of nodes' own root, parent or coordinates.
  std::uint64_t position_changes() const { return position_changes_; }

  /// Of a running node; kNoNode: not known in the simulation.
  NodeIndex root_of(NodeIndex node) const { return places_[node].root; }
  /// Of a running node; itself if it is a root.
  NodeIndex parent_of(NodeIndex node) const { return places_[node].parent; }

  void node_started(Time now, NodeIndex node) override;
  void node_stopped(Time now, NodeIndex node) override;
  void position_changed(Time now, NodeIndex node) override;
  void link_changed(Time now, LinkIndex link) override;

 private:
  /// What a node knows of a peer.
  struct KnownPeer {
    NodeIndex node = kNoNode;
    bool on_tree = false;
    std::uint64_t port = 0;
    std::uint64_t path_hash = 0;
    bool operator==(const KnownPeer&) const = default;
  };
  /// Where a node believes that it is.
  struct Place {
    NodeIndex root = kNoNode;
    NodeIndex parent = kNoNode;
    std::uint64_t path_hash = 0;
    std::vector<KnownPeer> peers{};
  };

  Place place_of(NodeIndex node) const;
  void note_change(Time now);
  std::vector<NodeIndex> components() const;
  std::vector<NodeIndex> lowest_keys(const std::vector<NodeIndex>& components) const;
  bool joined(NodeIndex a, NodeIndex b) const;
  void count_right_nodes(const std::vector<NodeIndex>& components);
  void try_pairs(const std::vector<NodeIndex>& components);
  bool greedy_steps_join(NodeIndex from, NodeIndex to) const;

  Simulation& simulation_;
  std::size_t sampled_pairs_;
  Prng random_;
  std::vector<Place> places_;
  NetworkState state_;
  Instant last_change_{};
  std::uint64_t changes_ = 0;
  std::uint64_t changes_checked_ = 0;
  std::uint64_t position_changes_ = 0;
  std::optional<Instant> right_since_;
};

}  // namespace thicket::sim
