#include "sim/pings.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "crypto/invariant.hpp"
#include "sim/frame_trail.hpp"
#include "sim/shortest_paths.hpp"

namespace thicket::sim {

namespace {

// A message: kind (wire.md §9), this second byte, request or answer, 0, number; then zeros.
constexpr std::uint8_t kProtocolMessage = 2;
constexpr std::uint8_t kPing = 0x50;
constexpr std::size_t kNumberOffset = 4;
constexpr std::size_t kSmallestMessage = 16;

// Types of session payloads (wire.md §8).
constexpr std::uint8_t kSessionTraffic = 3;
constexpr std::uint8_t kSessionInit = 1;
constexpr std::uint8_t kSessionAck = 2;

/// A request or an answer: twice the number of the ping, and 1 for an answer.
using MessageId = std::uint64_t;

std::vector<std::uint8_t> message_bytes(MessageId id, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  bytes[0] = kProtocolMessage;
  bytes[1] = kPing;
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[kNumberOffset + i] = static_cast<std::uint8_t>(id >> (56 - 8 * i));
  }
  return bytes;
}

std::optional<MessageId> read_message(ByteView data) {
  if (data.size() < kSmallestMessage || data[0] != kProtocolMessage || data[1] != kPing) {
    return std::nullopt;
  }
  MessageId id = 0;
  for (std::size_t i = 0; i < 8; ++i) id = id << 8 | data[kNumberOffset + i];
  return id;
}

bool is_answer(MessageId id) {
  return id % 2 == 1;
}

}  // namespace

struct Pings::State : std::enable_shared_from_this<Pings::State> {
  /// Of a ping that is neither answered nor given up, or waits for one before it to be.
  struct Ping {
    Outcome outcome;
    bool done = false;
  };
  struct Message {
    NodeIndex from = kNoNode;
    NodeIndex to = kNoNode;
    Instant sent_at{};
    std::uint32_t life = 0;                ///< of the sender
    std::optional<std::uint64_t> frame{};  ///< digest of the payload that carries it, once seen
  };
  /// From one node to another.
  struct Conversation {
    std::deque<MessageId> unseen;          ///< messages whose frames were not seen yet
    std::optional<Instant> set_up_sent{};  ///< when a frame that sets up a session last left
    std::size_t messages = 0;
  };
  using Pair = std::pair<NodeIndex, NodeIndex>;

  State(Simulation& the_simulation, Options the_options)
      : simulation(the_simulation), options(the_options), paths(the_simulation) {}

  void send(MessageId id, NodeIndex from, NodeIndex to);
  void answer(MessageId request);
  void give_up(std::uint64_t number);
  void finish(std::uint64_t number);
  void forget(MessageId id);
  std::string cause_of_loss(MessageId id) const;
  void request_arrived(Time now, MessageId id);
  void answer_arrived(Time now, MessageId id);
  Ping* find(std::uint64_t number);
  FrameTrail* trail_of(std::uint64_t digest);
  FrameTrail* claim(const Pair& pair, std::uint64_t digest);
  void carried(MessageId id, std::uint64_t digest);

  Simulation& simulation;
  Options options;
  ShortestPaths paths;
  std::vector<Outcome> outcomes;
  std::deque<Ping> pings;  ///< the first has the number outcomes.size()
  std::size_t waiting = 0;
  std::map<MessageId, Message> messages;
  std::map<Pair, Conversation> conversations;
  std::map<std::uint64_t, FrameTrail> trails;                    ///< by digest of the payload
  std::optional<MessageId> sending;                              ///< within Simulation::send()
  std::pair<NodeIndex, std::uint64_t> last_arrival{kNoNode, 0};  ///< who, and which payload
  std::vector<std::uint64_t> forwarded;
};

Pings::Pings(Simulation& simulation, Options options)
    : state_(std::make_shared<State>(simulation, options)) {
  INVARIANT(options.payload_bytes >= kSmallestMessage);
  simulation.add_observer(*this);
}

Pings::~Pings() {
  state_->simulation.remove_observer(*this);
}

const std::vector<Pings::Outcome>& Pings::outcomes() const {
  return state_->outcomes;
}

std::size_t Pings::waiting() const {
  return state_->waiting;
}

std::uint64_t Pings::sent() const {
  return state_->outcomes.size() + state_->pings.size();
}

const std::vector<std::uint64_t>& Pings::forwarded() const {
  state_->forwarded.resize(state_->simulation.nodes());
  return state_->forwarded;
}

// --- the life of a ping

