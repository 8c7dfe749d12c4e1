#include "routing/hellos.hpp"

#include <algorithm>
#include <utility>

namespace thicket::routing {

void Hellos::offer(Capabilities capabilities) {
  capabilities.seen.clear();
  const std::vector<std::uint8_t> body = encode_capabilities(capabilities);
  message_ = {kProtocolMessage, kHelloMessage};
  message_.insert(message_.end(), body.begin(), body.end());
}

bool Hellos::is_hello(ByteView data) {
  return data.size() >= 2 && data[0] == kProtocolMessage && data[1] == kHelloMessage;
}

bool Hellos::heard(Time now, const PublicKey& from, Instant session) {
  if (!offers() || (greeted_ && greeted_->first == from && greeted_->second == session)) {
    return false;
  }
  greeted_ = {from, session};
  Entry& entry = entry_of(from, session);
  if (entry.sent) return false;
  entry.sent = now.steady;
  ++counters_.sent;
  return true;
}

const Capabilities* Hellos::receive(Time now, const PublicKey& from, Instant session,
                                    ByteView data) {
  Entry& entry = entry_of(from, session);
  const bool too_soon = entry.received && now.steady < *entry.received + limits::kHelloInterval;
  if (too_soon || entry.times_received >= limits::kHellosPerSession) {
    ++counters_.ignored;
    return nullptr;
  }
  entry.received = now.steady;
  ++entry.times_received;
  auto capabilities = decode_capabilities(data.subspan(2));
  if (!capabilities) {
    ++counters_.ignored;
    return nullptr;
  }
  ++counters_.received;
  entry.theirs = std::move(*capabilities);
  return &*entry.theirs;
}

bool Hellos::forgotten(Time now, const PublicKey& from) {
  const auto place = entries_.find(from);
  if (place == entries_.end()) return false;
  Entry& entry = place->second;
  // One that follows ours at once is the answer to it.
  const bool long_ago = entry.sent && *entry.sent + limits::kHelloInterval <= now.steady;
  if (entry.times_received < 2 || !long_ago) return false;
  entry.sent = now.steady;
  ++counters_.sent;
  return true;
}

const Capabilities* Hellos::find(const PublicKey& key, Instant session) const {
  const auto place = entries_.find(key);
  if (place == entries_.end() || place->second.session != session) return nullptr;
  return place->second.theirs ? &*place->second.theirs : nullptr;
}

Hellos::Entry& Hellos::entry_of(const PublicKey& key, Instant session) {
  const auto place = entries_.find(key);
  if (place != entries_.end()) {
    if (place->second.session != session) place->second = Entry{session, {}, {}, 0, {}};
    return place->second;
  }
  if (entries_.size() >= limits::kHellos) {
    // The session that started first: there are no more sessions than this, so some have ended.
    entries_.erase(std::ranges::min_element(
        entries_, {}, [](const auto& entry) { return entry.second.session; }));
  }
  return entries_.emplace(key, Entry{session, {}, {}, 0, {}}).first->second;
}

}  // namespace thicket::routing
