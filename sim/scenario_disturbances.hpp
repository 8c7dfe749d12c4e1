#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "crypto/time.hpp"

// The parts of a Scenario: what happens to a network. Unless said otherwise, times count from the
// end of the warm-up, and shares are in millionths.
namespace thicket::sim {

/// Nodes start one after the other, at even intervals. Times count from the start of the run.
struct Growth {
  Duration over = std::chrono::seconds(60);  ///< from the first to the last
  std::size_t at_once = 1;                   ///< of them, at the very beginning
  bool shuffled = true;                      ///< false: in the order of their indices
  bool operator==(const Growth&) const = default;
};

/// Nodes come and go: exponentially distributed times up and down.
struct Churn {
  Duration mean_lifetime = std::chrono::seconds(120);
  Duration mean_downtime = std::chrono::seconds(30);
  std::uint32_t share_ppm = 1'000'000;  ///< of nodes that do so
  bool crash = true;                    ///< false: they stop in an orderly way
  Duration from{};
  std::optional<Duration> until{};  ///< then all are started again; none: the end
  bool operator==(const Churn&) const = default;
};

/// Nodes with radios in a square: links join those in range of each other, as many as there may be,
/// the nearest first. Every step, each node goes a step in a random direction, and is reflected at
/// the borders.
struct Mobility {
  std::size_t nodes = 50;
  std::int64_t area_mm = 1'000'000;  ///< the side of the square
  std::int64_t range_mm = 250'000;
  std::size_t max_links = 0;  ///< 0: no limit
  bool connected = true;      ///< places are drawn again until the network is in one piece
  Duration step_interval = std::chrono::seconds(30);
  std::int64_t step_mm = 10'000;
  std::optional<std::uint32_t> steps{};  ///< none: until the end
  bool silent = true;  ///< links vanish without a word; false: both ends notice at once
  bool operator==(const Mobility&) const = default;
};

/// All links between two parts of the network fail, and come back.
struct Partition {
  enum class By : std::uint8_t {
    random,   ///< any nodes: each part may be in pieces itself
    region,   ///< nodes around a random one, by hops
    place,    ///< those furthest to the left; needs a topology with places
    subtree,  ///< the subtree of the spanning tree whose size is nearest to the share
  };
  Duration at{};
  std::optional<Duration> heal_at = std::chrono::seconds(60);
  By by = By::region;
  std::uint32_t share_ppm = 500'000;  ///< of nodes, in the part that is cut off
  bool silent = false;                ///< links deliver nothing, rather than end
  bool operator==(const Partition&) const = default;
};

/// Random links that work fail.
struct LinkFailure {
  enum class How : std::uint8_t {
    cut,        ///< both ends notice at once
    stall,      ///< nothing arrives any more
    half_open,  ///< nothing arrives any more in one direction
  };
  Duration at{};
  How how = How::cut;
  std::size_t count = 1;
  std::optional<Duration> restore_after = std::chrono::seconds(30);  ///< none: never
  Duration every{};                                                  ///< from one time to the next
  std::uint32_t times = 1;  ///< above 1: `every` must be above 0
  bool operator==(const LinkFailure&) const = default;
};

/// The root goes.
struct RootLoss {
  Duration at{};
  bool crash = true;  ///< false: it stops in an orderly way
  std::optional<Duration> return_after{};
  bool operator==(const RootLoss&) const = default;
};

/// A node joins whose key is lower than all others, so that it becomes the root. It is the last.
struct RootTakeover {
  enum class Misbehaviour : std::uint8_t { none, flap, black_hole };
  Duration at{};
  std::size_t links = 2;  ///< to random nodes; in a network of moving nodes it moves as well
  Misbehaviour misbehaviour = Misbehaviour::none;
  std::uint64_t flaps_per_1000_s = 10'000;
  std::optional<Duration> leave_after = std::chrono::seconds(60);   ///< after joining
  bool crash = true;                                                ///< how it leaves
  std::optional<Duration> return_after = std::chrono::seconds(30);  ///< after leaving
  bool operator==(const RootTakeover&) const = default;
};

/// Things done `count` times in every round.
struct Pace {
  std::uint32_t count = 200;
  std::optional<Duration> over{};         ///< length of a round; none: a step of mobility, or 20 s
  std::optional<std::uint32_t> rounds{};  ///< none: until the end (one if the run has no duration)
  bool evenly = false;  ///< at even intervals, else at random moments of the round
  Duration from{};
  bool operator==(const Pace&) const = default;
};

/// Pings between pairs of running nodes.
struct Traffic {
  Pace pace;
  bool zipf = false;  ///< few nodes are much asked for; else all pairs are equally likely
  std::uint32_t zipf_exponent_permille = 1000;  ///< 0, 500, 1000, 1500 or 2000
  std::size_t payload_bytes = 64;
  Duration timeout = std::chrono::seconds(5);
  bool operator==(const Traffic&) const = default;
};

/// Random nodes look up the keys of others, without sending anything.
struct Lookups {
  Pace pace;
  bool operator==(const Lookups&) const = default;
};

/// Some nodes turn hostile.
struct Adversary {
  enum class Kind : std::uint8_t {
    black_hole,            ///< answers control frames, forwards no traffic
    announcement_flapper,  ///< changes between root and child, as fast as it can sign
    lookup_flooder,        ///< asks for random keys
    sequence_roll_back,    ///< repeats its oldest record; restarts with its clock set back
  };
  enum class Where : std::uint8_t {
    random,
    busiest,  ///< those that most paths of the spanning tree pass through
    root,     ///< those with the lowest keys
  };
  Kind kind = Kind::black_hole;
  std::size_t count = 1;
  std::optional<std::uint32_t> share_ppm{};  ///< of all nodes, in place of `count`
  Where where = Where::random;
  Duration from{};
  std::uint64_t per_1000_s = 100'000;  ///< how often a node does it, in 1000 s
  bool operator==(const Adversary&) const = default;
};

}  // namespace thicket::sim
