#include "routing/endpoint.hpp"

#include <algorithm>
#include <utility>

namespace thicket::routing {

Endpoint::Endpoint(const KeyPair& identity, const Cryptography& cryptography, Random& random,
                   RouterOptions router_options, crypto::SessionOptions session_options, Time now)
    : router_(identity, cryptography, random, router_options, now),
      sessions_(identity, cryptography, random, std::move(session_options)) {}

void Endpoint::link_up(Time now, LinkId link, const PublicKey& peer, std::uint8_t priority) {
  router_.link_up(now, link, peer, priority);
  pump(now);
}

void Endpoint::peer_takes_part(Time now, const PublicKey& peer) {
  router_.peer_takes_part(now, peer);
  pump(now);
}

void Endpoint::link_down(Time now, LinkId link) {
  router_.link_down(now, link);
  pump(now);
}

void Endpoint::link_heard(Time now, LinkId link) {
  router_.link_heard(now, link);
}

void Endpoint::receive(Time now, LinkId link, Packet body) {
  router_.receive(now, link, std::move(body));
  pump(now);
}

std::optional<Packet> Endpoint::next_frame(Time now, LinkId link) {
  return router_.next_frame(now, link);
}

void Endpoint::send(Time now, const PublicKey& to, Packet data) {
  sessions_.send(now, to, std::move(data));
  pump(now);
}

void Endpoint::lookup(Time now, const PublicKey& key_or_partial_key) {
  router_.lookup(now, key_or_partial_key);
  pump(now);
}

std::optional<TraceId> Endpoint::trace_lookup(Time now, const PublicKey& key_or_partial_key) {
  const auto id = router_.trace_lookup(now, key_or_partial_key);
  pump(now);
  return id;
}

void Endpoint::tick(Time now) {
  router_.tick(now);
  sessions_.tick(now);
  pump(now);
  hellos_.sweep(now.steady, [this](const PublicKey& key) { return sessions_.started(key); });
}

std::optional<Instant> Endpoint::next_deadline() const {
  const std::optional<Instant> router = router_.next_deadline();
  const std::optional<Instant> sessions = sessions_.next_deadline();
  if (!router || !sessions) return router ? router : sessions;
  return std::min(*router, *sessions);
}

std::optional<EndpointAction> Endpoint::next_action() {
  if (next_action_ == actions_.size()) {
    actions_.clear();
    next_action_ = 0;
    return std::nullopt;
  }
  return std::move(actions_[next_action_++]);
}

const Capabilities* Endpoint::capabilities_of(const PublicKey& key) const {
  const auto session = sessions_.started(key);
  return session ? hellos_.find(key, *session) : nullptr;
}

/// Hellos end here.
void Endpoint::deliver(Time now, crypto::DeliverData delivered) {
  const PublicKey from = delivered.from;
  const Instant session = sessions_.started(from).value_or(now.steady);
  const ByteView data = std::as_const(delivered.data).bytes();
  const bool is_hello = Hellos::is_hello(data);
  bool say_hello = hellos_.heard(now, from, session);
  if (is_hello) {
    const Capabilities* theirs = hellos_.receive(now, from, session, data);
    if (theirs != nullptr && theirs->dht) router_.node_takes_part(now, from);
    if (theirs != nullptr && hellos_.forgotten(now, from)) say_hello = true;
  } else {
    actions_.emplace_back(Deliver{from, std::move(delivered.data)});
  }
  if (say_hello) sessions_.send(now, from, Packet::copy_of(hellos_.message()));
}

/// Carries payloads between the router and the sessions until neither has any left.
void Endpoint::pump(Time now) {
  bool any = true;
  while (any) {
    any = false;
    while (auto action = router_.next_action()) {
      any = true;
      if (auto* arrived = std::get_if<DeliverPayload>(&*action)) {
        sessions_.receive(now, arrived->source, std::move(arrived->payload));
      } else if (auto* ready = std::get_if<LinkReady>(&*action)) {
        actions_.emplace_back(*ready);
      } else if (auto* close = std::get_if<CloseLink>(&*action)) {
        actions_.emplace_back(*close);
      } else if (auto* found = std::get_if<PathFound>(&*action)) {
        actions_.emplace_back(*found);
      } else if (auto* traced = std::get_if<LookupTraced>(&*action)) {
        actions_.emplace_back(std::move(*traced));
      }
    }
    while (auto action = sessions_.next_action()) {
      any = true;
      if (auto* transmit = std::get_if<crypto::TransmitPayload>(&*action)) {
        router_.send(now, transmit->to, std::move(transmit->payload));
      } else if (auto* deliver = std::get_if<crypto::DeliverData>(&*action)) {
        this->deliver(now, std::move(*deliver));
      }
    }
  }
}

}  // namespace thicket::routing
