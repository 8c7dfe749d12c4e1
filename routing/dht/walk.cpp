#include "routing/dht/walk.hpp"

#include <algorithm>
#include <utility>

namespace thicket::routing::dht {

std::string_view describe(StepAnswer answer) {
  switch (answer) {
    case StepAnswer::waiting:
      return "waiting";
    case StepAnswer::holds:
      return "holds";
    case StepAnswer::nearer:
      return "nearer";
    case StepAnswer::not_found:
      return "not found";
    case StepAnswer::silent:
      return "no answer";
    case StepAnswer::broken:
      return "path broken";
  }
  return "";
}

std::string_view describe(WalkEnd end) {
  switch (end) {
    case WalkEnd::found:
      return "found";
    case WalkEnd::not_found:
      return "not found";
    case WalkEnd::no_answer:
      return "no answer";
    case WalkEnd::nobody:
      return "nobody to ask";
    case WalkEnd::out_of_steps:
      return "out of steps";
    case WalkEnd::out_of_time:
      return "out of time";
  }
  return "";
}

void Walk::begin(const PublicKey& own, std::vector<std::uint8_t> coords,
                 std::optional<PathRecord> held, const std::vector<PathRecord>& first, bool alone) {
  const Identifier id = Identifier::of(own);
  known_.insert(id);
  WalkStep step;
  step.key = own;
  step.coords = std::move(coords);
  step.shared_digits = shared_digits(id, target_);
  step.named = enqueue(id, first);
  step.answer = held                 ? StepAnswer::holds
                : step.named.empty() ? StepAnswer::not_found
                                     : StepAnswer::nearer;
  if (step.named.empty() && !alone) ++homes_;
  trace_.held = std::move(held);
  trace_.steps.push_back(std::move(step));
}

/// Takes those that lead on. Whoever was named last is asked first: the walk goes down before it
/// goes back.
std::vector<PublicKey> Walk::enqueue(const Identifier& than,
                                     const std::vector<PathRecord>& records) {
  std::vector<PublicKey> names;
  std::vector<PathRecord> fresh;
  for (const PathRecord& record : records) {
    if (names.size() == limits::kWalkContacts) break;
    const Identifier id = record.id();
    if (!closer(target_, id, than)) continue;
    names.push_back(record.key);
    if (known_.insert(id).second) fresh.push_back(record);
  }
  queue_.insert(queue_.end(), fresh.rbegin(), fresh.rend());
  return names;
}

std::optional<PathRecord> Walk::end(Instant now, WalkEnd why) {
  trace_.end = why;
  trace_.took = now - began_;
  return std::nullopt;
}

std::optional<PathRecord> Walk::next(Instant now) {
  if (trace_.record) return end(now, WalkEnd::found);
  if (homes_ >= limits::kAttempts) return end(now, WalkEnd::not_found);
  if (queue_.empty()) {
    if (homes_ != 0) return end(now, WalkEnd::not_found);
    return end(now, trace_.steps.size() <= 1 ? WalkEnd::nobody : WalkEnd::no_answer);
  }
  // The first step is ourselves.
  if (trace_.steps.size() > limits::kWalkSteps) return end(now, WalkEnd::out_of_steps);
  if (now >= ends_at_) return end(now, WalkEnd::out_of_time);
  PathRecord record = std::move(queue_.back());
  queue_.pop_back();
  return record;
}

void Walk::asked(Instant now, const PathRecord& whom, std::uint64_t distance,
                 const TransactionId& txid, Duration patience) {
  txid_ = txid;
  sent_ = now;
  deadline_ = now + patience;
  WalkStep step;
  step.key = whom.key;
  step.coords = whom.coords;
  step.distance = distance;
  step.shared_digits = shared_digits(whom.id(), target_);
  trace_.steps.push_back(std::move(step));
}

void Walk::found(Instant now, const PathRecord& record) {
  WalkStep& step = trace_.steps.back();
  step.answer = StepAnswer::holds;
  step.took = now - sent_;
  trace_.record = record;
}

void Walk::named(Instant now, const std::vector<PathRecord>& nearer) {
  WalkStep& step = trace_.steps.back();
  step.took = now - sent_;
  step.named = enqueue(Identifier::of(step.key), nearer);
  step.answer = step.named.empty() ? StepAnswer::not_found : StepAnswer::nearer;
  if (step.named.empty()) ++homes_;
}

void Walk::failed(Instant now, StepAnswer why) {
  WalkStep& step = trace_.steps.back();
  step.answer = why;
  step.took = now - sent_;
}

}  // namespace thicket::routing::dht
