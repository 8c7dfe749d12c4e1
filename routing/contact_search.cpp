#include "routing/contact_search.hpp"

#include <algorithm>

#include "routing/dht/limits.hpp"

namespace thicket::routing {

std::optional<ContactSearch::Candidate> ContactSearch::next(Instant now) {
  std::erase_if(
      asked_, [now](const auto& entry) { return entry.second + dht::limits::kSearchAgain <= now; });
  if (asked_.size() >= dht::limits::kSearched) return std::nullopt;
  auto candidate = next_above(tree_.own_position());
  for (const auto& [key, peer] : peers_.peers()) {
    if (candidate) break;
    if (peer.position.root == tree_.own_position().root) candidate = next_above(peer.position);
  }
  if (candidate) asked_.emplace(candidate->key, now);
  return candidate;
}

std::optional<ContactSearch::Candidate> ContactSearch::next_above(const TreePosition& position) {
  const Path& path = position.coordinates;
  if (position.ancestry.size() != path.size() + 1) return std::nullopt;
  for (std::size_t depth = 0; depth <= path.size(); ++depth) {
    const PublicKey& key = position.ancestry[path.size() - depth];
    if (is_due(key))
      return Candidate{key, Path(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(depth))};
  }
  return std::nullopt;
}

/// What peers offer is known (E1).
bool ContactSearch::is_due(const PublicKey& key) const {
  return key != own_ && peers_.find(key) == nullptr && !asked_.contains(key);
}

}  // namespace thicket::routing
