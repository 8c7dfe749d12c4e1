#include "routing/network.hpp"

#include <algorithm>

#include "crypto/invariant.hpp"
#include "routing/frame.hpp"

namespace thicket::routing::test {

std::size_t Network::add_node(KeyPair identity) {
  nodes_.push_back({std::move(identity), nullptr, std::nullopt});
  restart(nodes_.size() - 1);
  return nodes_.size() - 1;
}

void Network::restart(std::size_t node) {
  stop(node);
  nodes_[node].router =
      std::make_unique<Router>(nodes_[node].identity, cryptography_, random_, options_, now_);
  pump(node);
}

void Network::stop(std::size_t node) {
  for (std::size_t i = 0; i < wires_.size(); ++i) {
    if (wires_[i].ends[0] == node || wires_[i].ends[1] == node) unlink(i);
  }
  nodes_[node].router.reset();
  nodes_[node].wake.reset();
}

std::size_t Network::link(std::size_t a, std::size_t b, Duration latency, std::uint8_t priority) {
  INVARIANT(a != b && running(a) && running(b));
  const std::size_t handle = wires_.size();
  wires_.push_back({{a, b}, {LinkId{next_link_}, LinkId{next_link_ + 1}}, latency});
  next_link_ += 2;
  for (int end = 0; end < 2; ++end) {
    const Wire& wire = wires_[handle];
    wire_of_link_[wire.ids[end]] = {handle, end};
    nodes_[wire.ends[end]].router->link_up(
        now_, wire.ids[end], nodes_[wire.ends[1 - end]].identity.public_key(), priority);
  }
  pump(a);
  pump(b);
  return handle;
}

void Network::unlink(std::size_t handle) {
  Wire& wire = wires_[handle];
  if (!wire.up) return;
  wire.up = false;
  for (int end = 0; end < 2; ++end) {
    Node& node = nodes_[wire.ends[end]];
    if (node.router == nullptr) continue;
    node.router->link_down(now_, wire.ids[end]);
    pump(wire.ends[end]);
  }
}

void Network::stall(std::size_t handle) {
  wires_[handle].stalled = true;
}

void Network::unlink_stalled() {
  for (std::size_t handle = 0; handle < wires_.size(); ++handle) {
    if (wires_[handle].stalled) unlink(handle);
  }
}

void Network::forge(std::size_t handle, int end, Packet body) {
  schedule(now_.steady, {wires_[handle].ends[end], handle, std::move(body)});
}

std::size_t Network::index_of(const PublicKey& key) const {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].identity.public_key() == key) return i;
  }
  return nodes_.size();
}

void Network::send(std::size_t from, std::size_t to, std::vector<std::uint8_t> payload) {
  nodes_[from].router->send(now_, nodes_[to].identity.public_key(), Packet::copy_of(payload));
  pump(from);
}

void Network::take_part(std::size_t a, std::size_t b) {
  nodes_[a].router->peer_takes_part(now_, nodes_[b].identity.public_key());
  pump(a);
  nodes_[b].router->peer_takes_part(now_, nodes_[a].identity.public_key());
  pump(b);
}

std::optional<TraceId> Network::trace_lookup(std::size_t from, const PublicKey& asked) {
  const auto id = nodes_[from].router->trace_lookup(now_, asked);
  pump(from);
  return id;
}

void Network::schedule(Instant at, Event event) {
  events_.emplace(std::make_pair(at, sequence_++), std::move(event));
}

void Network::pump(std::size_t index) {
  Node& node = nodes_[index];
  if (node.router == nullptr) return;
  std::vector<LinkId> to_close;
  while (auto action = node.router->next_action()) {
    if (auto* ready = std::get_if<LinkReady>(&*action)) {
      drain_link(index, ready->link);
    } else if (auto* close = std::get_if<CloseLink>(&*action)) {
      closed.push_back({index, close->reason});
      to_close.push_back(close->link);
    } else if (auto* deliver = std::get_if<DeliverPayload>(&*action)) {
      const ByteView bytes = std::as_const(deliver->payload).bytes();
      deliveries.push_back({index, deliver->source, {bytes.begin(), bytes.end()}});
    } else if (auto* traced = std::get_if<LookupTraced>(&*action)) {
      traces.push_back(std::move(*traced));
    }
  }
  if (check_every_event) node.router->check_invariants();
  for (const LinkId id : to_close) unlink(wire_of_link_.at(id).first);
  if (node.router == nullptr) return;
  const auto deadline = node.router->next_deadline();
  if (!deadline) return;
  const Instant at = std::max(*deadline, now_.steady);
  if (node.wake && *node.wake <= at && *node.wake >= now_.steady) return;
  node.wake = at;
  schedule(at, {index, kWake, {}});
}

void Network::drain_link(std::size_t index, LinkId id) {
  const auto [handle, end] = wire_of_link_.at(id);
  Wire& wire = wires_[handle];
  while (auto frame = nodes_[index].router->next_frame(now_, id)) {
    if (!wire.up) continue;
    ++frames;
    const std::size_t target = wire.ends[1 - end];
    if (on_frame) on_frame(index, target, std::as_const(*frame).bytes());
    if (wire.stalled) continue;
    frame->pop_front((*decode_length(std::as_const(*frame).bytes()))->prefix_size);
    schedule(now_.steady + wire.latency, {target, handle, std::move(*frame)});
  }
}

void Network::handle(Event event) {
  Node& node = nodes_[event.node];
  if (node.router == nullptr) return;
  if (event.wire == kWake) {
    if (node.wake != now_.steady) return;  // an earlier wake-up took its place
    node.wake.reset();
    node.router->tick(now_);
  } else {
    const Wire& wire = wires_[event.wire];
    if (!wire.up) return;
    const LinkId id = wire.ids[wire.ends[0] == event.node ? 0 : 1];
    node.router->link_heard(now_, id);
    node.router->receive(now_, id, std::move(event.body));
  }
  pump(event.node);
}

void Network::run_for(Duration time) {
  run_until([] { return false; }, time);
}

std::optional<Duration> Network::run_until(const std::function<bool()>& done, Duration limit) {
  const Instant start = now_.steady;
  const Instant end = start + limit;
  const std::uint64_t unix_start = now_.unix_seconds;
  while (!events_.empty() && events_.begin()->first.first <= end) {
    // All events of one moment count as one: in between, nodes are in the middle of things.
    const bool time_passes = events_.begin()->first.first > now_.steady;
    if (time_passes && done()) return now_.steady - start;
    auto event = events_.extract(events_.begin());
    now_.steady = event.key().first;
    now_.unix_seconds =
        unix_start +
        static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::seconds>(now_.steady - start).count());
    handle(std::move(event.mapped()));
  }
  if (done()) return now_.steady - start;
  now_.steady = end;
  return std::nullopt;
}

std::set<std::pair<std::size_t, std::size_t>> Network::edges() const {
  std::set<std::pair<std::size_t, std::size_t>> edges;
  for (const Wire& wire : wires_) {
    if (wire.up && !wire.stalled) edges.insert(std::minmax(wire.ends[0], wire.ends[1]));
  }
  return edges;
}

}  // namespace thicket::routing::test
