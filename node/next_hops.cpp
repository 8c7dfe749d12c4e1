#include "node/next_hops.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace thicket::node {
namespace {

constexpr std::uint64_t kNoWatermark = std::numeric_limits<std::uint64_t>::max();

std::vector<PublicKey> split_keys(ByteView bytes) {
  std::vector<PublicKey> keys;
  for (; bytes.size() >= PublicKey::kSize; bytes = bytes.subspan(PublicKey::kSize)) {
    PublicKey& key = keys.emplace_back();
    std::copy_n(bytes.begin(), PublicKey::kSize, key.bytes.begin());
  }
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace

bool NextHops::start(Time now, const PublicKey& target, const std::optional<PublicKey>& at,
                     Handler on_end) {
  if (searches_.size() >= kMost || !rate_.take(now.steady)) return false;
  const std::uint64_t id = ++last_id_;
  Search& search = searches_[id];
  search.wanted = LookupKey::of(target);
  search.asked_at = at;
  search.on_end = std::move(on_end);
  search.ends_at = now.steady + kFindTime;
  for (const routing::PathInfo& path : router_.paths()) {
    if (path.broken || LookupKey::of(path.key) != search.wanted) continue;
    found(now, id, path.key, path.path);
    return true;
  }
  lookups_.push(target);
  return true;
}

void NextHops::resolved(Time now, const PublicKey& key) {
  if (searches_.empty()) return;
  const LookupKey wanted = LookupKey::of(key);
  std::vector<std::uint64_t> finding;
  std::vector<std::uint64_t> located;
  for (auto& [id, search] : searches_) {
    if (search.stage == Stage::finding && search.wanted == wanted) finding.push_back(id);
    if (search.stage == Stage::locating && std::erase(search.missing, key) != 0 &&
        search.missing.empty()) {
      located.push_back(id);
    }
  }
  if (!finding.empty()) {
    const Places places = known_places();
    const auto place = places.find(key);
    for (const std::uint64_t id : finding) {
      if (place != places.end()) found(now, id, key, place->second);
    }
  }
  for (const std::uint64_t id : located) {
    const auto entry = searches_.find(id);
    if (entry != searches_.end()) locate(entry);
  }
}

/// Of ourselves, our peers and those that there are paths to.
NextHops::Places NextHops::known_places() const {
  Places places;
  for (routing::PathInfo& info : router_.paths()) places[info.key] = std::move(info.path);
  for (routing::PeerInfo& peer : router_.peers()) places[peer.key] = std::move(peer.coordinates);
  places[router_.public_key()] = router_.coordinates();
  return places;
}

void NextHops::found(Time now, std::uint64_t id, const PublicKey& key, const routing::Path& path) {
  const auto entry = searches_.find(id);
  NextHop& hop = entry->second.hop;
  hop.target = key;
  hop.target_path = path;
  hop.at = entry->second.asked_at.value_or(router_.public_key());
  const Places places = known_places();
  if (const auto at = places.find(hop.at); at != places.end()) hop.at_path = at->second;
  if (hop.at == key) return end(entry, NextHop::End::arrived);
  if (hop.at != router_.public_key()) return ask(now, id);
  hop.next = router_.next_hop(path, kNoWatermark);
  hop.peers = router_.peers().size();
  if (!hop.next) return end(entry, NextHop::End::nobody);
  hop.certain = true;
  if (const auto next = places.find(*hop.next); next != places.end()) hop.next_path = next->second;
  end(entry, NextHop::End::next);
}

void NextHops::ask(Time now, std::uint64_t id) {
  Search& search = searches_.at(id);
  search.stage = Stage::asking;
  search.ends_at = now.steady + kAskTime;
  queries_.ask(now, search.hop.at, Question::peers, {.timeout = kAskTime, .repeat = true},
               [this, id](const auto& answer) {
                 const auto entry = searches_.find(id);
                 if (entry == searches_.end()) return;
                 if (!answer) return end(entry, NextHop::End::silent);
                 told(queries_.now(), entry, *answer);
               });
}

void NextHops::told(Time now, Entry entry, const std::vector<std::uint8_t>& keys) {
  Search& search = entry->second;
  search.peers = split_keys(keys);
  search.hop.peers = search.peers.size();
  if (std::ranges::binary_search(search.peers, search.hop.target)) {
    // Nothing is left to go from there: whatever the link costs, nothing is better.
    search.hop.next = search.hop.target;
    search.hop.next_path = search.hop.target_path;
    search.hop.located = search.hop.nearer = 1;
    search.hop.certain = true;
    return end(entry, NextHop::End::next);
  }
  search.stage = Stage::locating;
  search.ends_at = now.steady + kLocateTime;
  const Places places = known_places();
  if (!places.contains(search.hop.at)) search.missing.push_back(search.hop.at);
  for (const PublicKey& key : search.peers) {
    if (search.missing.size() >= kMostLookups) break;
    if (!places.contains(key)) search.missing.push_back(key);
  }
  for (const PublicKey& key : search.missing) lookups_.push(key);
  if (search.missing.empty()) locate(entry);
}

/// With the coordinates that are known by now.
void NextHops::locate(Entry entry) {
  NextHop& hop = entry->second.hop;
  const Places places = known_places();
  if (const auto at = places.find(hop.at); at != places.end()) hop.at_path = at->second;
  const std::uint64_t here =
      hop.at_path ? routing::tree_distance(hop.target_path, *hop.at_path) : kNoWatermark;
  std::uint64_t least = here;
  for (const PublicKey& key : entry->second.peers) {
    const auto place = places.find(key);
    if (place == places.end()) continue;
    ++hop.located;
    const std::uint64_t distance = routing::tree_distance(hop.target_path, place->second);
    if (distance >= here) continue;
    ++hop.nearer;
    if (distance >= least) continue;
    least = distance;
    hop.next = key;
    hop.next_path = place->second;
  }
  hop.certain = hop.at_path && hop.nearer == 1 && hop.located == hop.peers;
  end(entry, hop.next ? NextHop::End::next : NextHop::End::nobody);
}

void NextHops::end(Entry entry, NextHop::End how) {
  auto node = searches_.extract(entry);
  node.mapped().hop.end = how;
  node.mapped().on_end(node.mapped().hop);
}

void NextHops::tick(Time now) {
  for (auto it = searches_.begin(); it != searches_.end();) {
    const auto entry = it++;
    if (entry->second.ends_at > now.steady) continue;
    switch (entry->second.stage) {
      case Stage::finding:
        end(entry, NextHop::End::not_found);
        break;
      case Stage::asking:
        end(entry, NextHop::End::silent);
        break;
      case Stage::locating:
        locate(entry);
        break;
    }
  }
}

std::optional<Instant> NextHops::next_deadline() const {
  std::optional<Instant> earliest;
  for (const auto& [id, search] : searches_) {
    if (!earliest || search.ends_at < *earliest) earliest = search.ends_at;
  }
  return earliest;
}

}  // namespace thicket::node
