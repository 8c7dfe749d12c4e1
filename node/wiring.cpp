#include "node/wiring.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <asio/post.hpp>
#include <utility>
#include <variant>

#include "crypto/address.hpp"
#include "crypto/invariant.hpp"
#include "node/clock.hpp"

namespace thicket::node {
namespace {

// Deadlines are not met more exactly than this, so that ones close together share a wake-up.
constexpr Duration kTimerGranularity = std::chrono::milliseconds(1);

void keep_earliest(std::optional<Instant>& earliest, std::optional<Instant> deadline) {
  if (deadline && (!earliest || *deadline < *earliest)) earliest = deadline;
}

routing::RouterOptions router_options(routing::LookupPolicy lookup) {
  routing::RouterOptions options;
  options.lookup = lookup;
  options.dht = lookup == routing::LookupPolicy::bloom ? routing::DhtParticipation::none
                                                       : routing::DhtParticipation::seeking;
  return options;
}

/// What we tell others of ourselves (extensions E1 and E3).
routing::Capabilities capabilities(std::string agent, routing::LookupPolicy lookup) {
  routing::Capabilities ours;
  ours.agent = std::move(agent);
  ours.dht = lookup != routing::LookupPolicy::bloom;
  return ours;
}

transport::LinksOptions links_options(const Wiring::Options& options) {
  transport::LinksOptions links = options.links;
  links.capabilities = capabilities(options.agent, options.lookup);
  return links;
}

}  // namespace

Wiring::Wiring(asio::io_context& io, const KeyPair& identity, Random& random, Options options,
               std::unique_ptr<tun::Device> device)
    : self_(identity.public_key()),
      lookup_(options.lookup),
      log_lookups_(options.log_lookups),
      measure_rates_(options.measure_rates),
      now_(current_time()),
      endpoint_(identity, cryptography_, random, router_options(lookup_), options.sessions, now_),
      queries_(endpoint_.router(), std::move(options.node_info)),
      pings_(endpoint_, queries_, random),
      next_hops_(endpoint_.router(), queries_),
      device_(std::move(device)),
      io_(io),
      timer_(io),
      links_(io, identity, random, links_options(options), *this) {
  offer_in_sessions(capabilities(options.agent, options.lookup));
  if (device_) gateway_.emplace(self_, device_->mtu());
}

void Wiring::offer_in_sessions(routing::Capabilities ours) {
  // Whoever has no extension to offer says nothing in sessions.
  if (ours.dht) endpoint_.offer(std::move(ours));
}

void Wiring::set_agent(std::string agent) {
  const routing::Capabilities ours = capabilities(std::move(agent), lookup_);
  links_.offer(ours);
  offer_in_sessions(ours);
}

void Wiring::set_lookup(routing::LookupPolicy lookup) {
  INVARIANT(lookup != routing::LookupPolicy::bloom && lookup_ != routing::LookupPolicy::bloom);
  lookup_ = lookup;
  endpoint_.use_lookup(lookup);
}

Wiring::~Wiring() {
  stop();
}

void Wiring::start() {
  if (device_) {
    device_->on_failure([weak = weak_from_this(), &io = io_](const std::string& reason) {
      spdlog::error("{}; this node only relays for others from now on", reason);
      // Later: it is the device itself that calls.
      asio::post(io, [weak] {
        if (const auto self = weak.lock()) self->drop_device();
      });
    });
    device_->pause_reads([weak = weak_from_this()] {
      const auto self = weak.lock();
      return self ? self->device_pause() : std::chrono::nanoseconds{};
    });
    device_->start([weak = weak_from_this()](std::span<Packet> packets) {
      if (const auto self = weak.lock()) self->device_batch(packets);
    });
  }
  schedule_pump();
}

void Wiring::stop() {
  if (std::exchange(stopped_, true)) return;
  links_.shutdown();
  if (device_) device_->stop();
  timer_.cancel();
}

void Wiring::drop_device() {
  gateway_.reset();
  device_.reset();
  device_written_ = false;
}

void Wiring::ask(const PublicKey& to, Question question, RemoteQueries::AnswerHandler on_answer) {
  sample_time();
  queries_.ask(now_, to, question, std::move(on_answer));
  pump();
}

bool Wiring::ping(const PublicKey& key_or_partial_key, const std::optional<Address>& host,
                  PingOptions options, Pings::Handler on_end) {
  sample_time();
  const bool begun =
      pings_.start(now_, key_or_partial_key, host, std::move(options), std::move(on_end));
  pump();
  return begun;
}

bool Wiring::next_hop(const PublicKey& target, const std::optional<PublicKey>& at,
                      NextHops::Handler on_end) {
  sample_time();
  const bool begun = next_hops_.start(now_, target, at, std::move(on_end));
  pump();
  return begun;
}

bool Wiring::trace_lookup(const PublicKey& key_or_partial_key, TraceHandler on_traced) {
  sample_time();
  const auto id = endpoint_.trace_lookup(now_, key_or_partial_key);
  if (id) traces_.emplace(*id, std::move(on_traced));
  pump();
  return id.has_value();
}

void Wiring::schedule_pump() {
  if (pumping_ || std::exchange(pump_scheduled_, true)) return;
  asio::post(io_, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->pump_scheduled_ = false;
    self->sample_time();
    self->pump();
  });
}

