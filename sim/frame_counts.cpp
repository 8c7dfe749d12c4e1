#include "sim/frame_counts.hpp"

#include <chrono>

namespace thicket::sim {

namespace {

double per(std::uint64_t bytes, double node_seconds) {
  return node_seconds > 0 ? static_cast<double>(bytes) / node_seconds : 0;
}

}  // namespace

std::string_view name_of(routing::FrameType type) {
  static constexpr std::array<std::string_view, 10> kNames{
      "Dummy",       "Keepalive",  "SigReq",     "SigRes",     "Announce",
      "BloomFilter", "PathLookup", "PathNotify", "PathBroken", "Traffic"};
  const auto number = static_cast<std::size_t>(type);
  return number < kNames.size() ? kNames[number] : "other";
}

double Usage::control_rate() const {
  return per(control_bytes, node_seconds);
}

double Usage::traffic_rate() const {
  return per(traffic_bytes, node_seconds);
}

void FrameCounts::advance(Instant now) {
  const std::chrono::duration<double> passed = now - since_;
  node_seconds_ += passed.count() * static_cast<double>(running_);
  since_ = now;
}

Usage FrameCounts::usage(Instant now) {
  advance(now);
  Usage usage;
  usage.node_seconds = node_seconds_;
  usage.traffic_bytes = by_type_[slot(routing::FrameType::traffic)].bytes;
  for (const Count& count : by_type_) usage.control_bytes += count.bytes;
  usage.control_bytes -= usage.traffic_bytes;
  return usage;
}

std::map<std::string, std::uint64_t> FrameCounts::frames_by_type() const {
  std::map<std::string, std::uint64_t> named;
  for (std::size_t type = 0; type < by_type_.size(); ++type) {
    if (by_type_[type].frames == 0) continue;
    named[std::string(name_of(static_cast<routing::FrameType>(type)))] = by_type_[type].frames;
  }
  return named;
}

std::map<std::string, std::uint64_t> FrameCounts::bytes_by_type() const {
  std::map<std::string, std::uint64_t> named;
  for (std::size_t type = 0; type < by_type_.size(); ++type) {
    if (by_type_[type].frames == 0) continue;
    named[std::string(name_of(static_cast<routing::FrameType>(type)))] = by_type_[type].bytes;
  }
  return named;
}

std::map<std::string, std::uint64_t> FrameCounts::frames_lost() const {
  std::map<std::string, std::uint64_t> named;
  for (const auto& [cause, count] : lost_) named[std::string(name_of(cause))] = count;
  return named;
}

}  // namespace thicket::sim
