#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "sim/scenario.hpp"

// Every key of a scenario's JSON, once: its name, where its value is held, its unit and its range.
// What reads, writes and lists scenarios are visitors of these functions. A visitor has:
//
//   text(name, std::string&, most bytes)         a string
//   flag(name, bool&)                            true or false
//   whole(name, integer&, least, most)           a whole number
//   decimal(name, integer or Duration&, Unit)    a number with decimals, held as a whole number
//   range(name, DurationRange&, Unit)            one such number, or [low, high]
//   choice(name, value&, words)                  one of the words
//   part(name, struct&)                          an object
//   list(name, std::vector&, most)               a list of objects
//
// All but text, flag, range, part and list also take a std::optional, which null empties; part does
// for a struct.
namespace thicket::sim {

/// A number with decimals, held as a whole number: the value times 10^decimals.
struct Unit {
  int decimals = 0;
  std::int64_t least = 0;
  std::int64_t most = 0;
};

/// No time is longer: every number of nanoseconds up to here survives being written as seconds.
constexpr Duration kLongestTime = std::chrono::seconds(1'000'000);

constexpr Unit seconds(Duration least = {}, Duration most = kLongestTime) {
  return {9, least.count(), most.count()};
}
constexpr Unit milliseconds(Duration least = {}, Duration most = std::chrono::seconds(60)) {
  return {6, least.count(), most.count()};
}
constexpr Unit metres(std::int64_t least_mm, std::int64_t most_mm) {
  return {3, least_mm, most_mm};
}
constexpr Unit kMegabits{6, 0, 1'000'000'000'000};
constexpr Unit kShare{6, 0, 1'000'000};
constexpr Unit kSomeShare{6, 1, 1'000'000};
constexpr Unit kLeastLatency{6, 1'000, 60'000'000'000};

constexpr Duration kShortestInterval = std::chrono::milliseconds(1);
constexpr std::uint64_t kMostTimes = 1'000'000'000;

template <class T>
using Word = std::pair<std::string_view, T>;

constexpr std::array kCryptographyWords{Word<CryptographyKind>{"real", CryptographyKind::real},
                                        Word<CryptographyKind>{"fast", CryptographyKind::fast}};
constexpr std::array kEndWords{Word<bool>{"crash", true}, Word<bool>{"stop", false}};
constexpr std::array kSilenceWords{Word<bool>{"silent", true}, Word<bool>{"noticed", false}};
constexpr std::array kOrderWords{Word<bool>{"random", true}, Word<bool>{"index", false}};
constexpr std::array kSpacingWords{Word<bool>{"even", true}, Word<bool>{"random", false}};
constexpr std::array kPairWords{Word<bool>{"random", false}, Word<bool>{"zipf", true}};
constexpr std::array kPartitionWords{Word<Partition::By>{"random", Partition::By::random},
                                     Word<Partition::By>{"region", Partition::By::region},
                                     Word<Partition::By>{"place", Partition::By::place},
                                     Word<Partition::By>{"subtree", Partition::By::subtree}};
constexpr std::array kFailureWords{
    Word<LinkFailure::How>{"cut", LinkFailure::How::cut},
    Word<LinkFailure::How>{"stall", LinkFailure::How::stall},
    Word<LinkFailure::How>{"half_open", LinkFailure::How::half_open}};
constexpr std::array kMisbehaviourWords{
    Word<RootTakeover::Misbehaviour>{"none", RootTakeover::Misbehaviour::none},
    Word<RootTakeover::Misbehaviour>{"flap", RootTakeover::Misbehaviour::flap},
    Word<RootTakeover::Misbehaviour>{"black_hole", RootTakeover::Misbehaviour::black_hole}};
constexpr std::array kAdversaryWords{
    Word<Adversary::Kind>{"black_hole", Adversary::Kind::black_hole},
    Word<Adversary::Kind>{"announcement_flapper", Adversary::Kind::announcement_flapper},
    Word<Adversary::Kind>{"lookup_flooder", Adversary::Kind::lookup_flooder},
    Word<Adversary::Kind>{"sequence_roll_back", Adversary::Kind::sequence_roll_back}};
constexpr std::array kWhereWords{Word<Adversary::Where>{"random", Adversary::Where::random},
                                 Word<Adversary::Where>{"busiest", Adversary::Where::busiest},
                                 Word<Adversary::Where>{"root", Adversary::Where::root}};

/// The names of all topologies.
inline const auto kTopologyWords = [] {
  std::array<Word<TopologyKind>, kAllTopologies.size()> words{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i] = {name_of(kAllTopologies[i]), kAllTopologies[i]};
  }
  return words;
}();

