#include "node/pings.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "node/echo.hpp"

namespace thicket::node {

bool Pings::start(Time now, const PublicKey& key_or_partial_key, const std::optional<Address>& host,
                  PingOptions options, Handler on_end) {
  if (pings_.size() >= kMost || !rate_.take(now.steady)) return false;
  options.timeout = std::clamp(options.timeout, Duration(0), kMostTimeout);
  options.data_size = std::clamp(options.data_size, kTokenSize, kMostData);
  const std::uint64_t id = ++last_id_;
  Ping& ping = pings_[id];
  ping.wanted = LookupKey::of(key_or_partial_key);
  ping.host = host;
  ping.options = options;
  ping.on_end = std::move(on_end);
  ping.stage_began = now.steady;
  ping.ends_at = now.steady + kConnectTime;
  if (const auto key = known_key(ping.wanted)) {
    found(now, id, *key);
  } else {
    actions_.push(FindPinged{key_or_partial_key});
  }
  return true;
}

/// Of a node that there is a path to.
std::optional<PublicKey> Pings::known_key(const LookupKey& wanted) const {
  for (const routing::PathInfo& path : endpoint_.router().paths()) {
    if (!path.broken && LookupKey::of(path.key) == wanted) return path.key;
  }
  return std::nullopt;
}

void Pings::resolved(Time now, const PublicKey& key) {
  if (pings_.empty()) return;
  const LookupKey found_key = LookupKey::of(key);
  std::vector<std::uint64_t> found_by;
  for (auto& [id, ping] : pings_) {
    if (ping.stage != Stage::finding || ping.wanted != found_key) continue;
    ping.outcome.lookup = now.steady - ping.stage_began;
    found_by.push_back(id);
  }
  for (const std::uint64_t id : found_by) found(now, id, key);
}

void Pings::found(Time now, std::uint64_t id, const PublicKey& key) {
  Ping& ping = pings_.at(id);
  // Lookups compare less than whole addresses: there is another node beside the one that is meant.
  if (ping.host && !belongs_to(*ping.host, key)) return;
  ping.outcome.key = key;
  ping.outcome.address = ping.host.value_or(Address::of(key));
  if (endpoint_.sessions().started(key)) {
    probe(now, id);
  } else {
    greet(now, id);
  }
}

/// Asks something else than probe() does, so that no late answer is taken for one to a probe.
void Pings::greet(Time now, std::uint64_t id) {
  Ping& ping = pings_.at(id);
  ping.stage = Stage::greeting;
  ping.stage_began = now.steady;
  ping.ends_at = now.steady + kConnectTime;
  queries_.ask(now, ping.outcome.key, Question::node_info,
               [this, id](const RemoteQueries::Answer& answer) {
                 const auto entry = pings_.find(id);
                 if (entry == pings_.end() || entry->second.stage != Stage::greeting) return;
                 if (!answer) return end(entry, PingOutcome::End::no_session);
                 const Time now_answered = queries_.now();
                 entry->second.outcome.session = now_answered.steady - entry->second.stage_began;
                 probe(now_answered, id);
               });
}

void Pings::probe(Time now, std::uint64_t id) {
  Ping& ping = pings_.at(id);
  ping.stage = Stage::probing;
  ping.stage_began = now.steady;
  ping.ends_at = now.steady + ping.options.timeout;
  if (ping.options.echo) send_echo(id, ping);
  if (ping.options.query) send_query(now, id);
}

void Pings::send_echo(std::uint64_t id, Ping& ping) {
  random_.fill(ping.token);
  std::vector<std::uint8_t> data(ping.options.data_size);
  std::ranges::copy(ping.token, data.begin());
  Echo echo;
  echo.source = Address::of(endpoint_.router().public_key());
  echo.destination = ping.outcome.address;
  echo.identifier = static_cast<std::uint16_t>(id >> 16);
  echo.sequence = static_cast<std::uint16_t>(id);
  Packet packet = make_echo(echo, data);
  packet.push_front(1)[0] = static_cast<std::uint8_t>(DataKind::ipv6);
  actions_.push(SendPing{ping.outcome.key, std::move(packet)});
}

void Pings::send_query(Time now, std::uint64_t id) {
  const Ping& ping = pings_.at(id);
  const RemoteQueries::Asking once{.timeout = ping.options.timeout, .repeat = false};
  queries_.ask(now, ping.outcome.key, Question::self, once,
               [this, id](const RemoteQueries::Answer& answer) {
                 const auto entry = pings_.find(id);
                 if (entry == pings_.end() || !answer) return;  // tick() ends what is late
                 const Instant now_answered = queries_.now().steady;
                 entry->second.outcome.query = now_answered - entry->second.stage_began;
                 answered(now_answered, entry);
               });
}

bool Pings::from_mesh(Time now, const PublicKey& from, ByteView packet) {
  if (pings_.empty()) return false;
  const std::optional<Echo> echo = parse_echo(packet);
  if (!echo || !echo->reply || echo_data(packet).size() < kTokenSize) return false;
  const ByteView token = echo_data(packet).first(kTokenSize);
  const auto entry = std::ranges::find_if(pings_, [&](const auto& item) {
    const Ping& ping = item.second;
    return ping.stage == Stage::probing && ping.options.echo && !ping.outcome.echo &&
           ping.outcome.key == from && ping.outcome.address == echo->source &&
           std::ranges::equal(ping.token, token);
  });
  if (entry == pings_.end()) return false;
  entry->second.outcome.echo = now.steady - entry->second.stage_began;
  answered(now.steady, entry);
  return true;
}

void Pings::answered(Instant now, Entry entry) {
  Ping& ping = entry->second;
  const bool all =
      (!ping.options.echo || ping.outcome.echo) && (!ping.options.query || ping.outcome.query);
  if (all) return end(entry, PingOutcome::End::answered);
  const Duration took = now - ping.stage_began;
  ping.ends_at = std::min(ping.ends_at, now + std::max(kGrace, took));
}

void Pings::end(Entry entry, PingOutcome::End how) {
  auto node = pings_.extract(entry);
  node.mapped().outcome.end = how;
  node.mapped().on_end(node.mapped().outcome);
}

void Pings::tick(Time now) {
  for (auto it = pings_.begin(); it != pings_.end();) {
    const auto entry = it++;
    const Ping& ping = entry->second;
    if (ping.ends_at > now.steady) continue;
    if (ping.stage == Stage::greeting && endpoint_.sessions().started(ping.outcome.key)) {
      probe(now, entry->first);  // it did not tell who it is
      continue;
    }
    const bool any = ping.outcome.echo || ping.outcome.query;
    end(entry, any                             ? PingOutcome::End::answered
               : ping.stage == Stage::probing  ? PingOutcome::End::silent
               : ping.stage == Stage::greeting ? PingOutcome::End::no_session
                                               : PingOutcome::End::not_found);
  }
}

std::optional<Instant> Pings::next_deadline() const {
  std::optional<Instant> earliest;
  for (const auto& [id, ping] : pings_) {
    if (!earliest || ping.ends_at < *earliest) earliest = ping.ends_at;
  }
  return earliest;
}

}  // namespace thicket::node
