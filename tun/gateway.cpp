#include "tun/gateway.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "crypto/action_queue.hpp"
#include "crypto/invariant.hpp"
#include "crypto/token_bucket.hpp"
#include "tun/address_cache.hpp"
#include "tun/icmpv6.hpp"
#include "tun/ipv6_header.hpp"
#include "tun/pending_lookups.hpp"

namespace thicket::tun {
namespace {

constexpr std::uint8_t kIpv6Packet = 1;  // first byte of session data (wire.md §9)

// Errors to the host: enough for a burst of connections, not for a scan.
constexpr Rate kHostErrors{.per_second = 50, .burst = 50};
// Errors to each sender of packets over our MTU.
constexpr Rate kMeshErrors{.per_second = 10, .burst = 10};
// Senders whose rate is remembered; when one more comes, all are forgotten. That gains nobody much:
// an error is smaller than the packet that caused it.
constexpr std::size_t kMaxErrorSenders = 256;

}  // namespace

struct Gateway::State {
  State(const PublicKey& self, std::uint32_t mtu_in)
      : address(Address::of(self)), subnet(Subnet::of(self)), mtu(mtu_in) {}

  bool is_ours(const Address& other) const {
    return other == address ||
           std::equal(subnet.bytes.begin(), subnet.bytes.end(), other.bytes.begin());
  }

  void send(const PublicKey& to, Packet packet) {
    packet.push_front(1)[0] = kIpv6Packet;
    actions.push(SendToMesh{to, std::move(packet)});
  }

  void resolve(const Destination& destination) {
    ++counters.lookups;
    actions.push(ResolveKey{destination.partial_key()});
  }

  void answer_host(Instant now, const Icmpv6Error& error, const Packet& about) {
    if (!may_answer_with_error(about.bytes())) return;
    if (!host_errors.take(now)) {
      ++counters.icmp_limited;
      return;
    }
    ++counters.icmp_to_host;
    actions.push(WriteToDevice{make_icmpv6_error(error, address, about.bytes())});
  }

  bool may_answer_mesh(Instant now, const PublicKey& to) {
    if (!mesh_errors.contains(to) && mesh_errors.size() == kMaxErrorSenders) mesh_errors.clear();
    return mesh_errors.try_emplace(to, kMeshErrors).first->second.take(now);
  }

  void answer_too_big(Instant now, const PublicKey& to, const Packet& about) {
    if (!may_answer_with_error(about.bytes())) return;
    if (!may_answer_mesh(now, to)) {
      ++counters.icmp_limited;
      return;
    }
    ++counters.icmp_to_mesh;
    send(to, make_icmpv6_error(Icmpv6Error::packet_too_big(mtu), address, about.bytes()));
  }

  /// The packets that waited for `destination`, which turned out to be `key`.
  void release(const Destination& destination, const PublicKey& key) {
    for (Packet& packet : pending.take(destination)) {
      ++counters.to_mesh;
      send(key, std::move(packet));
    }
  }

  /// Whether `source` may come from `from`; remembers for the answer that it does.
  bool accept_source(Instant now, const Address& source, const PublicKey& from) {
    const auto destination = Destination::of(source);
    if (!destination) return false;
    if (cache.refresh(now, *destination, from)) return true;
    if (!belongs_to(source, from)) return false;
    if (cache.learn(now, *destination, from)) release(*destination, from);
    return true;
  }

  Address address;
  Subnet subnet;
  std::uint32_t mtu;
  AddressCache cache;
  PendingLookups pending;
  TokenBucket host_errors{kHostErrors};
  std::map<PublicKey, TokenBucket> mesh_errors;
  crypto::ActionQueue<GatewayAction> actions;
  GatewayCounters counters;
};

Gateway::Gateway(const PublicKey& self, std::uint32_t mtu)
    : state_(std::make_unique<State>(self, mtu)) {}

Gateway::~Gateway() = default;

void Gateway::from_device(Time now, Packet packet) {
  State& state = *state_;
  const auto header = Ipv6Header::parse(packet.bytes());
  if (!header) {
    ++state.counters.device_malformed;
    return;
  }
  if (!state.is_ours(header->source)) {
    ++state.counters.device_foreign_source;
    return;
  }
  const auto destination = Destination::of(header->destination);
  if (!destination || state.is_ours(header->destination)) {
    ++state.counters.device_no_route;
    state.answer_host(now.steady, Icmpv6Error::no_route(), packet);
    return;
  }
  if (packet.size() > state.mtu) {
    ++state.counters.device_too_big;
    state.answer_host(now.steady, Icmpv6Error::packet_too_big(state.mtu), packet);
    return;
  }
  if (const PublicKey* key = state.cache.find(now.steady, *destination)) {
    ++state.counters.to_mesh;
    state.send(*key, std::move(packet));
    return;
  }
  if (state.pending.add(now.steady, *destination, std::move(packet))) state.resolve(*destination);
}

void Gateway::from_mesh(Time now, const PublicKey& from, Packet packet) {
  State& state = *state_;
  const auto header = Ipv6Header::parse(packet.bytes());
  if (!header) {
    ++state.counters.mesh_malformed;
    return;
  }
  if (!state.is_ours(header->destination)) {
    ++state.counters.mesh_foreign_destination;
    return;
  }
  if (!state.accept_source(now.steady, header->source, from)) {
    ++state.counters.mesh_foreign_source;
    return;
  }
  if (packet.size() > state.mtu) {
    ++state.counters.mesh_too_big;
    state.answer_too_big(now.steady, from, packet);
    return;
  }
  ++state.counters.to_device;
  state.actions.push(WriteToDevice{std::move(packet)});
}

void Gateway::resolved(Time now, const PublicKey& key) {
  State& state = *state_;
  for (const Destination& destination : {Destination::node(key), Destination::subnet(key)}) {
    if (!state.pending.contains(destination)) continue;
    state.cache.insert(now.steady, destination, key);
    state.release(destination, key);
  }
}

void Gateway::tick(Time now) {
  State& state = *state_;
  state.cache.expire(now.steady);
  const PendingLookups::Due due = state.pending.tick(now.steady);
  for (const Destination& destination : due.lookups) state.resolve(destination);
  for (const Packet& packet : due.undeliverable) {
    ++state.counters.device_unresolved;
    state.answer_host(now.steady, Icmpv6Error::address_unreachable(), packet);
  }
}

std::optional<Instant> Gateway::next_deadline() const {
  const auto lookup = state_->pending.next_deadline();
  const auto expiry = state_->cache.next_expiry();
  if (lookup && expiry) return std::min(*lookup, *expiry);
  return lookup ? lookup : expiry;
}

std::optional<GatewayAction> Gateway::next_action() {
  return state_->actions.pop();
}

GatewayCounters Gateway::counters() const {
  GatewayCounters counters = state_->counters;
  counters.device_overflow = state_->pending.dropped();
  return counters;
}

void Gateway::check_invariants() const {
  state_->cache.check_invariants();
  state_->pending.check_invariants();
  INVARIANT(state_->mesh_errors.size() <= kMaxErrorSenders);
}

}  // namespace thicket::tun
