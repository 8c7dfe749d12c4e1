#include "crypto/pending_session.hpp"

#include "crypto/invariant.hpp"
#include "crypto/state_bytes.hpp"

namespace thicket::crypto {

template <class Change>
void PendingSessions::reschedule(PendingSession& pending, Change change) {
  by_due_.erase({pending.due_at(), pending.remote});
  by_expiry_.erase({pending.expires_at, pending.remote});
  change();
  by_due_.emplace(pending.due_at(), pending.remote);
  by_expiry_.emplace(pending.expires_at, pending.remote);
}

PendingSession* PendingSessions::find(const PublicKey& remote) {
  const auto found = pending_.find(remote);
  return found == pending_.end() ? nullptr : &found->second;
}

PendingSession& PendingSessions::start(PendingSession pending) {
  if (pending_.size() >= kMaxPending) drop_oldest(pending.remote);
  const PublicKey remote = pending.remote;
  const auto [place, added] = pending_.emplace(remote, std::move(pending));
  INVARIANT(added);
  reschedule(place->second, [] {});
  return place->second;
}

void PendingSessions::keep(Instant now, PendingSession& pending, Packet data) {
  const std::size_t before = pending.waiting_bytes;
  pending.waiting_bytes += data.size();
  pending.waiting.push_back(std::move(data));
  while (pending.waiting.size() > 1 && (pending.waiting.size() > kMaxWaitingPackets ||
                                        pending.waiting_bytes > kMaxWaitingBytes)) {
    pending.waiting_bytes -= pending.waiting.front().size();
    pending.waiting.pop_front();
  }
  waiting_bytes_ = waiting_bytes_ - before + pending.waiting_bytes;
  reschedule(pending, [&] { pending.expires_at = now + kPendingLifetime; });
  while (waiting_bytes_ > kMaxWaitingBytesInAll && pending_.size() > 1) {
    drop_oldest(pending.remote);
  }
}

void PendingSessions::retry_at(PendingSession& pending, Instant at) {
  reschedule(pending, [&] { pending.retry_at = at; });
}

PendingSession PendingSessions::take(const PublicKey& remote) {
  auto node = pending_.extract(remote);
  INVARIANT(!node.empty());
  PendingSession pending = std::move(node.mapped());
  by_due_.erase({pending.due_at(), remote});
  by_expiry_.erase({pending.expires_at, remote});
  waiting_bytes_ -= pending.waiting_bytes;
  return pending;
}

void PendingSessions::drop_oldest(const PublicKey& except) {
  auto oldest = by_expiry_.begin();
  if (oldest->second == except) ++oldest;
  take(PublicKey(oldest->second));
}

std::optional<Instant> PendingSessions::next_due() const {
  if (by_due_.empty()) return std::nullopt;
  return by_due_.begin()->first;
}

PendingSession* PendingSessions::due(Instant now) {
  if (by_due_.empty() || by_due_.begin()->first > now) return nullptr;
  return find(by_due_.begin()->second);
}

std::size_t PendingSessions::state_bytes() const {
  const std::size_t secrets = 2 * sizeof(BoxSecretKey);
  return tree_bytes(pending_) + tree_bytes(by_due_) + tree_bytes(by_expiry_) +
         pending_.size() * secrets + waiting_bytes_;
}

}  // namespace thicket::crypto
