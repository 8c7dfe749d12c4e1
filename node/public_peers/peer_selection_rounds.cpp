#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "node/public_peers/peer_selection.hpp"
#include "node/units.hpp"

// Whom a round probes, and what it decides.
namespace thicket::node {

namespace {

std::string handshake_text(const PeerScore& score) {
  return "handshake in " + latency_text(static_cast<double>(score.setup().count()));
}

bool is_much_worse(Duration cost, Duration than) {
  return cost > 2 * than && cost - than > PeerSelection::kMuchWorse;
}

}  // namespace

void PeerSelection::begin_round(Instant now) {
  Round round;
  const auto take = [&](const std::string& name) {
    if (std::ranges::find(round.waiting, name) == round.waiting.end()) {
      round.waiting.push_back(name);
    }
  };
  const bool overdue =
      std::ranges::any_of(held_, [&](const Held& held) { return is_overdue(now, held); });
  std::size_t samples = std::min(missing() * kSamplePerPeer, kMaxSample);
  if (samples == 0 && overdue && may_replace(now)) samples = kSamplePerPeer;
  if (samples != 0) {
    // Those that we have come before others, should we be back from being offline.
    for (const Held& held : held_) {
      if (held.state == State::down) take(held.name);
    }
  } else {
    samples = 1;
    for (const Held& held : held_) {
      if (held.state == State::up) take(held.name);
    }
    for (const auto& entry : entries_) {
      if (entry.second.rival_rounds != 0 && !is_taken(entry)) take(entry.first);
    }
  }
  for (const std::string& name : sample(now, samples)) take(name);
  if (round.waiting.empty()) return plan_next(now);
  round_ = std::move(round);
  send_probes(now);
}

void PeerSelection::send_probes(Instant) {
  while (!round_->waiting.empty() && round_->running.size() < kParallelProbes) {
    std::string name = std::move(round_->waiting.front());
    round_->waiting.pop_front();
    actions_.push_back({SelectionAction::Kind::probe, name, ""});
    round_->running.insert(std::move(name));
  }
}

void PeerSelection::end_round(Instant now) {
  const Round round = std::move(*round_);
  round_.reset();
  judge_failures(now, round);
  const auto choice = answers_by_cost(round);
  if (missing() != 0) {
    fill(now, choice);
  } else if (may_replace(now) && !replace_one_down(now, round, choice)) {
    compare_rivals(now, choice);
  }
  plan_next(now);
}

/// When nobody answers, it is our own connection that fails.
void PeerSelection::judge_failures(Instant now, const Round& round) {
  if (round.answered.empty() && !any_up()) return;
  for (const std::string& name : round.failed) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) continue;
    found->second.score.failed(now);
    found->second.rival_rounds = 0;
    if (!holds(name)) rest(now, found->second);
  }
}

void PeerSelection::fill(Instant now, const std::vector<const Entries::value_type*>& choice) {
  const std::size_t answered = choice.size();
  while (missing() != 0) {
    const Entries::value_type* chosen = best(choice);
    if (chosen == nullptr) return;
    // Of an operator that we have a peer of already, only when there are no others.
    if (is_like_a_held_one(chosen->second) && has_untried_kind(now)) return;
    add(now, *chosen, std::nullopt,
        fmt::format("{}, of {} that answered", handshake_text(chosen->second.score), answered));
  }
}

bool PeerSelection::replace_one_down(Instant now, const Round& round,
                                     const std::vector<const Entries::value_type*>& choice) {
  for (Held& held : held_) {
    if (!is_overdue(now, held)) continue;
    if (std::ranges::find(round.answered, held.name) != round.answered.end() &&
        held.excuses < kMostExcuses) {
      ++held.excuses;
      continue;
    }
    const Entries::value_type* chosen = best(choice, held.name);
    if (chosen == nullptr) continue;
    const double seconds = std::chrono::duration<double>(now - held.since).count();
    add(now, *chosen, held.name,
        fmt::format("{}; {} has been down for {}", handshake_text(chosen->second.score), held.name,
                    duration_text(seconds)));
    return true;
  }
  return false;
}

void PeerSelection::compare_rivals(Instant now,
                                   const std::vector<const Entries::value_type*>& choice) {
  const Held* worst = nullptr;
  for (const Held& held : held_) {
    const PeerScore* score = score_of(held.name);
    const bool known = held.state == State::up && score != nullptr && score->answers() != 0;
    if (!known) continue;
    if (worst == nullptr || score->cost() > score_of(worst->name)->cost()) worst = &held;
  }
  if (worst == nullptr) return;
  const PeerScore& theirs = *score_of(worst->name);
  for (const Entries::value_type* answer : choice) {
    Entry& entry = entries_.find(answer->first)->second;
    const bool is_rival = !is_taken(*answer) && !is_like_a_held_one(entry, worst->name) &&
                          is_much_worse(theirs.cost(), entry.score.cost());
    entry.rival_rounds = is_rival ? entry.rival_rounds + 1 : 0;
    if (entry.rival_rounds < kRivalRounds) continue;
    entry.rival_rounds = 0;
    add(now, *answer, worst->name,
        fmt::format("{}; {} takes {} and fails {:.0f} % of the time", handshake_text(entry.score),
                    worst->name, latency_text(static_cast<double>(theirs.setup().count())),
                    100 * theirs.loss()));
    return;
  }
}

