#include "sim/lookup_watch.hpp"

#include <algorithm>
#include <variant>

#include "routing/frame.hpp"

namespace thicket::sim {

using namespace routing;

namespace {

/// The datagram of the DHT in a body that is one.
std::optional<dht::Datagram> datagram_in(ByteView body) {
  const auto traffic = decode_traffic(body);
  if (!traffic) return std::nullopt;
  auto datagram = dht::decode_datagram(body.subspan(traffic->payload_offset));
  if (!datagram) return std::nullopt;
  return std::move(*datagram);
}

/// A record that is published for another node, not a copy for a neighbour.
const dht::PathRecord* published_in(const dht::Datagram& datagram) {
  const auto* store = std::get_if<dht::Store>(&datagram.body);
  if (store == nullptr || !store->record || store->hops_left == 0) return nullptr;
  return &*store->record;
}

}  // namespace

LookupWatch::LookupWatch(const Simulation& simulation)
    : simulation_(simulation), through_(simulation.nodes()) {}

void LookupWatch::begin(NodeIndex from, NodeIndex to) {
  const PublicKey& target = simulation_.key(to);
  index_[{simulation_.key(from), dht::Identifier::of(target)}] = lookups_.size();
  targets_[target] = lookups_.size();
  lookups_.push_back({.from = from, .to = to, .asked_at = simulation_.now().steady});
}

WatchedLookup* LookupWatch::find(const Key& key) {
  const auto place = index_.find(key);
  if (place == index_.end()) return nullptr;
  WatchedLookup& lookup = lookups_[place->second];
  return simulation_.now().steady <= lookup.asked_at + kLookupPatience ? &lookup : nullptr;
}

void LookupWatch::count(const FrameEvent& event, std::uint64_t& counter) {
  ++counter;
  ++through_[event.from];
  ++through_[event.to];
}

void LookupWatch::node_stopped(Time now, NodeIndex node) {
  for (WatchedLookup& lookup : lookups_) {
    if (lookup.from != node && lookup.to != node) continue;
    if (!lookup.cut_short_at) lookup.cut_short_at = now.steady;
  }
}

void LookupWatch::frame_sent(const FrameEvent& event) {
  if (event.type == FrameType::bloom_filter) upkeep_.filter_bytes += event.wire_bytes;
  if (event.type == FrameType::traffic) return datagram_sent(event);
  if (lookups_.empty()) return;
  if (event.type != FrameType::path_lookup && event.type != FrameType::path_notify) return;
  const auto frame = decode_frame(event.body);
  if (!frame) return;
  if (const auto* asked = std::get_if<PathLookup>(&*frame)) {
    WatchedLookup* lookup = find({asked->source, dht::Identifier::of(asked->dest)});
    if (lookup == nullptr) return;
    if (event.from == lookup->from) lookup->asked_filters = true;
    count(event, lookup->by_filters);
  } else if (const auto* notify = std::get_if<PathNotify>(&*frame)) {
    WatchedLookup* lookup = find({notify->dest, dht::Identifier::of(notify->source)});
    if (lookup != nullptr) count(event, lookup->notifies);
  }
}

void LookupWatch::datagram_sent(const FrameEvent& event) {
  const auto datagram = datagram_in(event.body);
  if (!datagram) return;
  upkeep_.dht_bytes += event.wire_bytes;
  upkeep_.dht_bytes_by_kind[datagram->body.index()] += event.wire_bytes;
  if (lookups_.empty()) return;
  if (const auto* find = std::get_if<dht::Find>(&datagram->body)) {
    find_sent(event, *datagram, *find);
  } else if (std::holds_alternative<dht::Found>(datagram->body)) {
    const auto place = transactions_.find(datagram->txid);
    if (place != transactions_.end()) count(event, lookups_[place->second].founds);
  } else if (const dht::PathRecord* record = published_in(*datagram)) {
    if (targets_.contains(record->key)) ++publishing_;
  }
}

void LookupWatch::find_sent(const FrameEvent& event, const dht::Datagram& datagram,
                            const dht::Find& find) {
  auto place = transactions_.find(datagram.txid);
  if (place == transactions_.end()) {
    const auto& origin = find.origin ? find.origin : datagram.sender;
    if (!origin) return;
    WatchedLookup* lookup = this->find({origin->key, find.target});
    if (lookup == nullptr) return;
    const auto number = static_cast<std::size_t>(lookup - lookups_.data());
    place = transactions_.emplace(datagram.txid, number).first;
    ++lookup->ways;
  }
  count(event, lookups_[place->second].finds);
}

void LookupWatch::frame_received(const FrameEvent& event) {
  if (event.type != FrameType::traffic || transactions_.empty()) return;
  const auto datagram = datagram_in(event.body);
  if (!datagram) return;
  const auto* found = std::get_if<dht::Found>(&datagram->body);
  const auto place = transactions_.find(datagram->txid);
  if (found == nullptr || place == transactions_.end()) return;
  WatchedLookup& lookup = lookups_[place->second];
  if (event.to != lookup.from) return;
  lookup.misses += found->records.empty() ? 1 : 0;
  lookup.hit = lookup.hit || !found->records.empty();
}

void LookupWatch::path_found(Time now, NodeIndex node, const PublicKey& key) {
  WatchedLookup* lookup = find({simulation_.key(node), dht::Identifier::of(key)});
  if (lookup == nullptr || lookup->found_at) return;
  lookup->found_at = now.steady;
  if (!simulation_.running(lookup->to)) return;
  const auto paths = simulation_.router(node).paths();
  const auto path = std::ranges::find(paths, key, &PathInfo::key);
  lookup->current =
      path != paths.end() && path->path == simulation_.router(lookup->to).coordinates();
}

}  // namespace thicket::sim
