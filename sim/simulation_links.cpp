#include <utility>

#include "crypto/invariant.hpp"
#include "sim/simulation.hpp"

// The part of Simulation that moves frames: links, their connections, and what travels on them.
namespace thicket::sim {

namespace {

std::uint8_t other(std::uint8_t side) {
  return static_cast<std::uint8_t>(1 - side);
}

}  // namespace

// --- links ---------------------------------------------------------------------------------------

LinkIndex Simulation::add_link(NodeIndex a, NodeIndex b, LinkProperties properties) {
  INVARIANT(a != b && a < nodes_.size() && b < nodes_.size());
  const auto index = static_cast<LinkIndex>(links_.size());
  links_.push_back({.ends = {a, b}, .properties = properties});
  nodes_[a].links.push_back(index);
  nodes_[b].links.push_back(index);
  consider_dial(index);
  return index;
}

void Simulation::set_properties(LinkIndex link, LinkProperties properties) {
  links_[link].properties = properties;
}

void Simulation::cut(LinkIndex index) {
  VirtualLink& link = links_[index];
  // One that is out of reach may still have connections.
  const auto open = [&](std::uint8_t side) { return !open_connections(index, side).empty(); };
  if (!link.enabled && !open(0) && !open(1)) return;
  link.enabled = false;
  for (std::uint8_t side = 0; side < 2; ++side) {
    for (const std::uint32_t connection : open_connections(index, side)) {
      close({connection, side}, false);
    }
  }
  tell([&](Observer& observer) { observer.link_changed(now_, index); });
}

void Simulation::block(LinkIndex index, std::uint8_t end) {
  links_[index].blocked[end] = true;
  tell([&](Observer& observer) { observer.link_changed(now_, index); });
}

void Simulation::stall(LinkIndex index) {
  links_[index].blocked = {true, true};
  tell([&](Observer& observer) { observer.link_changed(now_, index); });
}

void Simulation::lose(LinkIndex index) {
  links_[index].enabled = false;
  stall(index);
}

void Simulation::restore(LinkIndex index) {
  VirtualLink& link = links_[index];
  if (link.enabled && !link.blocked[0] && !link.blocked[1]) return;
  link.enabled = true;
  link.blocked = {false, false};
  release_held(index);
  consider_dial(index);
  tell([&](Observer& observer) { observer.link_changed(now_, index); });
}

bool Simulation::usable(LinkIndex index) const {
  const VirtualLink& link = links_[index];
  return link.enabled && !link.blocked[0] && !link.blocked[1] && running(link.ends[0]) &&
         running(link.ends[1]);
}

bool Simulation::connected(LinkIndex index) const {
  const VirtualLink& link = links_[index];
  const std::uint32_t connection = link.connection[0];
  return connection != kNoConnection && connection == link.connection[1];
}

// --- connections ---------------------------------------------------------------------------------

std::vector<std::uint32_t> Simulation::open_connections(LinkIndex index, std::uint8_t side) const {
  std::vector<std::uint32_t> open;
  for (const std::uint32_t connection : links_[index].lives) {
    if (connections_[connection].open[side]) open.push_back(connection);
  }
  return open;
}

NodeIndex Simulation::node_at(End end) const {
  return connections_[end.connection].ends[end.side];
}

bool Simulation::flows_from(End sender) const {
  const VirtualLink& link = links_[connections_[sender.connection].link];
  return !link.blocked[sender.side];
}

/// Sees to it that two nodes that could be connected will be.
void Simulation::consider_dial(LinkIndex index) {
  VirtualLink& link = links_[index];
  if (link.dialling || !usable(index) || connected(index)) return;
  link.dialling = true;
  const LinkProperties& properties = link.properties;
  Duration delay = properties.set_up > Duration{} ? properties.set_up : 3 * properties.latency;
  if (link.was_connected) delay += properties.redial;
  events_.push({now_.steady + delay, EventKind::dial, 0, index, {}});
}

void Simulation::connect(LinkIndex index) {
  VirtualLink& link = links_[index];
  link.dialling = false;
  if (!usable(index) || connected(index)) return;
  link.was_connected = true;
  const auto connection = static_cast<std::uint32_t>(connections_.size());
  connections_.push_back({.link = index, .ends = link.ends});
  std::erase_if(link.lives, [this](std::uint32_t life) {
    return !connections_[life].open[0] && !connections_[life].open[1];
  });
  link.lives.push_back(connection);
  link.connection = {connection, connection};
  for (std::uint8_t side = 0; side < 2; ++side) {
    const NodeIndex node = link.ends[side];
    const NodeIndex peer = link.ends[other(side)];
    record(TraceKind::link_up, node, peer);
    nodes_[node].endpoint->link_up(time_at(nodes_[node]), id_of({connection, side}), key(peer),
                                   link.properties.priority);
    if (options_.dht) nodes_[node].endpoint->peer_takes_part(time_at(nodes_[node]), key(peer));
  }
  pump(link.ends[0]);
  pump(link.ends[1]);
  tell([&](Observer& observer) { observer.link_changed(now_, index); });
}

void Simulation::close(End end, bool tell_other) {
  Connection& connection = connections_[end.connection];
  if (!connection.open[end.side]) return;
  connection.open[end.side] = false;
  const LinkIndex index = connection.link;
  VirtualLink& link = links_[index];
  if (link.connection[end.side] == end.connection) link.connection[end.side] = kNoConnection;
  for (const Packet& body : std::exchange(connection.held[end.side], {})) {
    lose_frame(end, body.bytes(), LossCause::link_cut);
  }
  const NodeIndex node = node_at(end);
  record(TraceKind::link_down, node, link.ends[other(end.side)]);
  const End peer{end.connection, other(end.side)};
  if (tell_other && connection.open[peer.side] && flows_from(end)) {
    const Instant at =
        std::max(connection.last_arrival[end.side], now_.steady + link.properties.latency);
    events_.push({at, EventKind::remote_closed, peer.side, peer.connection, {}});
  }
  if (running(node)) {
    nodes_[node].endpoint->link_down(time_at(nodes_[node]), id_of(end));
    pump(node);
  }
  consider_dial(index);
  tell([&](Observer& observer) { observer.link_changed(now_, index); });
}

void Simulation::remote_closed(End end) {
  if (flows_from({end.connection, other(end.side)})) close(end, false);
}

// --- frames --------------------------------------------------------------------------------------

/// Takes frames from the router's queue for as long as the link takes them.
void Simulation::drain(End end) {
  Connection& connection = connections_[end.connection];
  const NodeIndex node = node_at(end);
  while (running(node) && connection.open[end.side] && !connection.busy[end.side] &&
         connection.held_bytes[end.side] < kSocketBuffer) {
    auto frame = nodes_[node].endpoint->next_frame(time_at(nodes_[node]), id_of(end));
    if (!frame) return;
    const auto prefix = routing::decode_length(std::as_const(*frame).bytes());
    frame->pop_front((*prefix)->prefix_size);
    const Behaviour* behaviour = nodes_[node].behaviour.get();
    if (behaviour != nullptr &&
        !nodes_[node].behaviour->lets_out(now_, std::as_const(*frame).bytes())) {
      lose_frame(end, std::as_const(*frame).bytes(), LossCause::adversary);
      continue;
    }
    transmit(end, std::move(*frame));
  }
}

void Simulation::inject(NodeIndex node, std::optional<NodeIndex> peer, ByteView body) {
  INVARIANT(running(node) && !body.empty());
  for (const LinkIndex index : nodes_[node].links) {
    const VirtualLink& link = links_[index];
    const std::uint8_t side = link.ends[0] == node ? 0 : 1;
    if (link.connection[side] == kNoConnection) continue;
    if (peer && link.ends[other(side)] != *peer) continue;
    transmit({link.connection[side], side}, Packet::copy_of(body));
  }
}

void Simulation::transmit(End sender, Packet body) {
  Connection& connection = connections_[sender.connection];
  const LinkProperties& properties = links_[connection.link].properties;
  const ByteView bytes = std::as_const(body).bytes();
  record(TraceKind::frame_sent, node_at(sender), node_at({sender.connection, other(sender.side)}),
         bytes);
  tell([&](Observer& observer) { observer.frame_sent(frame_event(sender, bytes)); });
  if (properties.bits_per_second > 0) {
    const std::uint64_t nanoseconds =
        frame_event(sender, bytes).wire_bytes * 8 * 1'000'000'000 / properties.bits_per_second;
    connection.busy[sender.side] = true;
    connection.transmitting[sender.side] = Duration(nanoseconds);
    events_.push({now_.steady + Duration(nanoseconds),
                  EventKind::link_free,
                  sender.side,
                  sender.connection,
                  {}});
  }
  if (properties.loss_per_million > 0 && random_.below(1'000'000) < properties.loss_per_million) {
    lose_frame(sender, bytes, LossCause::random);
    return;
  }
  if (flows_from(sender)) {
    launch(sender, std::move(body));
  } else {
    connection.held_bytes[sender.side] += body.size();
    connection.held[sender.side].push_back(std::move(body));
  }
}

void Simulation::launch(End sender, Packet body) {
  Connection& connection = connections_[sender.connection];
  const LinkProperties& properties = links_[connection.link].properties;
  Duration delay = properties.latency + connection.transmitting[sender.side];
  if (properties.jitter > Duration{}) delay += random_.uniform(Duration{}, properties.jitter);
  Instant& last = connection.last_arrival[sender.side];
  last = std::max(last, now_.steady + delay);
  events_.push({last, EventKind::arrival, other(sender.side), sender.connection, std::move(body)});
}

void Simulation::receive(End receiver, Packet body) {
  Connection& connection = connections_[receiver.connection];
  const End sender{receiver.connection, other(receiver.side)};
  const NodeIndex index = node_at(receiver);
  const ByteView bytes = std::as_const(body).bytes();
  if (!flows_from(sender)) {
    // It was on its way when the direction went silent.
    if (!connection.open[sender.side]) return lose_frame(sender, bytes, LossCause::link_cut);
    connection.held_bytes[sender.side] += body.size();
    connection.held[sender.side].push_back(std::move(body));
    return;
  }
  if (!running(index)) return lose_frame(sender, bytes, LossCause::node_down);
  if (!connection.open[receiver.side]) {
    // The host knows of no such connection, and says so.
    if (connection.open[sender.side] && flows_from(receiver)) {
      const Duration latency = links_[connection.link].properties.latency;
      events_.push(
          {now_.steady + latency, EventKind::remote_closed, sender.side, sender.connection, {}});
    }
    return lose_frame(sender, bytes, LossCause::link_cut);
  }
  Node& node = nodes_[index];
  if (node.behaviour != nullptr && !node.behaviour->lets_in(now_, bytes)) {
    return lose_frame(sender, bytes, LossCause::adversary);
  }
  record(TraceKind::frame_received, index, node_at(sender), bytes);
  tell([&](Observer& observer) { observer.frame_received(frame_event(sender, bytes)); });
  node.endpoint->link_heard(time_at(node), id_of(receiver));
  node.endpoint->receive(time_at(node), id_of(receiver), std::move(body));
  pump(index);
}

/// What a blocked direction held back arrives now, as a stream repeats what was lost.
void Simulation::release_held(LinkIndex index) {
  for (const std::uint32_t life : std::vector(links_[index].lives)) {
    for (std::uint8_t side = 0; side < 2; ++side) {
      Connection& connection = connections_[life];
      connection.held_bytes[side] = 0;
      for (Packet& body : std::exchange(connection.held[side], {})) {
        launch({life, side}, std::move(body));
      }
      drain({life, side});
    }
  }
}

void Simulation::lose_frame(End sender, ByteView body, LossCause cause) {
  record(TraceKind::frame_lost, node_at(sender), node_at({sender.connection, other(sender.side)}),
         body);
  tell([&](Observer& observer) { observer.frame_lost(frame_event(sender, body), cause); });
}

FrameEvent Simulation::frame_event(End sender, ByteView body) const {
  const std::size_t prefix = body.size() < 0x80 ? 1 : body.size() < 0x4000 ? 2 : 3;
  return {now_,
          node_at(sender),
          node_at({sender.connection, other(sender.side)}),
          connections_[sender.connection].link,
          static_cast<routing::FrameType>(body[0]),
          body,
          body.size() + prefix};
}

}  // namespace thicket::sim
