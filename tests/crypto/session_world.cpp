#include "crypto/session_world.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

namespace thicket::test {

namespace {

constexpr std::uint64_t kWallStart = 1'800'000'000;

void check(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

}  // namespace

SessionWorld::SessionWorld(std::uint64_t seed, const std::vector<Kind>& kinds) : random_(seed) {
  nodes_.reserve(kinds.size());
  for (const Kind kind : kinds) {
    nodes_.push_back({kind, KeyPair::generate(random_), nullptr});
    start(nodes_.back());
  }
}

Time SessionWorld::now() const {
  const auto passed = std::chrono::duration_cast<std::chrono::seconds>(now_.time_since_epoch());
  return {now_, kWallStart + static_cast<std::uint64_t>(passed.count())};
}

Time SessionWorld::time_of(const Node& node) const {
  Time time = now();
  time.unix_seconds += static_cast<std::uint64_t>(node.wall_offset);
  if (node.wall_stopped_at) time.unix_seconds = *node.wall_stopped_at;
  return time;
}

void SessionWorld::start(Node& node) {
  node.peer = node.kind == Kind::own ? make_own_peer(node.identity, random_)
                                     : make_stock_peer(node.identity, random_);
}

void SessionWorld::restart(std::size_t node) {
  start(nodes_[node]);
}

void SessionWorld::stop_wall_clock(std::size_t node, bool stopped) {
  const std::uint64_t at = time_of(nodes_[node]).unix_seconds;
  nodes_[node].wall_stopped_at = stopped ? std::optional(at) : std::nullopt;
}

void SessionWorld::set_back(std::size_t node, std::uint64_t seconds) {
  nodes_[node].wall_offset -= static_cast<std::int64_t>(seconds);
}

std::size_t SessionWorld::index_of(const PublicKey& key) const {
  const auto found = std::ranges::find_if(
      nodes_, [&key](const Node& node) { return node.identity.public_key() == key; });
  check(found != nodes_.end(), "an unknown node");
  return static_cast<std::size_t>(found - nodes_.begin());
}

std::uint64_t SessionWorld::send(std::size_t from, std::size_t to) {
  const std::uint64_t number = sent_.size();
  sent_[number] = {from, to};
  std::vector<std::uint8_t> data(sizeof number + random_.below(200), 0x6e);
  std::memcpy(data.data(), &number, sizeof number);
  nodes_[from].peer->send(time_of(nodes_[from]), nodes_[to].identity.public_key(),
                          Packet::copy_of(data));
  collect(from);
  return number;
}

void SessionWorld::collect(std::size_t node) {
  while (auto action = nodes_[node].peer->next_action()) {
    if (const auto* transmitted = std::get_if<crypto::TransmitPayload>(&*action)) {
      transmit(node, transmitted->to, transmitted->payload.bytes());
    } else {
      deliver(node, std::get<crypto::DeliverData>(*action));
    }
  }
}

void SessionWorld::transmit(std::size_t from, const PublicKey& to, ByteView bytes) {
  history_.push_back({from, index_of(to), {bytes.begin(), bytes.end()}});
  if (random_.below(100) >= network_.lost_percent) schedule(history_.size() - 1);
  if (random_.below(100) < network_.duplicated_percent) schedule(history_.size() - 1);
}

void SessionWorld::schedule(std::size_t message) {
  const auto spread = static_cast<std::uint64_t>((network_.longest - network_.shortest).count());
  const Duration delay =
      network_.shortest + Duration(static_cast<std::int64_t>(random_.below(spread + 1)));
  in_flight_[{now_ + delay, scheduled_++}] = message;
}

void SessionWorld::replay() {
  if (history_.empty()) return;
  Message message = history_[random_.below(history_.size())];
  // The key numbers of traffic are not authenticated.
  if (message.bytes[0] == 3 && random_.below(2) == 0) {
    message.bytes[1 + random_.below(2)] = static_cast<std::uint8_t>(random_.below(6));
  }
  history_.push_back(std::move(message));
  schedule(history_.size() - 1);
}

void SessionWorld::deliver(std::size_t to, const crypto::DeliverData& data) {
  const ByteView bytes = data.data.bytes();
  std::uint64_t number = 0;
  check(bytes.size() >= sizeof number, "data cut short");
  std::memcpy(&number, bytes.data(), sizeof number);
  const auto sent = sent_.find(number);
  check(sent != sent_.end(), "data that nobody sent");
  check(sent->second == std::pair(index_of(data.from), to), "data of or for somebody else");
  check(std::ranges::all_of(bytes.subspan(sizeof number), [](auto b) { return b == 0x6e; }),
        "changed data");
  // A stock node resets its nonces when it takes an init that was overtaken, so that what came
  // after that init can be replayed to it.
  const bool first = delivered_.insert(number).second;
  check(first || nodes_[to].kind == Kind::stock, "data delivered twice");
}

bool SessionWorld::step(Instant until) {
  Instant next = until;
  std::size_t due = nodes_.size();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const auto deadline = nodes_[i].peer->next_deadline();
    if (!deadline || *deadline >= next) continue;
    next = std::max(*deadline, now_);
    due = i;
  }
  if (!in_flight_.empty() && in_flight_.begin()->first.first < next) {
    now_ = in_flight_.begin()->first.first;
    const Message message = history_[in_flight_.begin()->second];
    in_flight_.erase(in_flight_.begin());
    Node& node = nodes_[message.to];
    node.peer->receive(time_of(node), nodes_[message.from].identity.public_key(),
                       Packet::copy_of(message.bytes));
    collect(message.to);
    return true;
  }
  now_ = next;
  if (due == nodes_.size()) return false;
  nodes_[due].peer->tick(time_of(nodes_[due]));
  const auto after = nodes_[due].peer->next_deadline();
  check(!after || *after > now_, "a deadline that stays in the past");
  collect(due);
  return true;
}

void SessionWorld::run_for(Duration duration) {
  const Instant until = now_ + duration;
  while (step(until)) {
  }
}

}  // namespace thicket::test