template <class V>
void visit_fields(V& v, TopologyOptions& o) {
  v.choice("kind", o.kind, kTopologyWords);
  v.whole("nodes", o.nodes, 1, kMaxNodes);
  v.flag("connected", o.connected);
  v.decimal("degree", o.degree_permille, Unit{3, 1, 1'000'000});
  v.whole("columns", o.columns, 0, kMaxNodes);
  v.whole("links", o.links, 1, kMaxNodes);
  v.whole("neighbours", o.neighbours, 2, kMaxNodes);
  v.decimal("rewire", o.rewire_ppm, kShare);
  v.decimal("area_m", o.area_mm, metres(1, kMaxCoordinateMm));
  v.decimal("range_m", o.range_mm, metres(1, kMaxCoordinateMm));
  v.decimal("latency_per_km_ms", o.latency_per_km, kLeastLatency);
  v.whole("core", o.core, 0, kMaxNodes);
  v.whole("regions", o.regions, 0, kMaxNodes);
}

template <class V>
void visit_fields(V& v, GraphSource& o) {
  v.text("file", o.file, 4096);
  v.flag("largest_component", o.largest_component);
}

template <class V>
void visit_fields(V& v, Mobility& o) {
  v.whole("nodes", o.nodes, 1, 100'000);
  v.decimal("area_m", o.area_mm, metres(1'000, 1'000'000'000));
  v.decimal("range_m", o.range_mm, metres(1, 1'000'000'000));
  v.whole("max_links", o.max_links, 0, kMaxEdges);
  v.flag("connected", o.connected);
  v.decimal("step_interval_s", o.step_interval, seconds(kShortestInterval));
  v.decimal("step_m", o.step_mm, metres(0, 1'000'000'000));
  v.whole("steps", o.steps, 1, 1'000'000);
  v.choice("links_vanish", o.silent, kSilenceWords);
}

template <class V>
void visit_fields(V& v, LinkOptions& o) {
  v.range("latency_ms", o.latency, kLeastLatency);
  v.decimal("jitter_ms", o.jitter, milliseconds());
  v.decimal("bandwidth_mbit", o.bits_per_second, kMegabits);
  v.decimal("loss", o.loss_ppm, Unit{6, 0, 999'999});
  v.range("set_up_s", o.set_up, seconds());
  v.decimal("redial_s", o.redial, seconds());
}

template <class V>
void visit_fields(V& v, Growth& o) {
  v.decimal("over_s", o.over, seconds());
  v.whole("at_once", o.at_once, 1, kMaxNodes);
  v.choice("order", o.shuffled, kOrderWords);
}

template <class V>
void visit_fields(V& v, WarmUp& o) {
  v.flag("until_converged", o.until_converged);
  v.decimal("limit_s", o.limit, seconds());
  v.decimal("idle_s", o.idle, seconds());
}

template <class V>
void visit_fields(V& v, Churn& o) {
  v.decimal("mean_lifetime_s", o.mean_lifetime, seconds(kShortestInterval));
  v.decimal("mean_downtime_s", o.mean_downtime, seconds(kShortestInterval));
  v.decimal("share", o.share_ppm, kSomeShare);
  v.choice("how", o.crash, kEndWords);
  v.decimal("from_s", o.from, seconds());
  v.decimal("until_s", o.until, seconds());
}

template <class V>
void visit_fields(V& v, Partition& o) {
  v.decimal("at_s", o.at, seconds());
  v.decimal("heal_at_s", o.heal_at, seconds());
  v.choice("by", o.by, kPartitionWords);
  v.decimal("share", o.share_ppm, kSomeShare);
  v.choice("links_vanish", o.silent, kSilenceWords);
}

template <class V>
void visit_fields(V& v, LinkFailure& o) {
  v.decimal("at_s", o.at, seconds());
  v.choice("how", o.how, kFailureWords);
  v.whole("count", o.count, 1, kMaxEdges);
  v.decimal("restore_after_s", o.restore_after, seconds());
  v.decimal("every_s", o.every, seconds());
  v.whole("times", o.times, 1, 1'000'000);
}

template <class V>
void visit_fields(V& v, RootLoss& o) {
  v.decimal("at_s", o.at, seconds());
  v.choice("how", o.crash, kEndWords);
  v.decimal("return_after_s", o.return_after, seconds());
}

template <class V>
void visit_fields(V& v, RootTakeover& o) {
  v.decimal("at_s", o.at, seconds());
  v.whole("links", o.links, 1, 10'000);
  v.choice("misbehaviour", o.misbehaviour, kMisbehaviourWords);
  v.decimal("flaps_per_s", o.flaps_per_1000_s, Unit{3, 1, 1'000'000});
  v.decimal("leave_after_s", o.leave_after, seconds());
  v.choice("how", o.crash, kEndWords);
  v.decimal("return_after_s", o.return_after, seconds());
}

template <class V>
void visit_fields(V& v, Adversary& o) {
  v.choice("kind", o.kind, kAdversaryWords);
  v.whole("count", o.count, 1, kMaxNodes);
  v.decimal("share", o.share_ppm, kSomeShare);
  v.choice("where", o.where, kWhereWords);
  v.decimal("from_s", o.from, seconds());
  v.decimal("per_second", o.per_1000_s, Unit{3, 1, 100'000'000});
}

template <class V>
void visit_pace(V& v, std::string_view count, Pace& o) {
  v.whole(count, o.count, 1, 100'000'000);
  v.decimal("over_s", o.over, seconds(kShortestInterval));
  v.whole("rounds", o.rounds, 1, kMostTimes);
  v.choice("spacing", o.evenly, kSpacingWords);
  v.decimal("from_s", o.from, seconds());
}

template <class V>
void visit_fields(V& v, Traffic& o) {
  visit_pace(v, "pings", o.pace);
  v.choice("pairs", o.zipf, kPairWords);
  v.decimal("zipf_exponent", o.zipf_exponent_permille, Unit{3, 0, 2'000});
  v.whole("payload_bytes", o.payload_bytes, 16, 60'000);
  v.decimal("timeout_s", o.timeout, seconds(kShortestInterval));
}

template <class V>
void visit_fields(V& v, Lookups& o) {
  visit_pace(v, "lookups", o.pace);
}

template <class V>
void visit_fields(V& v, Sampling& o) {
  v.decimal("interval_s", o.interval, seconds(kShortestInterval));
  v.whole("pairs", o.pairs, 0, 1'000'000);
}

template <class V>
void visit_fields(V& v, Scenario& o) {
  v.text("name", o.name, 200);
  v.text("description", o.description, 10'000);
  v.whole("seed", o.seed, 0, UINT64_MAX);
  v.decimal("duration_s", o.duration, seconds(kShortestInterval));
  v.choice("cryptography", o.cryptography, kCryptographyWords);
  v.text("policy", o.policy, 100);
  v.part("topology", o.topology);
  v.part("graph", o.graph);
  v.part("mobility", o.mobility);
  v.part("links", o.links);
  v.part("growth", o.growth);
  v.part("warm_up", o.warm_up);
  v.part("churn", o.churn);
  v.part("partition", o.partition);
  v.list("link_failures", o.link_failures, 1000);
  v.part("root_loss", o.root_loss);
  v.part("root_takeover", o.root_takeover);
  v.list("adversaries", o.adversaries, 1000);
  v.part("traffic", o.traffic);
  v.part("lookups", o.lookups);
  v.decimal("cool_down_s", o.cool_down, seconds());
  v.part("measurement", o.measurement);
  v.whole("invariant_interval", o.invariant_interval, 1, UINT32_MAX);
}

/// A value as the whole number that it is held as.
inline std::int64_t to_whole(Duration value) {
  return value.count();
}
template <class T>
std::int64_t to_whole(T value) {
  return static_cast<std::int64_t>(value);
}
inline void from_whole(std::int64_t whole, Duration& value) {
  value = Duration(whole);
}
template <class T>
void from_whole(std::int64_t whole, T& value) {
  value = static_cast<T>(whole);
}

}  // namespace thicket::sim