// --- events ------------------------------------------------------------------

void Wiring::link_up(const transport::LinkInfo& link) {
  sample_time();
  log_.up(now_.steady, link);
  endpoint_.link_up(now_, link.id, link.peer, link.priority);
  if (link.capabilities && link.capabilities->dht) endpoint_.peer_takes_part(now_, link.peer);
  if (link_change_) link_change_();
  pump();
}

void Wiring::link_down(const transport::LinkInfo& link, std::string_view reason) {
  sample_time();
  log_.down(now_.steady, link, reason);
  endpoint_.link_down(now_, link.id);
  if (link_change_) link_change_();
  pump();
}

void Wiring::link_failed(std::string_view uri, transport::LinkOrigin origin,
                         std::string_view reason) {
  sample_time();
  log_.failed(now_.steady, uri, origin, reason);
}

void Wiring::link_heard(routing::LinkId link) {
  sample_time();
  endpoint_.link_heard(now_, link);
}

void Wiring::frame_received(routing::LinkId link, Packet body) {
  endpoint_.receive(now_, link, std::move(body));
}

void Wiring::batch_received(routing::LinkId) {
  pump();
}

std::optional<Packet> Wiring::next_frame(routing::LinkId link) {
  if (!pumping_) {
    // A write has completed: an event of its own, which nothing else follows up.
    sample_time();
    schedule_pump();
  }
  return endpoint_.next_frame(now_, link);
}

void Wiring::device_batch(std::span<Packet> packets) {
  if (stopped_ || !gateway_) return;
  sample_time();
  for (Packet& packet : packets) gateway_->from_device(now_, std::move(packet));
  pump();
}

/// Long enough for a fast link to work off what waits; so short that behind a slow link's queue,
/// which stays long, there is still a batch of packets for everybody else every time.
std::chrono::nanoseconds Wiring::device_pause() const {
  constexpr std::size_t kLongQueue = 512 * 1024;
  constexpr std::chrono::microseconds kPause{500};
  return endpoint_.router().longest_queue() > kLongQueue ? kPause : std::chrono::microseconds{};
}

void Wiring::timer_fired() {
  armed_.reset();
  sample_time();
  endpoint_.tick(now_);
  queries_.tick(now_);
  pings_.tick(now_);
  next_hops_.tick(now_);
  if (gateway_) gateway_->tick(now_);
  if (measure_rates_ && rates_.next_sample() <= now_.steady) {
    rates_.sample(now_.steady, links_.peers());
  }
  pump();
}

void Wiring::sample_time() {
  // Within a pump everything happens at the time of the event that it follows.
  if (!pumping_) now_ = current_time();
}

// --- the pump ----------------------------------------------------------------

void Wiring::pump() {
  // Called from within (links may close while they are woken): the loop below goes on anyway.
  if (pumping_ || stopped_) return;
  pumping_ = true;
  // Links are woken last, when all that this event has to say to them is in their queues.
  while (take_gateway_actions() || take_endpoint_actions() || take_query_messages() ||
         take_ping_actions() || take_hop_lookups() || wake_links() || flush_device()) {
  }
  if (log_.wants_tree(now_.steady)) {
    const routing::Router& router = endpoint_.router();
    log_.tree(now_.steady, self_, router.root(), router.parent());
  }
  pumping_ = false;
  arm_timer();
}

bool Wiring::take_endpoint_actions() {
  bool any = false;
  while (std::optional<routing::EndpointAction> action = endpoint_.next_action()) {
    perform(std::move(*action));
    any = true;
  }
  return any;
}

bool Wiring::take_gateway_actions() {
  if (!gateway_) return false;
  bool any = false;
  while (std::optional<tun::GatewayAction> action = gateway_->next_action()) {
    perform(std::move(*action));
    any = true;
  }
  return any;
}

bool Wiring::take_query_messages() {
  bool any = false;
  while (std::optional<ProtocolMessage> message = queries_.next_message()) {
    endpoint_.send(now_, message->to, std::move(message->data));
    any = true;
  }
  return any;
}

