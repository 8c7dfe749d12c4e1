#include "node/public_peers/peer_selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "node/public_peers/peer_diversity.hpp"
#include "node/units.hpp"

namespace thicket::node {

// --- what the owner says
// --------------------------------------------------------------------------

void PeerSelection::set_candidates(Instant now, std::vector<PeerCandidate> candidates) {
  Entries entries;
  for (PeerCandidate& candidate : candidates) {
    const auto known = entries_.find(candidate.name);
    Entry entry = known == entries_.end() ? Entry{} : std::move(known->second);
    entry.host_group = host_group(candidate.host);
    entry.listed_down = candidate.listed_down;
    entries.emplace(std::move(candidate.name), std::move(entry));
  }
  entries_ = std::move(entries);
  round_.reset();
  std::vector<std::string> gone;
  for (const Held& held : held_) {
    if (!entries_.contains(held.name)) gone.push_back(held.name);
  }
  for (std::string& name : gone) {
    forget(name);
    remove(std::move(name), "is not in the list any more");
  }
  retries_ = 0;
  next_round_ = now;
}

void PeerSelection::set_options(Instant now, Options options) {
  options_ = options;
  drop_surplus();
  if (missing() != 0) {
    retries_ = 0;
    next_round_ = now;
  }
}

void PeerSelection::clear() {
  round_.reset();
  entries_.clear();
  for (Held& held : std::exchange(held_, {})) remove(std::move(held.name), "AutoPeers is off");
}

void PeerSelection::set_others(Instant now, std::set<std::string> names, std::set<PublicKey> keys) {
  other_names_ = {std::make_move_iterator(names.begin()), std::make_move_iterator(names.end())};
  other_keys_ = std::move(keys);
  const auto released =
      std::erase_if(held_, [&](const Held& held) { return other_names_.contains(held.name); });
  if (released != 0) next_round_ = std::min(next_round_, now);
}

void PeerSelection::probed(Instant now, std::string_view name,
                           const std::optional<ProbeAnswer>& answer) {
  ++(answer ? counters_.probes_answered : counters_.probes_failed);
  const auto found = entries_.find(name);
  if (found != entries_.end() && answer) {
    Entry& entry = found->second;
    entry.score.answered(now, answer->setup);
    entry.key = answer->key;
    entry.network = answer->network;
    entry.failures = 0;
  }
  if (!round_) return;
  const auto running = round_->running.find(name);
  if (running == round_->running.end()) return;
  (answer ? round_->answered : round_->failed).push_back(*running);
  round_->running.erase(running);
  if (answer && held_.empty() && !round_->decide_at) round_->decide_at = now + kFirstChoice;
  tick(now);
}

void PeerSelection::link_is(Instant now, std::string_view name, bool up) {
  Held* held = find_held(name);
  if (held == nullptr || up == (held->state == State::up)) return;
  if (!up && held->state == State::trial) return;
  const Instant before = std::exchange(held->since, now);
  if (up) {
    if (held->state == State::down) judge_outage(now, name, before);
    held->state = State::up;
    held->excuses = 0;
    return came_up(now, name);
  }
  held->state = State::down;
  next_round_ = std::min(next_round_, now + options_.replace_after);
}

/// What was down since `since` is to blame only if another one was up all the while: else it may
/// have been our own connection.
void PeerSelection::judge_outage(Instant now, std::string_view name, Instant since) {
  const auto entry = entries_.find(name);
  const bool alone = std::ranges::any_of(held_, [&](const Held& other) {
    return other.name != name && other.state == State::up && other.since < since;
  });
  if (alone && entry != entries_.end()) entry->second.score.failed(now);
}

void PeerSelection::lost(Instant now, std::string_view name) {
  forget(name);
  const auto entry = entries_.find(name);
  if (entry != entries_.end()) entry->second.rests_until = now + kLastRest;
  next_round_ = std::min(next_round_, now + kFirstRetry);
}

void PeerSelection::tick(Instant now) {
  end_trials(now);
  if (entries_.empty()) return;
  if (round_) {
    const bool over = round_->waiting.empty() && round_->running.empty();
    if (over || (round_->decide_at && now >= *round_->decide_at)) {
      end_round(now);
    } else {
      send_probes(now);
    }
  } else if (now >= next_round_) {
    begin_round(now);
  }
}

std::optional<Instant> PeerSelection::next_deadline() const {
  std::optional<Instant> earliest;
  const auto keep = [&](Instant at) {
    if (!earliest || at < *earliest) earliest = at;
  };
  if (round_ && round_->decide_at) keep(*round_->decide_at);
  if (!round_ && !entries_.empty()) keep(next_round_);
  for (const Held& held : held_) {
    if (held.state == State::trial) keep(held.since + kTrialTime);
  }
  return earliest;
}

std::optional<SelectionAction> PeerSelection::next_action() {
  if (actions_.empty()) return std::nullopt;
  SelectionAction action = std::move(actions_.front());
  actions_.pop_front();
  return action;
}

const PeerScore* PeerSelection::score_of(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second.score;
}

// --- those chosen
// ---------------------------------------------------------------------------------

const PeerSelection::Held* PeerSelection::find_held(std::string_view name) const {
  const auto found = std::ranges::find(held_, name, &Held::name);
  return found == held_.end() ? nullptr : &*found;
}

PeerSelection::Held* PeerSelection::find_held(std::string_view name) {
  const auto found = std::ranges::find(held_, name, &Held::name);
  return found == held_.end() ? nullptr : &*found;
}

bool PeerSelection::any_up() const {
  return std::ranges::find(held_, State::up, &Held::state) != held_.end();
}

/// Whether another one is on its way to take its place.
bool PeerSelection::is_leaving(const Held& held) const {
  return std::ranges::any_of(held_, [&](const Held& other) {
    return other.state == State::trial && other.replaces == held.name;
  });
}

bool PeerSelection::is_overdue(Instant now, const Held& held) const {
  return held.state == State::down && now - held.since >= options_.replace_after;
}

/// One at a time, and not often.
bool PeerSelection::may_replace(Instant now) const {
  if (last_replacement_ && now - *last_replacement_ < options_.replace_after) return false;
  return std::ranges::none_of(held_, [&](const Held& held) { return is_leaving(held); });
}

std::size_t PeerSelection::missing() const {
  const auto staying = static_cast<std::size_t>(
      std::ranges::count_if(held_, [&](const Held& held) { return !is_leaving(held); }));
  return options_.count - std::min(options_.count, staying);
}

void PeerSelection::add(Instant now, const Entries::value_type& entry,
                        std::optional<std::string> replaces, std::string reason) {
  held_.push_back({entry.first, State::trial, now, std::move(replaces)});
  actions_.push_back({SelectionAction::Kind::add, entry.first, std::move(reason)});
}

void PeerSelection::remove(std::string name, std::string reason) {
  actions_.push_back({SelectionAction::Kind::remove, std::move(name), std::move(reason)});
}

void PeerSelection::forget(std::string_view name) {
  std::erase_if(held_, [&](const Held& held) { return held.name == name; });
}

void PeerSelection::rest(Instant now, Entry& entry) {
  Duration longest = kFirstRest;
  for (unsigned i = 0; i < entry.failures && longest < kLastRest; ++i) longest *= 2;
  entry.rests_until = now + jittered(std::min(longest, kLastRest));
  ++entry.failures;
}

/// The worst go: those on trial, those that are down, then those that cost most.
void PeerSelection::drop_surplus() {
  const auto badness = [&](const Held& held) {
    const PeerScore* score = score_of(held.name);
    const int state = held.state == State::trial ? 2 : held.state == State::down ? 1 : 0;
    return std::pair(state, score == nullptr ? Duration{} : score->cost());
  };
  while (held_.size() > options_.count) {
    const auto worst = std::ranges::max_element(held_, {}, badness);
    std::string name = worst->name;
    held_.erase(worst);
    remove(std::move(name), "is one more than wanted");
  }
}

void PeerSelection::end_trials(Instant now) {
  std::vector<std::string> over;
  for (const Held& held : held_) {
    if (held.state == State::trial && now - held.since >= kTrialTime) over.push_back(held.name);
  }
  for (std::string& name : over) {
    forget(name);
    const auto entry = entries_.find(name);
    if (entry != entries_.end()) {
      entry->second.score.failed(now);
      rest(now, entry->second);
    }
    remove(std::move(name), "answered a probe, but its link did not come up");
    next_round_ = std::min(next_round_, now + kFirstRetry);
  }
}

void PeerSelection::came_up(Instant now, std::string_view name) {
  Held& held = *find_held(name);
  const std::optional<std::string> replaced = std::exchange(held.replaces, std::nullopt);
  if (replaced && find_held(*replaced) != nullptr) {
    const std::string newcomer(name);
    forget(*replaced);
    remove(*replaced, newcomer + " is up and takes its place");
    ++counters_.replacements;
    last_replacement_ = now;
    return;
  }
  // It was given up and is back before its substitute was up: nothing changes.
  const auto substitute = std::ranges::find_if(held_, [&](const Held& other) {
    return other.state == State::trial && other.replaces == std::string(name);
  });
  if (substitute == held_.end()) return;
  std::string unneeded = substitute->name;
  held_.erase(substitute);
  remove(std::move(unneeded), fmt::format("is not needed: {} is up again", name));
}

Duration PeerSelection::jittered(Duration duration) {
  const auto quarter = static_cast<std::uint64_t>(duration.count() / 4) + 1;
  return duration - Duration(static_cast<Duration::rep>(random_.below(quarter)));
}

}  // namespace thicket::node