void Pings::ping(NodeIndex from, NodeIndex to) {
  State& state = *state_;
  INVARIANT(from != to && to < state.simulation.nodes() && state.simulation.running(from));
  const std::uint64_t number = sent();
  State::Ping& ping = state.pings.emplace_back();
  ping.outcome.from = from;
  ping.outcome.to = to;
  ping.outcome.sent_at = state.simulation.elapsed();
  const auto shortest = state.paths.between(from, to);
  ping.outcome.possible = shortest.has_value();
  if (shortest) {
    ping.outcome.shortest_hops = shortest->hops;
    ping.outcome.quickest = shortest->latency;
  }
  ++state.waiting;
  state.send(2 * number, from, to);
  state.simulation.after(state.options.timeout, [weak = state.weak_from_this(), number] {
    if (const auto alive = weak.lock()) alive->give_up(number);
  });
}

void Pings::State::send(MessageId id, NodeIndex from, NodeIndex to) {
  messages[id] = {from, to, simulation.now().steady, simulation.life(from)};
  Conversation& conversation = conversations[{from, to}];
  conversation.unseen.push_back(id);
  ++conversation.messages;
  sending = id;
  simulation.send(from, simulation.key(to), message_bytes(id, options.payload_bytes));
  sending.reset();
}

void Pings::State::answer(MessageId request) {
  const auto place = messages.find(request);
  if (place == messages.end() || messages.contains(request + 1)) return;
  const Message message = place->second;
  if (simulation.running(message.to)) send(request + 1, message.to, message.from);
}

Pings::State::Ping* Pings::State::find(std::uint64_t number) {
  const std::uint64_t done = outcomes.size();
  return number < done || number - done >= pings.size() ? nullptr : &pings[number - done];
}

void Pings::State::give_up(std::uint64_t number) {
  Ping* ping = find(number);
  if (ping == nullptr || ping->done) return;
  ping->outcome.lost_by = ping->outcome.arrived ? "answer: " + cause_of_loss(2 * number + 1)
                                                : cause_of_loss(2 * number);
  finish(number);
}

void Pings::State::finish(std::uint64_t number) {
  find(number)->done = true;
  --waiting;
  forget(2 * number);
  forget(2 * number + 1);
  while (!pings.empty() && pings.front().done) {
    outcomes.push_back(std::move(pings.front().outcome));
    pings.pop_front();
  }
}

void Pings::State::forget(MessageId id) {
  const auto place = messages.find(id);
  if (place == messages.end()) return;
  const auto conversation = conversations.find({place->second.from, place->second.to});
  std::erase(conversation->second.unseen, id);
  if (--conversation->second.messages == 0) conversations.erase(conversation);
  if (place->second.frame) trails.erase(*place->second.frame);
  messages.erase(place);
}

std::string Pings::State::cause_of_loss(MessageId id) const {
  const auto place = messages.find(id);
  if (place == messages.end()) return std::string(name_of(LossCause::node_down));
  const Message& message = place->second;
  if (message.frame) return trails.at(*message.frame).cause_of_loss(simulation, message.to);
  if (!simulation.running(message.from) || simulation.life(message.from) != message.life) {
    return std::string(name_of(LossCause::node_down));
  }
  const Conversation& conversation = conversations.at({message.from, message.to});
  if (conversation.set_up_sent && *conversation.set_up_sent >= message.sent_at) {
    return "session not set up";
  }
  return simulation.router(message.from).longest_queue() > 0 ? "queued" : "no path found";
}

// --- what is seen of it

void Pings::node_started(Time, NodeIndex) {
  state_->paths.forget();
}

void Pings::node_stopped(Time, NodeIndex) {
  state_->paths.forget();
}

void Pings::link_changed(Time, LinkIndex) {
  state_->paths.forget();
}

FrameTrail* Pings::State::trail_of(std::uint64_t payload) {
  const auto place = trails.find(payload);
  return place == trails.end() ? nullptr : &place->second;
}

/// A frame that was not seen before left its source: it carries the message being sent, or the
/// oldest that has not left yet.
FrameTrail* Pings::State::claim(const Pair& pair, std::uint64_t payload) {
  const auto place = conversations.find(pair);
  if (place == conversations.end() || place->second.unseen.empty()) return nullptr;
  std::deque<MessageId>& unseen = place->second.unseen;
  const bool at_once = sending && std::ranges::find(unseen, *sending) != unseen.end();
  const MessageId id = at_once ? *sending : unseen.front();
  std::erase(unseen, id);
  messages.at(id).frame = payload;
  return &trails.emplace(payload, FrameTrail(id)).first->second;
}

