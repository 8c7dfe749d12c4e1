#include "sim/lookup_spoilers.hpp"

#include <variant>

#include "routing/dht/message.hpp"
#include "routing/frame.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

using namespace routing;

namespace {

/// The datagram of the DHT that has reached its end at `own`.
std::optional<dht::Datagram> datagram_for(const PublicKey& own, ByteView body) {
  if (peek_type(body) != FrameType::traffic) return std::nullopt;
  const auto traffic = decode_traffic(body);
  if (!traffic || traffic->dest != own) return std::nullopt;
  auto datagram = dht::decode_datagram(body.subspan(traffic->payload_offset));
  if (!datagram) return std::nullopt;
  return std::move(*datagram);
}

}  // namespace

void FindSwallower::started(Simulation& simulation, NodeIndex node) {
  own_key_ = simulation.key(node);
}

bool FindSwallower::lets_in(Time, ByteView body) {
  const auto datagram = datagram_for(own_key_, body);
  return !datagram || !(std::holds_alternative<dht::Find>(datagram->body) ||
                        std::holds_alternative<dht::Store>(datagram->body));
}

void FindDenier::started(Simulation& simulation, NodeIndex node) {
  simulation_ = &simulation;
  node_ = node;
}

bool FindDenier::lets_in(Time, ByteView body) {
  const PublicKey& own = simulation_->key(node_);
  const auto datagram = datagram_for(own, body);
  const auto* find = datagram ? std::get_if<dht::Find>(&datagram->body) : nullptr;
  if (find == nullptr) return true;
  const auto& origin = find->origin ? find->origin : datagram->sender;
  if (!origin) return false;
  const Router& router = simulation_->router(node_);
  const auto hop = router.next_hop(origin->path().to_path(), kNoWatermark);
  if (!hop) return false;
  const auto payload = dht::encode_datagram({datagram->txid, std::nullopt, dht::Found{}});
  const auto coordinates = encode_path(router.coordinates());
  Traffic header;
  header.path = origin->path();
  header.from = PathView(coordinates);
  header.source = own;
  header.dest = origin->key;
  Packet answer = Packet::copy_of(payload);
  prepend_traffic_header(answer, header);
  simulation_->inject(node_, simulation_->find(*hop), std::as_const(answer).bytes());
  return false;
}

}  // namespace thicket::sim
