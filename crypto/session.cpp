#include "crypto/session.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "crypto/invariant.hpp"
#include "crypto/session_limits.hpp"
#include "crypto/uvarint.hpp"

namespace thicket::crypto {

namespace {

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
  return keys_ && init.current == keys_->current() && init.next == keys_->next() &&
         init.key_sequence == keys_->remote_sequence();
}

bool Session::is_followed_by(const SessionInit& init) const {
  return keys_ && init.current == keys_->next() &&
         init.key_sequence == keys_->remote_sequence() + 1;
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

// Takes over keys of the remote and rotates our own.
bool Session::advance(Instant now, const BoxPublicKey& current, const BoxPublicKey& next,
                      std::uint64_t key_sequence) {
  Wiped<BoxSharedKey> current_send;
  if (!cryptography_.share(current, secrets_->next, *current_send)) return false;
  ++local_key_sequence_;
  ReceiveKeys keys(current, next, key_sequence, secrets_->send, secrets_->next,
                   local_key_sequence_);
  if (keys_) keys.succeed(*keys_);
  previous_keys_ = std::move(keys_);
  keys_ = std::move(keys);

  secrets_->current_send = *current_send;
  secrets_->send = secrets_->next;
  send_public_ = next_public_;
  cryptography_.generate_box_keys(random_, next_public_, secrets_->next);
  advanced_at_ = now;
  settled_at_.reset();
  sent_since_advance_ = false;
  return true;
}

void Session::seal(Instant now, Packet& packet) {
  // At 10^9 packets a second the counter of one key would last for five centuries.
  INVARIANT(keys_ && send_nonce_ != std::numeric_limits<std::uint64_t>::max());
  const std::uint64_t nonce = ++send_nonce_;
  bytes_sent_ += packet.size();
  last_used_ = now;
  sent_since_advance_ = true;
  if (!unanswered_since_) unanswered_since_ = now;

  const std::uint64_t remote = keys_->remote_sequence();
  const std::size_t header =
      1 + uvarint_size(local_key_sequence_) + uvarint_size(remote) + uvarint_size(nonce);
  ByteSpan out = packet.push_front(header + kBoxOverhead);
  out[0] = static_cast<std::uint8_t>(SessionMessage::traffic);
  out = put_uvarint(out.subspan(1), local_key_sequence_);
  out = put_uvarint(out, remote);
  out = put_uvarint(out, nonce);
  std::copy(next_public_.bytes.begin(), next_public_.bytes.end(), out.subspan(kBoxTagSize).begin());
  cryptography_.seal(secrets_->current_send, nonce, packet.bytes().subspan(header));
}

bool Session::ratchet_is_due(Instant now, ReceiveKeys::Which which) const {
  // A remote that has not seen the pair we send with learns the next one from what we send. To
  // change keys before we sent anything would leave it with none that we use.
  if (which == ReceiveKeys::Which::next_recv && !sent_since_advance_) return false;
  return !ratcheted_at_ || now - *ratcheted_at_ > kRatchetInterval;
}

Reception Session::open(Instant now, Packet& packet) {
  const auto header = TrafficHeader::read(packet.bytes());
  if (!header) return Reception::ignored;
  const ByteSpan box = packet.bytes().subspan(header->size);
  if (box.size() < kBoxOverhead) return Reception::unreadable;
  if (settled_at_ && now - *settled_at_ >= kLateTraffic) previous_keys_.reset();

  const ReceiveKeys::Opening opening = keys_->open(cryptography_, *header, box);
  if (opening.outcome == ReceiveKeys::Outcome::replayed) return Reception::ignored;
  if (opening.outcome == ReceiveKeys::Outcome::opened) {
    heard(now);
    if (!settled_at_) settled_at_ = now;
    BoxPublicKey inner;
    std::copy_n(box.subspan(kBoxTagSize).begin(), inner.bytes.size(), inner.bytes.begin());
    follow(now, opening.which, inner, header->nonce);
  } else {
    const Reception late = open_late(now, *header, box);
    if (late != Reception::opened) return late;
  }
  packet.pop_front(header->size + kBoxOverhead);
  bytes_received_ += packet.size();
  last_used_ = now;
  proven_ = true;
  return Reception::opened;
}

// What keys of ours no longer open may have been sealed just before they changed. That is no answer
// to anything sent since: should it go on, then the change was due to a stray init of an earlier
// life of the remote, and the silence lets its next one through.
Reception Session::open_late(Instant now, const TrafficHeader& header, ByteSpan box) {
  if (previous_keys_) {
    const auto outcome = previous_keys_->open(cryptography_, header, box).outcome;
    if (outcome == ReceiveKeys::Outcome::opened) return Reception::opened;
    if (outcome == ReceiveKeys::Outcome::replayed) return Reception::ignored;
  }
  const bool overtaken = now - advanced_at_ < kLateTraffic &&
                         header.local <= keys_->remote_sequence() &&
                         header.remote < local_key_sequence_;
  return overtaken ? Reception::ignored : Reception::unreadable;
}

// Keeps up with a remote that sealed its last message with `which`.
void Session::follow(Instant now, ReceiveKeys::Which which, const BoxPublicKey& inner,
                     std::uint64_t nonce) {
  if (which == ReceiveKeys::Which::current_recv) return;
  if (which == ReceiveKeys::Which::following_send) {
    // Two ahead: one more change on its side, and nothing of it would open here.
    if (ratchet(now, *keys_->following())) keys_->set_following(inner);
  } else if (!ratchet_is_due(now, which)) {
    keys_->set_following(inner);
  } else if (ratchet(now, inner)) {
    keys_->use_up(nonce);
  }
}

bool Session::ratchet(Instant now, const BoxPublicKey& next) {
  if (!advance(now, keys_->next(), next, keys_->remote_sequence() + 1)) return false;
  send_nonce_ = 0;
  ratcheted_at_ = now;
  return true;
}

std::size_t Session::secret_bytes() const {
  const std::size_t of_receiving = ReceiveKeys::secret_bytes();
  return sizeof(Secrets) + (keys_ ? of_receiving : 0) + (previous_keys_ ? of_receiving : 0);
}

}  // namespace thicket::crypto
