#include "routing/correspondents.hpp"

#include <algorithm>

namespace thicket::routing {

void Correspondents::heard(Instant now, const PublicKey& key, const PathView& from) {
  if (from.wire().size() > limits::kPathPorts) return;
  const auto [place, fresh] = entries_.try_emplace(key);
  Entry& entry = place->second;
  entry.last_heard = now;
  if (!std::ranges::equal(entry.from, from.wire())) {
    entry.from.assign(from.wire().begin(), from.wire().end());
  }
  if (!fresh || entries_.size() <= limits::kCorrespondents) return;
  expire(now);
  if (entries_.size() <= limits::kCorrespondents) return;
  entries_.erase(std::min_element(
      entries_.begin(), entries_.end(),
      [](const auto& a, const auto& b) { return a.second.last_heard < b.second.last_heard; }));
}

void Correspondents::moved(const PublicKey& key, const PathView& coordinates) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  found->second.from.assign(coordinates.wire().begin(), coordinates.wire().end());
}

std::optional<PathView> Correspondents::way_back(Instant now, const PublicKey& key) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  if (found->second.last_heard + limits::kCorrespondentLifetime <= now) return std::nullopt;
  return PathView(found->second.from);
}

void Correspondents::expire(Instant now) {
  std::erase_if(entries_, [now](const auto& entry) {
    return entry.second.last_heard + limits::kCorrespondentLifetime <= now;
  });
}

}  // namespace thicket::routing
