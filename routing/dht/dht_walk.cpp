#include <algorithm>
#include <utility>

#include "routing/dht/dht.hpp"

// The part of Dht that walks to a record step by step, so that a lookup can be explained.
namespace thicket::routing::dht {

/// Those a find for `target` would go to next, the best first.
std::vector<PathRecord> Dht::next_hops(Time now, const Identifier& target,
                                       std::vector<Identifier> excluded) const {
  std::vector<PathRecord> records;
  while (records.size() < limits::kWalkContacts) {
    const Contact* next = table_.next_hop(target, id_, excluded);
    if (next == nullptr) break;
    excluded.push_back(next->id);
    if (!check_age(next->record, now.unix_seconds)) records.push_back(next->record);
  }
  return records;
}

bool Dht::walk(Time now, WalkId id, const PublicKey& asked) {
  if (walks_.size() >= limits::kWalks || walks_.contains(id)) return false;
  Walk& walk = walks_.emplace(id, Walk(asked, now.steady)).first->second;
  const PathRecord own = own_record(now);
  const PathRecord* held = walk.target() == id_ ? &own : held_record(now, walk.target(), 0);
  walk.begin(own_, own.coords, held ? std::optional(*held) : std::nullopt,
             next_hops(now, walk.target(), {id_}), !joined());
  advance_walk(now, id);
  return true;
}

/// Asks the next node, or says what came of it.
void Dht::advance_walk(Time now, WalkId id) {
  Walk& walk = walks_.at(id);
  for (;;) {
    const auto whom = walk.next(now.steady);
    if (!whom) {
      actions_.emplace_back(WalkEnded{id, std::make_shared<WalkTrace>(walk.take())});
      walks_.erase(id);
      return;
    }
    const auto way = surroundings_.way_to(whom->path());
    const TransactionId txid = new_txid();
    walk.asked(now.steady, *whom, way ? way->distance : 0, txid, timer_.timeout());
    if (!way) {
      walk.failed(now.steady, StepAnswer::broken);
      continue;
    }
    const Datagram datagram{txid, own_record(now), Find{walk.target(), 0, std::nullopt}};
    const std::size_t each = room_for_any_record(now) + limits::kAnswerRoom;
    transmit(now, whom->key, whom->path(),
             encode_datagram(datagram, kReplyOverhead + (1 + limits::kWalkContacts) * each));
    return;
  }
}

bool Dht::walk_answered(const Arrival& in, const Found& found) {
  const auto place = std::find_if(walks_.begin(), walks_.end(), [&in](const auto& entry) {
    return entry.second.waiting() && entry.second.txid() == in.datagram.txid;
  });
  if (place == walks_.end()) return false;
  Walk& walk = place->second;
  std::vector<PathRecord> nearer;
  const PathRecord* record = nullptr;
  for (const PathRecord& candidate : found.records) {
    if (nearer.size() == limits::kWalkContacts) break;
    // Nobody is asked whose place was not signed: so we send nothing to where a liar points.
    if (!verify(in.now, in.peer, candidate)) continue;
    if (candidate.id() == walk.target()) {
      record = &candidate;
      break;
    }
    nearer.push_back(candidate);
  }
  if (record != nullptr) {
    walk.found(in.now.steady, *record);
  } else {
    walk.named(in.now.steady, nearer);
  }
  advance_walk(in.now, place->first);
  return true;
}

void Dht::fail_walks(Time now, StepAnswer why, const PublicKey* whom) {
  std::vector<WalkId> failed;
  for (auto& [id, walk] : walks_) {
    const bool over =
        whom != nullptr ? walk.waiting() && walk.whom() == *whom : walk.deadline() <= now.steady;
    if (!over) continue;
    if (walk.waiting()) walk.failed(now.steady, why);
    failed.push_back(id);
  }
  for (const WalkId id : failed) advance_walk(now, id);
}

}  // namespace thicket::routing::dht