bool Wiring::take_ping_actions() {
  bool any = false;
  while (std::optional<PingAction> action = pings_.next_action()) {
    if (auto* send = std::get_if<SendPing>(&*action)) {
      endpoint_.send(now_, send->to, std::move(send->data));
    } else if (const auto* find = std::get_if<FindPinged>(&*action)) {
      endpoint_.lookup(now_, find->key_or_partial_key);
    }
    any = true;
  }
  return any;
}

bool Wiring::take_hop_lookups() {
  bool any = false;
  while (const std::optional<PublicKey> key = next_hops_.next_lookup()) {
    endpoint_.lookup(now_, *key);
    any = true;
  }
  return any;
}

bool Wiring::wake_links() {
  if (ready_links_.empty()) return false;
  std::swap(ready_links_, waking_links_);  // waking one may make another ready
  for (const routing::LinkId link : waking_links_) links_.wake(link);
  waking_links_.clear();
  return true;
}

bool Wiring::flush_device() {
  if (!std::exchange(device_written_, false)) return false;
  device_->flush();  // a device in memory may have an answer at once
  return true;
}

void Wiring::perform(routing::EndpointAction action) {
  if (const auto* ready = std::get_if<routing::LinkReady>(&action)) {
    ready_links_.push_back(ready->link);
  } else if (const auto* close = std::get_if<routing::CloseLink>(&action)) {
    std::string reason(routing::describe(close->reason));
    if (!close->detail.empty()) reason.append(": ").append(close->detail);
    links_.close(close->link, reason);
  } else if (auto* delivered = std::get_if<routing::Deliver>(&action)) {
    deliver(std::move(*delivered));
  } else if (const auto* found = std::get_if<routing::PathFound>(&action)) {
    if (gateway_) gateway_->resolved(now_, found->key);
    pings_.resolved(now_, found->key);
    next_hops_.resolved(now_, found->key);
  } else if (const auto* traced = std::get_if<routing::LookupTraced>(&action)) {
    const auto handler = traces_.extract(traced->id);
    if (handler) handler.mapped()(*traced->trace);
  }
}

void Wiring::perform(tun::GatewayAction action) {
  if (auto* to_mesh = std::get_if<tun::SendToMesh>(&action)) {
    endpoint_.send(now_, to_mesh->to, std::move(to_mesh->data));
  } else if (auto* to_device = std::get_if<tun::WriteToDevice>(&action)) {
    device_->write(std::move(to_device->packet));
    device_written_ = true;
  } else if (const auto* resolve = std::get_if<tun::ResolveKey>(&action)) {
    if (log_lookups_) {
      spdlog::info("looking for {}", Address::of(resolve->partial_key).to_string());
    }
    endpoint_.lookup(now_, resolve->partial_key);
  }
}

void Wiring::deliver(routing::Deliver delivered) {
  if (delivered.data.empty()) return;
  const auto kind = static_cast<DataKind>(delivered.data.data()[0]);
  delivered.data.pop_front(1);
  if (kind == DataKind::ipv6) {
    if (pings_.from_mesh(now_, delivered.from, std::as_const(delivered.data).bytes())) return;
    if (gateway_) gateway_->from_mesh(now_, delivered.from, std::move(delivered.data));
  } else if (kind == DataKind::protocol) {
    queries_.receive(now_, delivered.from, std::as_const(delivered.data).bytes());
  }
}

// --- the timer ---------------------------------------------------------------

std::optional<Instant> Wiring::next_deadline() const {
  std::optional<Instant> earliest = endpoint_.next_deadline();
  keep_earliest(earliest, queries_.next_deadline());
  keep_earliest(earliest, pings_.next_deadline());
  keep_earliest(earliest, next_hops_.next_deadline());
  if (gateway_) keep_earliest(earliest, gateway_->next_deadline());
  if (measure_rates_) keep_earliest(earliest, rates_.next_sample());
  return earliest;
}

void Wiring::arm_timer() {
  std::optional<Instant> deadline = next_deadline();
  if (!deadline) return;
  deadline = std::max(*deadline, now_.steady + kTimerGranularity);
  // One that comes too early only finds nothing to do; re-arming for each packet would cost more.
  if (armed_ && *armed_ <= *deadline) return;
  armed_ = deadline;
  timer_.expires_at(to_steady_clock(*deadline));
  timer_.async_wait([weak = weak_from_this()](const asio::error_code& error) {
    if (error) return;
    if (const auto self = weak.lock(); self && !self->stopped_) self->timer_fired();
  });
}

}  // namespace thicket::node