/// The message arrived in this payload: if another was thought to be in it, it never left.
void Pings::State::carried(MessageId id, std::uint64_t payload) {
  FrameTrail* const trail = trail_of(payload);
  if (trail == nullptr || trail->message == id) return;
  const auto message = messages.find(id);
  if (message == messages.end()) return;
  messages.at(trail->message).frame.reset();
  if (message->second.frame) trails.erase(*message->second.frame);
  std::erase(conversations.at({message->second.from, message->second.to}).unseen, id);
  trail->message = id;
  message->second.frame = payload;
}

void Pings::frame_sent(const FrameEvent& event) {
  if (event.type != routing::FrameType::traffic) return;
  const auto traffic = routing::decode_traffic(event.body);
  if (!traffic) return;
  State& state = *state_;
  const bool by_source = traffic->source == state.simulation.key(event.from);
  if (!by_source) {
    if (event.from >= state.forwarded.size()) state.forwarded.resize(state.simulation.nodes());
    ++state.forwarded[event.from];
  }
  const ByteView payload = event.body.subspan(traffic->payload_offset);
  if (state.messages.empty() || payload.empty()) return;
  if (payload[0] == kSessionTraffic) {
    const std::uint64_t id = digest(payload);
    FrameTrail* trail = state.trail_of(id);
    if (trail == nullptr && by_source) {
      const auto dest = state.simulation.find(traffic->dest);
      if (dest) trail = state.claim({event.from, *dest}, id);
    }
    if (trail != nullptr) trail->sent(state.simulation, event, by_source);
  } else if (by_source && (payload[0] == kSessionInit || payload[0] == kSessionAck)) {
    const auto dest = state.simulation.find(traffic->dest);
    if (!dest) return;
    const auto conversation = state.conversations.find({event.from, *dest});
    if (conversation != state.conversations.end()) {
      conversation->second.set_up_sent = event.now.steady;
    }
  }
}

void Pings::frame_received(const FrameEvent& event) {
  if (event.type != routing::FrameType::traffic || state_->trails.empty()) return;
  const auto traffic = routing::decode_traffic(event.body);
  if (!traffic) return;
  const std::uint64_t id = digest(event.body.subspan(traffic->payload_offset));
  state_->last_arrival = {event.to, id};
  if (FrameTrail* trail = state_->trail_of(id))
    trail->received(state_->simulation, event, *traffic);
}

void Pings::frame_lost(const FrameEvent& event, LossCause cause) {
  if (event.type != routing::FrameType::traffic || state_->trails.empty()) return;
  const auto traffic = routing::decode_traffic(event.body);
  if (!traffic) return;
  FrameTrail* trail = state_->trail_of(digest(event.body.subspan(traffic->payload_offset)));
  if (trail != nullptr) trail->lost(state_->simulation, event, cause);
}

void Pings::delivered(Time now, NodeIndex node, const PublicKey& from, ByteView data) {
  State& state = *state_;
  const auto id = read_message(data);
  if (!id || *id / 2 >= sent()) return;
  const State::Ping* ping = state.find(*id / 2);
  const Outcome& outcome = ping != nullptr ? ping->outcome : state.outcomes[*id / 2];
  const NodeIndex sender = is_answer(*id) ? outcome.to : outcome.from;
  const NodeIndex receiver = is_answer(*id) ? outcome.from : outcome.to;
  if (node != receiver || from != state.simulation.key(sender)) return;
  if (state.last_arrival.first == node) state.carried(*id, state.last_arrival.second);
  if (is_answer(*id)) {
    state.answer_arrived(now, *id);
  } else {
    state.request_arrived(now, *id);
  }
}

void Pings::State::request_arrived(Time now, MessageId id) {
  Ping* const ping = find(id / 2);
  if (ping == nullptr || ping->done) return;
  Outcome& outcome = ping->outcome;
  outcome.arrived = true;
  const Message& message = messages.at(id);
  outcome.one_way = now.steady - message.sent_at;
  if (message.frame) {
    if (const auto* arrival = trails.at(*message.frame).arrival_at(outcome.to)) {
      outcome.hops = arrival->hops;
      outcome.travel = now.steady - arrival->left_at;
    }
  }
  // Nothing may change from within here: the answer goes out a moment later.
  simulation.after(Duration{}, [weak = weak_from_this(), id] {
    if (const auto alive = weak.lock()) alive->answer(id);
  });
}

void Pings::State::answer_arrived(Time now, MessageId id) {
  Ping* const ping = find(id / 2);
  Outcome& outcome = ping != nullptr ? ping->outcome : outcomes[id / 2];
  if (ping == nullptr || ping->done) {
    if (!outcome.answered) outcome.lost_by = "too late";
    return;
  }
  outcome.answered = true;
  outcome.round_trip = now.steady - messages.at(id - 1).sent_at;
  finish(id / 2);
}

}  // namespace thicket::sim
