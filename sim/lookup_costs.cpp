#include "sim/lookup_costs.hpp"

#include <algorithm>
#include <chrono>

namespace thicket::sim {

namespace {

using namespace std::chrono_literals;

/// Frames of an answered lookup may still be on their way this long after.
constexpr Duration kAftermath = 1s;
/// A lookup that was not repeated for so long was given up; routers wait 16 s at most.
constexpr Duration kUnanswered = 20s;

PublicKey key_at(ByteView body, std::size_t offset) {
  PublicKey key;
  std::ranges::copy(body.subspan(offset, PublicKey::kSize), key.bytes.begin());
  return key;
}

/// Who is answered, and about whom; nullopt: not a sound PathNotify.
std::optional<std::pair<PublicKey, LookupKey>> answer_of(ByteView body) {
  const auto frame = routing::decode_frame(body);
  if (!frame) return std::nullopt;
  const auto* notify = std::get_if<routing::PathNotify>(&*frame);
  if (notify == nullptr) return std::nullopt;
  return std::pair(notify->dest, LookupKey::of(notify->source));
}

}  // namespace

void LookupCosts::frame_sent(const FrameEvent& event) {
  if (event.type == routing::FrameType::path_lookup) {
    lookup_sent(event);
  } else if (event.type == routing::FrameType::path_notify && !open_.empty()) {
    const auto key = answer_of(event.body);
    if (!key) return;
    const auto place = open_.find(*key);
    if (place != open_.end()) ++place->second.transmissions;
  }
}

void LookupCosts::lookup_sent(const FrameEvent& event) {
  if (event.body.size() < 1 + 2 * PublicKey::kSize) return;
  const Key key{key_at(event.body, 1), LookupKey::of(key_at(event.body, 1 + PublicKey::kSize))};
  const bool by_source = key.first == simulation_.key(event.from);
  auto place = open_.find(key);
  if (by_source && place != open_.end()) {
    // Asking again after an answer is another lookup; several peers are asked at one moment.
    const Lookup& lookup = place->second;
    const bool repeated = lookup.last_sent != event.now.steady;
    if ((lookup.answered_at && repeated) || settled(lookup, event.now.steady)) {
      close(lookup);
      open_.erase(place);
      place = open_.end();
    }
  }
  if (place == open_.end()) {
    if (!by_source) return;
    ++started_;
    place = open_.emplace(key, Lookup{event.now.steady, event.now.steady}).first;
  }
  if (by_source) place->second.last_sent = event.now.steady;
  ++place->second.transmissions;
}

void LookupCosts::frame_received(const FrameEvent& event) {
  if (event.type != routing::FrameType::path_notify || open_.empty()) return;
  const auto key = answer_of(event.body);
  if (!key || key->first != simulation_.key(event.to)) return;
  const auto place = open_.find(*key);
  if (place == open_.end() || place->second.answered_at) return;
  place->second.answered_at = event.now.steady;
  ++answered_;
}

bool LookupCosts::settled(const Lookup& lookup, Instant now) {
  if (lookup.answered_at) return now > *lookup.answered_at + kAftermath;
  return now > lookup.last_sent + kUnanswered;
}

void LookupCosts::close(const Lookup& lookup) {
  if (!lookup.answered_at) return;
  const std::chrono::duration<double, std::milli> time = *lookup.answered_at - lookup.started_at;
  transmissions_.push_back(static_cast<double>(lookup.transmissions));
  milliseconds_.push_back(time.count());
}

void LookupCosts::settle(Instant now) {
  std::erase_if(open_, [&](const auto& entry) {
    if (!settled(entry.second, now)) return false;
    close(entry.second);
    return true;
  });
}

void LookupCosts::settle_all() {
  for (const auto& [key, lookup] : open_) close(lookup);
  open_.clear();
}

}  // namespace thicket::sim
