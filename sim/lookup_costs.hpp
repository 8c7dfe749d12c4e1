#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "crypto/address.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

/// What path lookups cost, by the frames on links: a lookup begins when its source sends it to the
/// first peer, and its repetitions until the first answer belong to it, as do the frames that are
/// still on their way then.
class LookupCosts {
 public:
  explicit LookupCosts(const Simulation& simulation) : simulation_(simulation) {}

  void frame_sent(const FrameEvent& event);
  void frame_received(const FrameEvent& event);
  /// Forgets lookups of which nothing more is to come; to be called now and then.
  void settle(Instant now);
  /// The run is over: nothing more is to come of any.
  void settle_all();

  std::uint64_t started() const { return started_; }
  std::uint64_t answered() const { return answered_; }
  /// Of answered lookups that are settled: link transmissions, answers included, and the time from
  /// the first transmission to the first answer, in milliseconds.
  const std::vector<double>& transmissions() const { return transmissions_; }
  const std::vector<double>& milliseconds() const { return milliseconds_; }

 private:
  struct Lookup {
    Instant started_at{};
    Instant last_sent{};
    std::uint64_t transmissions = 0;
    std::optional<Instant> answered_at{};
  };
  using Key = std::pair<PublicKey, LookupKey>;  ///< who asks, and for whom

  void lookup_sent(const FrameEvent& event);
  void close(const Lookup& lookup);
  static bool settled(const Lookup& lookup, Instant now);

  const Simulation& simulation_;
  std::map<Key, Lookup> open_;
  std::uint64_t started_ = 0;
  std::uint64_t answered_ = 0;
  std::vector<double> transmissions_;
  std::vector<double> milliseconds_;
};

}  // namespace thicket::sim
