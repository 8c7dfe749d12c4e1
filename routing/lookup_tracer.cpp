#include "routing/lookup_tracer.hpp"

#include <algorithm>
#include <utility>

#include "routing/dht_directory.hpp"

namespace thicket::routing {

namespace {

TracedPath traced(const dht::PathRecord& record) {
  return {record.key, record.coords, record.seq};
}

}  // namespace

LookupWay way_of(const LookupTrace& trace) {
  if (trace.own) return LookupWay::own;
  if (trace.known) return LookupWay::known;
  if (trace.walk.held) return LookupWay::dht;
  const bool by_filters = trace.filters.answer.has_value();
  if (trace.walk.record && (!by_filters || trace.walk.took <= trace.filters.took)) {
    return LookupWay::dht;
  }
  return by_filters ? LookupWay::filters : LookupWay::none;
}

std::optional<TracedPath> found_by(const LookupTrace& trace) {
  switch (way_of(trace)) {
    case LookupWay::none:
      return std::nullopt;
    case LookupWay::own:
    case LookupWay::known:
      return trace.known;
    case LookupWay::filters:
      return trace.filters.answer;
    case LookupWay::dht:
      break;
  }
  const auto& held = trace.walk.held;
  const auto& record = trace.walk.record;
  return traced(!held || (record && record->seq > held->seq) ? *record : *held);
}

std::optional<TraceId> LookupTracer::start(Time now, const PublicKey& asked) {
  if (running_.size() >= dht::limits::kWalks) return std::nullopt;
  const TraceId id{++last_id_};
  const auto entry = running_.emplace(id.value, Running{}).first;
  Running& running = entry->second;
  running.trace = std::make_unique<LookupTrace>();
  running.trace->asked = asked;
  running.wanted = LookupKey::of(asked);
  running.began = now.steady;
  if (running.wanted == LookupKey::of(own_)) {
    const dht::PathRecord own = paths_.own_record(now);
    running.trace->own = true;
    running.trace->known = traced(own);
    running.walking = false;
    end_if_done(entry);
    return id;
  }
  running.trace->known = known_path(running.wanted);
  running.trace->filters.peers_asked = paths_.ask_filters(asked);
  if (running.trace->filters.peers_asked != 0) {
    running.filters_until = now.steady + dht::limits::kTraceFilterTime;
  }
  running.walking = directory_.walk(now, id.value, asked);
  end_if_done(entry);
  return id;
}

/// Broken ones lead nowhere.
std::optional<TracedPath> LookupTracer::known_path(const LookupKey& wanted) const {
  for (const auto& [key, path] : paths_.paths()) {
    if (path.lookup_key == wanted && !path.broken) return TracedPath{key, path.wire, path.seq};
  }
  return std::nullopt;
}

bool LookupTracer::expects(const PublicKey& source) const {
  if (running_.empty()) return false;
  const LookupKey key = LookupKey::of(source);
  return std::ranges::any_of(running_, [&key](const auto& entry) {
    return entry.second.wanted == key && entry.second.filters_until.has_value();
  });
}

void LookupTracer::told(Time now, const PathNotify& notify) {
  const LookupKey key = LookupKey::of(notify.source);
  for (auto it = running_.begin(); it != running_.end();) {
    const auto entry = it++;
    Running& running = entry->second;
    if (running.wanted != key || !running.filters_until) continue;
    running.filters_until.reset();
    FilterTrace& filters = running.trace->filters;
    filters.answer = TracedPath{
        notify.source, {notify.coords.wire().begin(), notify.coords.wire().end()}, notify.seq};
    filters.took = now.steady - running.began;
    end_if_done(entry);
  }
}

void LookupTracer::walk_ended(Time, const dht::WalkEnded& ended) {
  const auto entry = running_.find(ended.id);
  if (entry == running_.end()) return;
  entry->second.walking = false;
  entry->second.trace->walk = std::move(*ended.trace);
  end_if_done(entry);
}

void LookupTracer::tick(Time now) {
  for (auto it = running_.begin(); it != running_.end();) {
    const auto entry = it++;
    std::optional<Instant>& until = entry->second.filters_until;
    if (!until || *until > now.steady) continue;
    until.reset();
    end_if_done(entry);
  }
}

std::optional<Instant> LookupTracer::next_deadline() const {
  std::optional<Instant> next;
  for (const auto& [id, running] : running_) {
    const auto& until = running.filters_until;
    if (until && (!next || *until < *next)) next = until;
  }
  return next;
}

/// Both ways are awaited, though one has found the node already: whoever asks wants to know of
/// both.
void LookupTracer::end_if_done(std::map<std::uint64_t, Running>::iterator entry) {
  Running& running = entry->second;
  if (running.walking || running.filters_until) return;
  actions_.emplace_back(LookupTraced{TraceId{entry->first}, std::move(running.trace)});
  running_.erase(entry);
}

}  // namespace thicket::routing
