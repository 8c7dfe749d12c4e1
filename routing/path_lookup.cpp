#include "routing/path_finder.hpp"

#include <algorithm>

// The part of PathFinder that chooses between the filters and the directory (extension E2).
namespace thicket::routing {

/// Of the path that proved broken; 0: there is none.
std::uint64_t PathFinder::broken_seq(const Lookup& lookup) const {
  const auto known = paths_.find(lookup.dest);
  return known != paths_.end() && known->second.broken ? known->second.seq : 0;
}

void PathFinder::ask_directory(Time now, const Lookup& lookup, std::size_t ways) {
  directory_->lookup(now, lookup.dest, broken_seq(lookup), ways);
}

/// Asks one way or both. False if there was nobody to ask.
bool PathFinder::ask(Time now, Lookup& lookup) {
  lookup.second_at.reset();
  const bool usable = directory_ != nullptr && directory_->joined();
  switch (lookup_policy_) {
    case LookupPolicy::bloom:
      return transmit_lookup(lookup);
    case LookupPolicy::dht:
      if (usable) ask_directory(now, lookup);
      return usable;
    case LookupPolicy::both:
      if (usable) ask_directory(now, lookup);
      return transmit_lookup(lookup) || usable;
    case LookupPolicy::automatic:
      break;
  }
  if (!usable) return transmit_lookup(lookup);
  // Filters lead to where the node is; the directory may still say what just proved wrong.
  const std::size_t ways = broken_seq(lookup) == 0 ? directory_->ways_before_filters() : 0;
  const bool directory_first = ways > 0;
  if (directory_first) {
    ask_directory(now, lookup, ways);
  } else if (!transmit_lookup(lookup)) {
    // No filter claims it: there is nothing to wait for.
    ask_directory(now, lookup);
  }
  // Across a wide network an answer takes longer than that, and is not to be paid for twice.
  const Duration delay =
      directory_first ? std::max(Duration(limits::kSecondWayDelay), directory_->answer_timeout())
                      : limits::kSecondWayDelay;
  lookup.second_at = now.steady + delay;
  lookup.second_is_directory = !directory_first;
  return true;
}

/// The way that was not asked first.
void PathFinder::ask_second(Time now, Lookup& lookup) {
  lookup.second_at.reset();
  if (directory_ == nullptr) return;
  if (lookup.second_is_directory) {
    ask_directory(now, lookup);
  } else if (transmit_lookup(lookup)) {
    directory_->fell_back();
  } else {
    ask_directory(now, lookup);
  }
}

void PathFinder::found(Time now, const PublicKey& key, std::uint64_t seq, const PathView& coords) {
  if (key == identity_.public_key()) return;
  const auto known = paths_.find(key);
  if (known == paths_.end() ? !lookups_.contains(LookupKey::of(key)) : seq <= known->second.seq) {
    return;
  }
  take_path(now, key, seq, coords);
}

void PathFinder::not_found(Time now, const PublicKey& key_or_partial_key) {
  const auto lookup = lookups_.find(LookupKey::of(key_or_partial_key));
  if (lookup == lookups_.end()) return;
  if (lookup->second.second_at && !lookup->second.second_is_directory) {
    ask_second(now, lookup->second);
  }
}

std::optional<std::vector<std::uint8_t>> PathFinder::any_path(Time now, const PublicKey& key) {
  const auto known = paths_.find(key);
  if (known != paths_.end() && !known->second.broken) return known->second.wire;
  const Correspondents::Entry* entry = correspondents_.way_back(now.steady, key);
  return entry != nullptr ? std::optional(entry->from) : std::nullopt;
}

bool PathFinder::send_datagram(Time now, const PublicKey& to, const PathView& path,
                               ByteView payload) {
  Packet packet = Packet::copy_of(payload);
  return send_along(now, to, path, packet);
}

dht::PathRecord PathFinder::own_record(Time now) {
  sign_coordinates(now);
  return {identity_.public_key(), own_seq_, signed_coordinates_, own_signature_};
}

}  // namespace thicket::routing
