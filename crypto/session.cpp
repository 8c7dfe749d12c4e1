#include "crypto/session.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "crypto/invariant.hpp"
#include "crypto/session_limits.hpp"
#include "crypto/uvarint.hpp"

namespace thicket::crypto {

namespace {

constexpr std::uint64_t kNoNonce = std::numeric_limits<std::uint64_t>::max();
// What a box of traffic holds besides data: its tag and the sender's next public key.
constexpr std::size_t kBoxOverhead = kBoxTagSize + BoxPublicKey::kSize;

}  // namespace

SessionKeyPair SessionKeyPair::generate(const Cryptography& cryptography, Random& random) {
  SessionKeyPair pair;
  cryptography.generate_box_keys(random, pair.public_key, *pair.secret_key);
  return pair;
}

Session::Session(const Cryptography& cryptography, Random& random, Instant now,
                 const SessionKeyPair& send, const SessionKeyPair& next)
    : cryptography_(cryptography),
      random_(random),
      send_public_(send.public_key),
      next_public_(next.public_key),
      started_at_(now),
      last_used_(now),
      advanced_at_(now) {
  secrets_->send = *send.secret_key;
  secrets_->next = *next.secret_key;
}

// Braces: they fix the order in which the two pairs are drawn, whatever the compiler.
Session::Session(const Cryptography& cryptography, Random& random, Instant now)
    : Session{cryptography, random, now, SessionKeyPair::generate(cryptography, random),
              SessionKeyPair::generate(cryptography, random)} {}

bool Session::accept(Instant now, const SessionInit& init) {
  if (!advance(now, init.current, init.next, init.key_sequence)) return false;
  remote_sequence_ = init.sequence;
  heard(now);
  return true;
}

void Session::confirm(Instant now, std::uint64_t sequence) {
  remote_sequence_ = std::max(remote_sequence_, sequence);
  heard(now);
}

bool Session::holds_keys_of(const SessionInit& init) const {
  return init.same_keys({false, remote_current_, remote_next_, remote_key_sequence_, 0});
}

bool Session::expects(const SessionInit& init) const {
  return init.current == remote_next_ && init.key_sequence == remote_key_sequence_ + 1;
}

SessionInit Session::announcement(bool is_ack) const {
  return {is_ack, send_public_, next_public_, local_key_sequence_, 0};
}

bool Session::is_silent(Instant now) const {
  return unanswered_since_ && now - *unanswered_since_ >= kSilence;
}

void Session::heard(Instant now) {
  last_used_ = now;
  unanswered_since_.reset();
}

// The nonces that are used up for the pair of `theirs` and our present send pair, which is about to
// become recv. The rules reset them all; but if the remote's key is one that we knew before, then
// so was the shared key, and its messages could be replayed.
std::uint64_t Session::used_nonce(const BoxPublicKey& theirs) const {
  if (!has_remote_keys_) return 0;
  // Our own messages were sealed with this key: none that it opens can be the remote's.
  if (theirs == remote_current_) return kNoNonce;
  return theirs == remote_next_ ? windows_[next_send].last_nonce : 0;
}

// Takes over keys of the remote and rotates our own.
bool Session::advance(Instant now, const BoxPublicKey& current, const BoxPublicKey& next,
                      std::uint64_t key_sequence) {
  Secrets& secrets = *secrets_;
  Wiped<BoxSharedKey> current_send;
  if (!cryptography_.share(current, secrets.next, *current_send)) return false;

  std::array<Window, kReceiveKeys> windows;
  windows[current_recv].last_nonce = used_nonce(current);
  windows[next_recv].last_nonce = used_nonce(next);
  if (has_remote_keys_ && current == remote_next_ && windows_[next_send].derived) {
    secrets.receive[current_recv] = secrets.receive[next_send];
    windows[current_recv].derived = true;
  }
  windows_ = windows;
  secrets.current_send = *current_send;
  secrets.recv = secrets.send;
  secrets.send = secrets.next;
  send_public_ = next_public_;
  cryptography_.generate_box_keys(random_, next_public_, secrets.next);
  ++local_key_sequence_;

  previous_remote_key_sequence_ = has_remote_keys_ ? remote_key_sequence_ : key_sequence;
  remote_current_ = current;
  remote_next_ = next;
  remote_key_sequence_ = key_sequence;
  has_remote_keys_ = true;
  advanced_at_ = now;
  return true;
}

void Session::seal(Instant now, Packet& packet) {
  // At 10^9 packets a second the counter of one key would last for five centuries.
  INVARIANT(has_remote_keys_ && send_nonce_ != kNoNonce);
  const std::uint64_t nonce = ++send_nonce_;
  bytes_sent_ += packet.size();
  last_used_ = now;
  if (!unanswered_since_) unanswered_since_ = now;

  const std::size_t header = 1 + uvarint_size(local_key_sequence_) +
                             uvarint_size(remote_key_sequence_) + uvarint_size(nonce);
  ByteSpan out = packet.push_front(header + kBoxOverhead);
  out[0] = static_cast<std::uint8_t>(SessionMessage::traffic);
  out = put_uvarint(out.subspan(1), local_key_sequence_);
  out = put_uvarint(out, remote_key_sequence_);
  out = put_uvarint(out, nonce);
  std::copy(next_public_.bytes.begin(), next_public_.bytes.end(), out.subspan(kBoxTagSize).begin());
  cryptography_.seal(secrets_->current_send, nonce, packet.bytes().subspan(header));
}

std::optional<Session::Header> Session::read_header(ByteView message) {
  if (message.empty()) return std::nullopt;
  ByteView rest = message.subspan(1);
  const auto local = take_uvarint(rest);
  const auto remote = local ? take_uvarint(rest) : std::nullopt;
  const auto nonce = remote ? take_uvarint(rest) : std::nullopt;
  if (!nonce) return std::nullopt;
  return Header{*local, *remote, *nonce, message.size() - rest.size()};
}

std::optional<Session::ReceiveKey> Session::receive_key_for(const Header& header) const {
  const bool knows_send = header.remote == local_key_sequence_;
  const bool knows_recv = header.remote + 1 == local_key_sequence_;
  if (header.local == remote_key_sequence_ && knows_recv) return current_recv;
  if (header.local == remote_key_sequence_ + 1 && knows_send) return next_send;
  if (header.local == remote_key_sequence_ + 1 && knows_recv) return next_recv;
  return std::nullopt;
}

bool Session::is_late(Instant now, const Header& header) const {
  // With the key that was current before, or the one after it.
  return now - advanced_at_ < kLateTraffic && header.remote < local_key_sequence_ &&
         header.local - previous_remote_key_sequence_ <= 1;
}

bool Session::derive(ReceiveKey which) {
  Window& window = windows_[which];
  if (window.derived) return true;
  const BoxPublicKey& theirs = which == current_recv ? remote_current_ : remote_next_;
  const BoxSecretKey& ours = which == next_send ? secrets_->send : secrets_->recv;
  window.derived = cryptography_.share(theirs, ours, secrets_->receive[which]);
  return window.derived;
}

bool Session::ratchet_is_due(Instant now) const {
  return !ratcheted_at_ || now - *ratcheted_at_ > kRatchetInterval;
}

Reception Session::open(Instant now, Packet& packet) {
  const auto header = read_header(packet.bytes());
  if (!header) return Reception::ignored;
  const auto which = receive_key_for(*header);
  if (!which) return is_late(now, *header) ? Reception::ignored : Reception::unreadable;
  if (header->nonce <= windows_[*which].last_nonce) return Reception::ignored;
  const ByteSpan box = packet.bytes().subspan(header->size);
  if (box.size() < kBoxOverhead || !derive(*which) ||
      !cryptography_.open(secrets_->receive[*which], header->nonce, box)) {
    return Reception::unreadable;
  }
  windows_[*which].last_nonce = header->nonce;
  if (*which != current_recv && ratchet_is_due(now)) {
    BoxPublicKey next;
    std::copy_n(box.subspan(kBoxTagSize).begin(), next.bytes.size(), next.bytes.begin());
    ratchet(now, next, header->nonce);
  }
  packet.pop_front(header->size + kBoxOverhead);
  bytes_received_ += packet.size();
  proven_ = true;
  heard(now);
  return Reception::opened;
}

void Session::ratchet(Instant now, const BoxPublicKey& next, std::uint64_t nonce) {
  if (!advance(now, remote_next_, next, remote_key_sequence_ + 1)) return;
  windows_[current_recv].last_nonce = std::max(windows_[current_recv].last_nonce, nonce);
  send_nonce_ = 0;
  ratcheted_at_ = now;
}

}  // namespace thicket::crypto
