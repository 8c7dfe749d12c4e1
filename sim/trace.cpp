#include "sim/trace.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "crypto/invariant.hpp"
#include "routing/murmur3.hpp"

namespace thicket::sim {

namespace {

/// One round of a multiply-and-shift mixer (as in splitmix64).
std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  return hash ^ (hash >> 27);
}

constexpr std::array kFrameNames{"Dummy",      "Keepalive",   "SigReq",     "SigRes",
                                 "Announce",   "BloomFilter", "PathLookup", "PathNotify",
                                 "PathBroken", "Traffic"};

std::string verb(const TraceEvent& event) {
  const std::string frame =
      event.frame_type < kFrameNames.size() ? kFrameNames[event.frame_type] : "unknown frame";
  switch (event.kind) {
    case TraceKind::node_started:
      return "starts";
    case TraceKind::node_stopped:
      return "stops";
    case TraceKind::node_crashed:
      return "crashes";
    case TraceKind::link_up:
      return fmt::format("connected to {}", event.peer);
    case TraceKind::link_down:
      return fmt::format("disconnected from {}", event.peer);
    case TraceKind::frame_sent:
      return fmt::format("> {} {} {} B {:016x}", event.peer, frame, event.size, event.digest);
    case TraceKind::frame_received:
      return fmt::format("< {} {} {} B {:016x}", event.peer, frame, event.size, event.digest);
    case TraceKind::frame_lost:
      return fmt::format("x {} {} {} B {:016x} lost", event.peer, frame, event.size, event.digest);
    case TraceKind::tick:
      return "tick";
    case TraceKind::delivered:
      return fmt::format("gets {} B of data from {}", event.size, event.peer);
    case TraceKind::path_found:
      return fmt::format("finds a path to {}", event.peer);
    case TraceKind::note:
      return fmt::format("note {:016x}", event.digest);
  }
  return {};
}

}  // namespace

std::string describe(const TraceEvent& event) {
  const auto seconds = static_cast<double>(event.at.count()) / 1e9;
  const std::string node = event.node == kNoNode ? "-" : std::to_string(event.node);
  return fmt::format("{:14.9f} #{} {} {}", seconds, event.number, node, verb(event));
}

std::uint64_t digest(ByteView bytes) {
  return routing::murmur3_x64_128(bytes)[0];
}

Trace::Trace(std::size_t length) : ring_(length) {
  INVARIANT(length > 0);
}

void Trace::record(TraceEvent event) {
  event.number = ++events_;
  hash_ = mix(hash_, static_cast<std::uint64_t>(event.at.count()));
  hash_ = mix(hash_, std::uint64_t{event.node} << 32 | event.peer);
  hash_ = mix(hash_, std::uint64_t{event.size} << 32 | std::uint64_t{event.frame_type} << 8 |
                         static_cast<std::uint64_t>(event.kind));
  hash_ = mix(hash_, event.digest);
  ring_[(events_ - 1) % ring_.size()] = event;
  if (listener_) listener_(event);
}

std::vector<TraceEvent> Trace::last() const {
  std::vector<TraceEvent> events;
  const std::uint64_t kept = std::min<std::uint64_t>(events_, ring_.size());
  for (std::uint64_t number = events_ - kept; number < events_; ++number) {
    events.push_back(ring_[number % ring_.size()]);
  }
  return events;
}

void Trace::set_listener(std::function<void(const TraceEvent&)> listener) {
  listener_ = std::move(listener);
}

}  // namespace thicket::sim
