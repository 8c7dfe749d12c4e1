#pragma once

#include <array>
#include <map>
#include <utility>

#include "sim/simulation.hpp"

namespace thicket::sim::test {

/// Sends packets, and notes which arrive: what a lookup is for.
class DeliveryLog final : public Observer {
 public:
  explicit DeliveryLog(Simulation& simulation) : simulation_(simulation) {
    simulation_.add_observer(*this);
  }
  DeliveryLog(const DeliveryLog&) = delete;
  DeliveryLog& operator=(const DeliveryLog&) = delete;
  ~DeliveryLog() override { simulation_.remove_observer(*this); }

  /// One packet, to a node that `from` has not sent to before.
  void send(NodeIndex from, NodeIndex to) {
    if (!arrived_.emplace(std::pair(from, to), false).second) return;
    simulation_.send(from, simulation_.key(to), kPacket);
  }
  std::size_t sent() const { return arrived_.size(); }
  std::size_t arrived() const {
    std::size_t count = 0;
    for (const auto& [pair, there] : arrived_) count += there ? 1U : 0U;
    return count;
  }
  bool all_arrived() const { return arrived() == sent(); }

  void delivered(Time, NodeIndex node, const PublicKey& from, ByteView) override {
    const auto sender = simulation_.find(from);
    if (!sender) return;
    const auto entry = arrived_.find({*sender, node});
    if (entry != arrived_.end()) entry->second = true;
  }

 private:
  /// Of no kind that a node would answer (wire.md §9).
  static constexpr std::array<std::uint8_t, 2> kPacket{7, 0};

  Simulation& simulation_;
  std::map<std::pair<NodeIndex, NodeIndex>, bool> arrived_;
};

}  // namespace thicket::sim::test