void PeerSelection::plan_next(Instant now) {
  const auto is_wanting = [&](const Held& held) { return is_overdue(now, held); };
  if (missing() != 0 || std::ranges::any_of(held_, is_wanting)) {
    Duration delay = kFirstRetry;
    for (unsigned i = 0; i < retries_ && delay < kLastRetry; ++i) delay *= 2;
    next_round_ = now + jittered(std::min(delay, kLastRetry));
    if (missing() == 0 && last_replacement_) {
      next_round_ = std::max(next_round_, *last_replacement_ + options_.replace_after);
    }
    ++retries_;
    return;
  }
  retries_ = 0;
  next_round_ = now + jittered(2 * options_.replace_after);
  for (const Held& held : held_) {
    if (held.state == State::down) {
      next_round_ = std::min(next_round_, held.since + options_.replace_after);
    }
  }
}

// --- candidates
// -----------------------------------------------------------------------------------

/// Held already, somebody else's peer, or a node that there is a link to already.
bool PeerSelection::is_taken(const Entries::value_type& entry) const {
  if (holds(entry.first) || other_names_.contains(entry.first)) return true;
  if (!entry.second.key) return false;
  if (other_keys_.contains(*entry.second.key)) return true;
  return std::ranges::any_of(held_, [&](const Held& held) {
    const auto theirs = entries_.find(held.name);
    return theirs != entries_.end() && theirs->second.key == entry.second.key;
  });
}

bool PeerSelection::is_like_a_held_one(const Entry& entry, std::string_view but_for) const {
  return std::ranges::any_of(held_, [&](const Held& held) {
    const auto theirs = entries_.find(held.name);
    if (held.name == but_for || theirs == entries_.end()) return false;
    return theirs->second.host_group == entry.host_group ||
           (!entry.network.empty() && theirs->second.network == entry.network);
  });
}

/// Candidates to probe, at random: first those that the list does not say are down, of hosts that
/// none is held of, and one of each host.
std::vector<std::string> PeerSelection::sample(Instant now, std::size_t count) {
  struct Ticket {
    const Entries::value_type* entry;
    bool like_held;
    std::uint64_t number;
    bool repeats_host = false;
  };
  std::vector<Ticket> tickets;
  for (const auto& entry : entries_) {
    if (entry.second.rests_until > now || is_taken(entry)) continue;
    tickets.push_back({&entry, is_like_a_held_one(entry.second), random_.next_u64()});
  }
  std::ranges::sort(tickets, {}, &Ticket::number);
  std::set<std::string_view> hosts;
  for (Ticket& ticket : tickets) {
    ticket.repeats_host = !hosts.insert(ticket.entry->second.host_group).second;
  }
  std::ranges::stable_sort(tickets, {}, [](const Ticket& ticket) {
    return std::tuple(ticket.like_held, ticket.entry->second.listed_down, ticket.repeats_host);
  });
  std::vector<std::string> names;
  for (const Ticket& ticket : tickets) {
    if (names.size() == count) break;
    names.push_back(ticket.entry->first);
  }
  return names;
}

/// Whether there is a candidate, not resting, that is like none of those held.
bool PeerSelection::has_untried_kind(Instant now) const {
  return std::ranges::any_of(entries_, [&](const Entries::value_type& entry) {
    return entry.second.rests_until <= now && !is_taken(entry) && !is_like_a_held_one(entry.second);
  });
}

std::vector<const PeerSelection::Entries::value_type*> PeerSelection::answers_by_cost(
    const Round& round) const {
  std::vector<const Entries::value_type*> answers;
  for (const std::string& name : round.answered) {
    const auto found = entries_.find(name);
    if (found != entries_.end()) answers.push_back(&*found);
  }
  std::ranges::sort(answers, {}, [](const Entries::value_type* entry) {
    return std::tuple(entry->second.score.cost(), std::string_view(entry->first));
  });
  return answers;
}

/// The best that is free, of other hosts than those held if there is any.
const PeerSelection::Entries::value_type* PeerSelection::best(
    const std::vector<const Entries::value_type*>& choice, std::string_view instead_of) const {
  const Entries::value_type* second_best = nullptr;
  for (const Entries::value_type* entry : choice) {
    if (is_taken(*entry)) continue;
    if (!is_like_a_held_one(entry->second, instead_of)) return entry;
    if (second_best == nullptr) second_best = entry;
  }
  return second_best;
}

}  // namespace thicket::node
