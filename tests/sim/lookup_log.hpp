#pragma once

#include <map>
#include <set>
#include <utility>

#include "sim/simulation.hpp"

namespace thicket::sim::test {

/// Asks for nodes, and notes what comes of it. A lookup has succeeded when the path that was found
/// leads to where the node is at that time.
class LookupLog final : public Observer {
 public:
  explicit LookupLog(Simulation& simulation) : simulation_(simulation) {
    simulation_.add_observer(*this);
  }
  LookupLog(const LookupLog&) = delete;
  LookupLog& operator=(const LookupLog&) = delete;
  ~LookupLog() override { simulation_.remove_observer(*this); }

  void ask(NodeIndex from, NodeIndex to) {
    asked_.insert_or_assign({from, to}, false);
    simulation_.lookup(from, simulation_.key(to));
  }
  bool answered(NodeIndex from, NodeIndex to) const { return asked_.at({from, to}); }
  bool all_answered() const {
    for (const auto& [pair, found] : asked_) {
      if (!found) return false;
    }
    return true;
  }
  std::size_t asked() const { return asked_.size(); }
  std::size_t answered() const {
    std::size_t count = 0;
    for (const auto& [pair, found] : asked_) count += found ? 1U : 0U;
    return count;
  }

  void path_found(Time, NodeIndex node, const PublicKey& key) override {
    const auto to = simulation_.find(key);
    if (!to) return;
    const auto asked = asked_.find({node, *to});
    if (asked == asked_.end()) return;
    for (const routing::PathInfo& path : simulation_.router(node).paths()) {
      if (path.key == key && simulation_.running(*to) && !path.broken) {
        asked->second = path.path == simulation_.router(*to).coordinates();
      }
    }
  }

 private:
  Simulation& simulation_;
  std::map<std::pair<NodeIndex, NodeIndex>, bool> asked_;
};

}  // namespace thicket::sim::test
