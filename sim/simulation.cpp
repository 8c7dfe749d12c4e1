#include "sim/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "crypto/invariant.hpp"
#include "sim/cached_cryptography.hpp"
#include "sim/fast_cryptography.hpp"

namespace thicket::sim {

namespace {

// Streams of randomness that must not depend on each other.
constexpr std::uint64_t kKeyStream = 1;
constexpr std::uint64_t kLifeStream = 2;
constexpr std::uint64_t kLinkStream = 3;

/// Where virtual time starts: far enough from zero that the past exists.
constexpr Duration kStart = std::chrono::seconds(1000);
constexpr std::uint64_t kStartUnixSeconds = 1'700'000'000;

[[noreturn]] void throw_violation(const char* what, const char* file, int line) {
  throw InvariantViolation(fmt::format("{} ({}:{})", what, file, line));
}

std::unique_ptr<Cryptography> make_cryptography(CryptographyKind kind) {
  if (kind == CryptographyKind::fast) return std::make_unique<FastCryptography>();
  return std::make_unique<CachedCryptography>();
}

ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Simulation::Simulation(SimulationOptions options)
    : options_(std::move(options)),
      cryptography_(make_cryptography(options_.cryptography)),
      random_(Prng(options_.seed).fork(kLinkStream)),
      now_{Instant{} + kStart, kStartUnixSeconds},
      start_(now_.steady),
      trace_(options_.trace_length) {
  INVARIANT(options_.invariant_interval > 0);
  set_invariant_handler(throw_violation);
}

Simulation::~Simulation() = default;

// --- nodes ---------------------------------------------------------------------------------------

NodeIndex Simulation::add_node() {
  Prng random = Prng(options_.seed).fork(kKeyStream).fork(nodes_.size());
  return add_node(KeyPair::generate(random));
}

NodeIndex Simulation::add_node(KeyPair identity) {
  const auto index = static_cast<NodeIndex>(nodes_.size());
  const auto [place, fresh] = index_of_.emplace(identity.public_key(), index);
  INVARIANT(fresh);
  nodes_.push_back(Node{std::move(identity), Prng(options_.seed)});
  return index;
}

std::size_t Simulation::KeyHash::operator()(const PublicKey& key) const {
  // The first bytes of a low key may all be zero.
  std::size_t hash = 0;
  std::memcpy(&hash, key.bytes.data() + key.bytes.size() - sizeof(hash), sizeof(hash));
  return hash;
}

std::optional<NodeIndex> Simulation::find(const PublicKey& key) const {
  const auto place = index_of_.find(key);
  if (place == index_of_.end()) return std::nullopt;
  return place->second;
}

Time Simulation::time_at(const Node& node) const {
  return {now_.steady, now_.unix_seconds + static_cast<std::uint64_t>(node.clock_offset)};
}

void Simulation::start(NodeIndex index) {
  Node& node = nodes_[index];
  if (node.endpoint != nullptr) return;
  ++node.life;
  node.random = Prng(options_.seed).fork(kLifeStream).fork(index).fork(node.life);
  node.endpoint = std::make_unique<routing::Endpoint>(
      node.identity, *cryptography_, node.random, options_.router, options_.session, time_at(node));
  node.events_until_check = options_.invariant_interval;
  record(TraceKind::node_started, index);
  tell([&](Observer& observer) { observer.node_started(now_, index); });
  tell([&](Observer& observer) { observer.position_changed(now_, index); });
  for (const LinkIndex link : node.links) consider_dial(link);
  pump(index);
  if (node.behaviour != nullptr) node.behaviour->started(*this, index);
}

void Simulation::stop(NodeIndex index) {
  if (!running(index)) return;
  record(TraceKind::node_stopped, index);
  end_connections(index, true);
}

void Simulation::crash(NodeIndex index) {
  if (!running(index)) return;
  record(TraceKind::node_crashed, index);
  end_connections(index, false);
}

void Simulation::end_connections(NodeIndex index, bool tell_others) {
  Node& node = nodes_[index];
  node.endpoint.reset();
  node.queued_wake.reset();
  for (const LinkIndex link : node.links) {
    const std::uint8_t side = links_[link].ends[0] == index ? 0 : 1;
    for (const std::uint32_t connection : open_connections(link, side)) {
      close({connection, side}, tell_others);
    }
  }
  tell([&](Observer& observer) { observer.node_stopped(now_, index); });
}

void Simulation::set_clock_offset(NodeIndex node, std::int64_t seconds) {
  nodes_[node].clock_offset = seconds;
}

void Simulation::set_behaviour(NodeIndex node, std::unique_ptr<Behaviour> behaviour) {
  nodes_[node].behaviour = std::move(behaviour);
  if (nodes_[node].behaviour != nullptr && running(node)) {
    nodes_[node].behaviour->started(*this, node);
  }
}

// --- traffic -------------------------------------------------------------------------------------

void Simulation::send(NodeIndex from, const PublicKey& to, ByteView data) {
  INVARIANT(running(from));
  nodes_[from].endpoint->send(time_at(nodes_[from]), to, Packet::copy_of(data));
  pump(from);
}

void Simulation::lookup(NodeIndex from, const PublicKey& key_or_partial_key) {
  INVARIANT(running(from));
  nodes_[from].endpoint->lookup(time_at(nodes_[from]), key_or_partial_key);
  pump(from);
}

// --- time ----------------------------------------------------------------------------------------

void Simulation::at(Instant when, std::function<void()> call) {
  INVARIANT(when >= now_.steady);
  calls_.emplace(next_call_, std::move(call));
  events_.push({when, EventKind::call, 0, next_call_++, {}});
}

void Simulation::run_for(Duration time) {
  run_until([] { return false; }, time);
}

bool Simulation::run_until(const std::function<bool()>& done, Duration limit) {
  const Instant end = now_.steady + limit;
  for (;;) {
    // What happens at one moment belongs together: nodes act on it once, when all has arrived.
    while (!events_.empty() && events_.next_at() <= now_.steady) handle(events_.pop());
    if (!due_.empty()) {
      for (const NodeIndex node : std::exchange(due_, {})) tick(node);
      continue;
    }
    if (done()) return true;
    const bool more = !events_.empty() && events_.next_at() <= end;
    now_.steady = more ? events_.next_at() : end;
    now_.unix_seconds =
        kStartUnixSeconds +
        static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::seconds>(now_.steady - start_).count());
    if (!more) return false;
  }
}

void Simulation::handle(Event event) {
  ++events_handled_;
  const End end{event.target, event.end};
  switch (event.kind) {
    case EventKind::wake: {
      Node& node = nodes_[event.target];
      if (node.queued_wake != event.at) return;  // an earlier one took its place
      node.queued_wake.reset();
      if (running(event.target)) schedule_wake(event.target);
      return;
    }
    case EventKind::arrival:
      receive(end, std::move(event.body));
      return;
    case EventKind::link_free:
      connections_[end.connection].busy[end.side] = false;
      drain(end);
      return;
    case EventKind::remote_closed:
      remote_closed(end);
      return;
    case EventKind::dial:
      connect(event.target);
      return;
    case EventKind::call: {
      const auto call = calls_.extract(event.target);
      call.mapped()();
      return;
    }
  }
}

void Simulation::tick(NodeIndex index) {
  Node& node = nodes_[index];
  node.due = false;
  if (node.endpoint == nullptr) return;
  ++events_handled_;
  record(TraceKind::tick, index);
  node.endpoint->tick(time_at(node));
  pump(index);
}

/// Does all that the node asks for, then sees to it that it is called again.
void Simulation::pump(NodeIndex index) {
  Node& node = nodes_[index];
  std::vector<End> to_close;
  while (node.endpoint != nullptr) {
    auto action = node.endpoint->next_action();
    if (!action) break;
    if (const auto* ready = std::get_if<routing::LinkReady>(&*action)) {
      drain(end_of(ready->link));
    } else if (const auto* close = std::get_if<routing::CloseLink>(&*action)) {
      to_close.push_back(end_of(close->link));
      tell([&](Observer& observer) { observer.link_closed(now_, index, close->reason); });
    } else if (const auto* deliver = std::get_if<routing::Deliver>(&*action)) {
      const ByteView data = deliver->data.bytes();
      record(TraceKind::delivered, index, find(deliver->from).value_or(kNoNode), data);
      tell([&](Observer& observer) { observer.delivered(now_, index, deliver->from, data); });
    } else if (const auto* found = std::get_if<routing::PathFound>(&*action)) {
      record(TraceKind::path_found, index, find(found->key).value_or(kNoNode));
      tell([&](Observer& observer) { observer.path_found(now_, index, found->key); });
    }
  }
  if (node.endpoint == nullptr) return;
  if (--node.events_until_check == 0) {
    node.events_until_check = options_.invariant_interval;
    router(index).check_invariants();
  }
  if (const std::uint64_t epoch = router(index).tree_epoch(); epoch != node.tree_epoch) {
    node.tree_epoch = epoch;
    tell([&](Observer& observer) { observer.position_changed(now_, index); });
  }
  for (const End end : to_close) close(end, true);
  schedule_wake(index);
}

void Simulation::schedule_wake(NodeIndex index) {
  Node& node = nodes_[index];
  const auto deadline = node.endpoint->next_deadline();
  if (!deadline) return;
  if (*deadline <= now_.steady) {
    if (!std::exchange(node.due, true)) due_.push_back(index);
    return;
  }
  // A queued one that comes too early is cheaper than many in the queue.
  if (node.queued_wake && *node.queued_wake <= *deadline) return;
  node.queued_wake = *deadline;
  events_.push({*deadline, EventKind::wake, 0, index, {}});
}

// --- watching ------------------------------------------------------------------------------------

void Simulation::add_observer(Observer& observer) {
  observers_.push_back(&observer);
}

void Simulation::remove_observer(Observer& observer) {
  std::erase(observers_, &observer);
}

void Simulation::record(TraceKind kind, NodeIndex node, NodeIndex peer, ByteView body) {
  TraceEvent event{0, elapsed(), kind, node, peer, 0, 0, 0};
  if (!body.empty()) {
    event.frame_type = body[0];
    event.size = static_cast<std::uint32_t>(body.size());
    event.digest = digest(body);
  }
  trace_.record(event);
}

void Simulation::note(NodeIndex node, std::string_view what) {
  record(TraceKind::note, node, kNoNode, bytes_of(what));
}

void Simulation::check_invariants() const {
  for (const Node& node : nodes_) {
    if (node.endpoint != nullptr) node.endpoint->router().check_invariants();
  }
}

}  // namespace thicket::sim
