#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "crypto/public_key.hpp"
#include "crypto/time.hpp"
#include "routing/dht/identifier.hpp"
#include "routing/dht/limits.hpp"
#include "routing/dht/message.hpp"
#include "routing/dht/path_record.hpp"

namespace thicket::routing::dht {

/// What a node said that was asked for a record.
enum class StepAnswer {
  waiting,    ///< it has not said anything yet
  holds,      ///< here is the record
  nearer,     ///< not held, but others are closer to it
  not_found,  ///< not held, and nobody closer is known
  silent,     ///< no answer in time
  broken,     ///< the path to it leads nowhere
};
std::string_view describe(StepAnswer answer);

/// One node that was asked.
struct WalkStep {
  PublicKey key;
  std::vector<std::uint8_t> coords;  ///< its place, in wire form
  std::uint64_t distance = 0;        ///< from us, along the tree
  std::size_t shared_digits = 0;     ///< of its identifier and the target
  StepAnswer answer = StepAnswer::waiting;
  std::vector<PublicKey> named;  ///< those closer to the target, with `nearer`
  Duration took{};               ///< from the question to the answer, or to giving it up
};

/// Why a walk ended.
enum class WalkEnd {
  found,
  not_found,  ///< those closest to the target do not have it
  no_answer,  ///< nobody was left to ask, and nobody who should know had answered
  nobody,     ///< we know nobody who takes part
  out_of_steps,
  out_of_time,
};
std::string_view describe(WalkEnd end);

/// A lookup, step by step.
struct WalkTrace {
  std::vector<WalkStep> steps;       ///< in order; the first is ourselves
  std::optional<PathRecord> held;    ///< what we knew before we asked anyone
  std::optional<PathRecord> record;  ///< what others said; checked
  WalkEnd end = WalkEnd::nobody;
  Duration took{};
};

/// A lookup that goes step by step, so that each answer is seen: every node is asked for the record
/// (a find that may not be handed on) and answers with it, or with whom it would have asked next. A
/// node that does not answer is passed over. Only keeps the books: Dht sends, checks and waits.
///
/// Invariants: at most limits::kWalkSteps nodes are asked, nobody twice, each closer to the target
/// than whoever named it.
class Walk {
 public:
  Walk(const PublicKey& asked, Instant now)
      : target_(Identifier::of(asked)), began_(now), ends_at_(now + limits::kWalkTime) {}

  const Identifier& target() const { return target_; }
  const TransactionId& txid() const { return txid_; }
  /// Whom we wait for; only while a step waits.
  const PublicKey& whom() const { return trace_.steps.back().key; }
  bool waiting() const {
    return !trace_.steps.empty() && trace_.steps.back().answer == StepAnswer::waiting;
  }
  /// When the step that waits, or the whole walk, is given up.
  Instant deadline() const { return waiting() && deadline_ < ends_at_ ? deadline_ : ends_at_; }

  /// What we hold ourselves, and whom we would ask, the best first; checked records. `alone`: we
  /// know nobody at all. Whoever knows others, but none closer to the target, is its home.
  void begin(const PublicKey& own, std::vector<std::uint8_t> coords, std::optional<PathRecord> held,
             const std::vector<PathRecord>& first, bool alone);
  /// Whom to ask next; nullopt: the walk is over, and end() says why.
  std::optional<PathRecord> next(Instant now);
  /// `next` has been asked.
  void asked(Instant now, const PathRecord& whom, std::uint64_t distance, const TransactionId& txid,
             Duration patience);
  /// The answer: the record, or whom it names, the best first; checked records.
  void found(Instant now, const PathRecord& record);
  void named(Instant now, const std::vector<PathRecord>& nearer);
  /// No answer: `silent` or `broken`.
  void failed(Instant now, StepAnswer why);

  /// What came of it, once next() has said that it is over.
  WalkTrace take() { return std::move(trace_); }

 private:
  std::vector<PublicKey> enqueue(const Identifier& than, const std::vector<PathRecord>& records);
  std::optional<PathRecord> end(Instant now, WalkEnd why);

  Identifier target_;
  Instant began_;
  Instant ends_at_;
  TransactionId txid_{};
  Instant sent_;
  Instant deadline_;
  std::vector<PathRecord> queue_;  ///< to be asked, the last first
  std::set<Identifier> known_;     ///< asked or queued
  std::size_t homes_ = 0;          ///< nodes that know nobody closer, and do not have it
  WalkTrace trace_;
};

}  // namespace thicket::routing::dht
