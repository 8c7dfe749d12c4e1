#include "crypto/receive_keys.hpp"

#include <algorithm>
#include <limits>

#include "crypto/uvarint.hpp"

namespace thicket::crypto {

namespace {

// The last nonce of a key that opens nothing any more.
constexpr std::uint64_t kClosed = std::numeric_limits<std::uint64_t>::max();

}  // namespace

std::optional<TrafficHeader> TrafficHeader::read(ByteView message) {
  if (message.empty()) return std::nullopt;
  ByteView rest = message.subspan(1);
  const auto local = take_uvarint(rest);
  const auto remote = local ? take_uvarint(rest) : std::nullopt;
  const auto nonce = remote ? take_uvarint(rest) : std::nullopt;
  if (!nonce) return std::nullopt;
  return TrafficHeader{*local, *remote, *nonce, message.size() - rest.size()};
}

ReceiveKeys::ReceiveKeys(const BoxPublicKey& current, const BoxPublicKey& next,
                         std::uint64_t remote_sequence, const BoxSecretKey& recv,
                         const BoxSecretKey& send, std::uint64_t local_sequence)
    : current_(current),
      next_(next),
      remote_sequence_(remote_sequence),
      local_sequence_(local_sequence) {
  secrets_->recv = recv;
  secrets_->send = send;
}

std::optional<ReceiveKeys::Which> ReceiveKeys::named_by(const TrafficHeader& header) const {
  const bool seen_send = header.remote == local_sequence_;
  const bool seen_recv = header.remote + 1 == local_sequence_;
  const std::uint64_t ahead = header.local - remote_sequence_;
  if (ahead == 0 && seen_recv) return Which::current_recv;
  if (ahead == 1 && seen_send) return Which::next_send;
  if (ahead == 1 && seen_recv) return Which::next_recv;
  if (ahead == 2 && seen_send && following_) return Which::following_send;
  return std::nullopt;
}

bool ReceiveKeys::derive(const Cryptography& cryptography, Which which) {
  Window& slot = window(which);
  if (slot.derived) return true;
  const BoxPublicKey& theirs = which == Which::current_recv     ? current_
                               : which == Which::following_send ? *following_
                                                                : next_;
  const bool with_send = which == Which::next_send || which == Which::following_send;
  slot.derived =
      cryptography.share(theirs, with_send ? secrets_->send : secrets_->recv, shared(which));
  return slot.derived;
}

ReceiveKeys::Opening ReceiveKeys::open(const Cryptography& cryptography,
                                       const TrafficHeader& header, ByteSpan box) {
  const auto which = named_by(header);
  if (!which) return {Outcome::unknown};
  if (header.nonce <= window(*which).last_nonce) return {Outcome::replayed};
  if (!derive(cryptography, *which) || !cryptography.open(shared(*which), header.nonce, box)) {
    return {Outcome::failed};
  }
  window(*which).last_nonce = header.nonce;
  return {Outcome::opened, *which};
}

// Our recv pair was the send pair before. Whatever it opened with the same key of the remote's then
// must not be opened again, although the rules reset all nonces.
void ReceiveKeys::inherit(ReceiveKeys& before, const BoxPublicKey& theirs, Which which) {
  if (theirs == before.current_) {
    // Our own messages were sealed with this key: none that it opens can be the remote's.
    window(which).last_nonce = kClosed;
    return;
  }
  const bool is_next = theirs == before.next_;
  if (!is_next && theirs != before.following_) return;
  const Which old = is_next ? Which::next_send : Which::following_send;
  window(which) = before.window(old);
  shared(which) = before.shared(old);
  before.window(old).last_nonce = kClosed;
}

void ReceiveKeys::succeed(ReceiveKeys& before) {
  inherit(before, current_, Which::current_recv);
  inherit(before, next_, Which::next_recv);
}

void ReceiveKeys::use_up(std::uint64_t nonce) {
  Window& slot = window(Which::current_recv);
  slot.last_nonce = std::max(slot.last_nonce, nonce);
}

}  // namespace thicket::crypto
