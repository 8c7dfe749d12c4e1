#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "sim/observer.hpp"

namespace thicket::sim {

/// "Announce"; "other" for a number that is no type.
std::string_view name_of(routing::FrameType type);

/// Bytes sent, and the time that nodes ran for, at a moment; rates are differences of these.
struct Usage {
  std::uint64_t control_bytes = 0;  ///< of all frames but Traffic
  std::uint64_t traffic_bytes = 0;
  double node_seconds = 0;
  Usage operator-(const Usage& other) const {
    return {control_bytes - other.control_bytes, traffic_bytes - other.traffic_bytes,
            node_seconds - other.node_seconds};
  }
  double control_rate() const;  ///< bytes per node and second; 0 if no node ran
  double traffic_rate() const;
};

/// Counts frames on links, with their length prefixes, by type and by cause of loss.
class FrameCounts {
 public:
  void sent(const FrameEvent& event) {
    Count& count = by_type_[slot(event.type)];
    ++count.frames;
    count.bytes += event.wire_bytes;
  }
  void lost(LossCause cause) { ++lost_[cause]; }
  void node_started(Instant now) {
    advance(now);
    ++running_;
  }
  void node_stopped(Instant now) {
    advance(now);
    --running_;
  }

  Usage usage(Instant now);
  std::map<std::string, std::uint64_t> frames_by_type() const;
  std::map<std::string, std::uint64_t> bytes_by_type() const;
  std::map<std::string, std::uint64_t> frames_lost() const;

 private:
  static constexpr std::size_t kTypes = 10;
  struct Count {
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
  };
  static std::size_t slot(routing::FrameType type) {
    return type < routing::FrameType{kTypes} ? static_cast<std::size_t>(type) : kTypes;
  }
  void advance(Instant now);

  std::array<Count, kTypes + 1> by_type_{};  // the last: no type of ours
  std::map<LossCause, std::uint64_t> lost_;
  std::uint64_t running_ = 0;
  Instant since_{};
  double node_seconds_ = 0;
};

}  // namespace thicket::sim
