#include "sim/announcement_flapper.hpp"

#include <algorithm>
#include <variant>

#include "routing/record.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

using namespace routing;

namespace {

/// How far ahead signatures are asked for: peers take a moment to answer. Even: children have even
/// seqs.
constexpr std::uint64_t kAhead = 16;

}  // namespace

bool AnnouncementFlapper::lets_in(Time, ByteView body) {
  if (peek_type(body) != FrameType::sig_res) return true;
  const auto frame = decode_frame(body);
  if (!frame) return true;
  const auto& response = std::get<SigRes>(*frame);
  const auto offer = offers_.find(response.seq);
  if (offer == offers_.end() || offer->second.request.nonce != response.nonce) return true;
  offer->second.response = response;
  return false;
}

void AnnouncementFlapper::act(Simulation& simulation, NodeIndex node) {
  for (const TreeEntry& entry : simulation.router(node).tree()) {
    if (entry.key == simulation.key(node)) seq_ = std::max(seq_, entry.seq);
  }
  ++seq_;
  offers_.erase(offers_.begin(), offers_.lower_bound(seq_));
  auto announce = as_child(simulation, node);
  if (!announce) {
    announce = make_root_record(simulation.identity(node), seq_, random().next(),
                                simulation.cryptography())
                   .announce(simulation.key(node));
  }
  const Packet body = encode(*announce);
  simulation.inject(node, std::nullopt, body.bytes());
  if (seq_ % 2 == 0) ask(simulation, node);
}

/// The record under a peer that signed for the present seq.
std::optional<Announce> AnnouncementFlapper::as_child(const Simulation& simulation,
                                                      NodeIndex node) {
  const auto found = offers_.find(seq_);
  if (found == offers_.end() || !found->second.response) return std::nullopt;
  const SigRes& response = *found->second.response;
  Announce announce{simulation.key(node),
                    found->second.parent,
                    response.seq,
                    response.nonce,
                    response.port,
                    response.psig,
                    {}};
  const auto message =
      signed_bytes(announce.key, announce.parent, announce.seq, announce.nonce, announce.port);
  announce.sig = simulation.cryptography().sign(simulation.identity(node), message);
  return announce;
}

void AnnouncementFlapper::ask(Simulation& simulation, NodeIndex node) {
  const auto peers = simulation.router(node).peers();
  if (peers.empty()) return;
  const PublicKey& parent = peers[random().below(peers.size())].key;
  const SigReq request{seq_ + kAhead, random().next()};
  offers_[request.seq] = {parent, request};
  const Packet body = encode(request);
  simulation.inject(node, simulation.find(parent), body.bytes());
}

}  // namespace thicket::sim
