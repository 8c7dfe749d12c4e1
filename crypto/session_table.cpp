#include "crypto/session_table.hpp"

#include <algorithm>
#include <utility>

#include "crypto/state_bytes.hpp"
namespace thicket::crypto {

SessionEntry* SessionTable::find(const PublicKey& remote) {
  if (last_found_ != nullptr && last_found_->entry.remote == remote) return &last_found_->entry;
  const auto found = slots_.find(remote);
  if (found == slots_.end()) return nullptr;
  last_found_ = &found->second;
  return &found->second.entry;
}

SessionEntry& SessionTable::insert(const PublicKey& remote, Session session) {
  const auto existing = slots_.find(remote);
  if (existing != slots_.end()) remove(existing->second);
  make_room();
  Slot& slot =
      slots_.try_emplace(remote, Slot{SessionEntry{remote, std::move(session)}}).first->second;
  slot.list = &unproven_;
  slot.place = unproven_.insert(unproven_.end(), &slot);
  return slot.entry;
}

void SessionTable::make_room() {
  if (unproven_.size() >= kMaxUnprovenSessions) remove(*unproven_.front());
  if (slots_.size() >= kMaxSessions) {
    remove(unproven_.empty() ? *proven_.front() : *unproven_.front());
  }
}

void SessionTable::touch(SessionEntry& entry) {
  if (last_found_ == nullptr || &last_found_->entry != &entry) find(entry.remote);
  Slot& slot = *last_found_;
  Recency* const to = entry.session.is_proven() ? &proven_ : &unproven_;
  to->splice(to->end(), *slot.list, slot.place);
  slot.list = to;
}

void SessionTable::expire(Instant now) {
  for (Recency* list : {&unproven_, &proven_}) {
    while (!list->empty() && list->front()->entry.session.last_used() + kSessionIdle <= now) {
      remove(*list->front());
    }
  }
}

std::optional<Instant> SessionTable::next_expiry() const {
  std::optional<Instant> earliest;
  for (const Recency* list : {&unproven_, &proven_}) {
    if (list->empty()) continue;
    const Instant at = list->front()->entry.session.last_used() + kSessionIdle;
    earliest = earliest ? std::min(*earliest, at) : at;
  }
  return earliest;
}

void SessionTable::remove(Slot& slot) {
  if (last_found_ == &slot) last_found_ = nullptr;
  slot.list->erase(slot.place);
  const PublicKey remote = slot.entry.remote;
  slots_.erase(remote);
}

std::vector<const SessionEntry*> SessionTable::entries() const {
  std::vector<const SessionEntry*> all;
  all.reserve(slots_.size());
  for (const auto& [remote, slot] : slots_) all.push_back(&slot.entry);
  return all;
}

std::size_t SessionTable::state_bytes() const {
  const std::size_t place = sizeof(Slot*) + kTreeNodeOverhead;
  std::size_t bytes = tree_bytes(slots_) + slots_.size() * place;
  for (const auto& [remote, slot] : slots_) bytes += slot.entry.session.secret_bytes();
  return bytes;
}

}  // namespace thicket::crypto
