#include "crypto/session_manager.hpp"

#include <algorithm>
#include <utility>

#include "crypto/action_queue.hpp"
#include "crypto/pending_session.hpp"
#include "crypto/session.hpp"
#include "crypto/session_init.hpp"
#include "crypto/session_limits.hpp"
#include "crypto/session_sequence.hpp"
#include "crypto/session_table.hpp"
#include "crypto/token_bucket.hpp"

namespace thicket::crypto {

struct SessionManager::State {
  State(const KeyPair& own_identity, const Cryptography& own_cryptography, Random& own_random,
        const SessionOptions& options)
      : identity(own_identity),
        cryptography(own_cryptography),
        random(own_random),
        codec(own_identity, own_cryptography, own_random, options.group_password) {}

  void send(Time now, const PublicKey& to, Packet data);
  void receive_init(Time now, const PublicKey& from, ByteView message);
  void receive_traffic(Time now, const PublicKey& from, Packet message);
  void repeat_inits(Time now);

  void wait_for_session(Time now, const PublicKey& to, Packet data);
  void send_pending_init(Time now, PendingSession& pending, bool with_higher_number);
  void repeat_pending_init(Time now, PendingSession& pending);
  bool admit_init(Instant now, SessionEntry* entry, PendingSession* pending);
  void establish(Time now, const PublicKey& from, const SessionInit& init);
  void receive_init_in_session(Time now, SessionEntry& entry, const SessionInit& init);
  void replace(Time now, SessionEntry& entry, const SessionInit& init);
  void send_ack(Time now, SessionEntry& entry);
  void repeat_ack(Time now, SessionEntry& entry);
  void announce_keys(Time now, SessionEntry& entry);
  void answer_stranger(Time now, const PublicKey& from);
  bool transmit_init(const PublicKey& to, SessionInit init, std::uint64_t number,
                     const BoxPublicKey& box_key);
  const BoxPublicKey& box_key_of(SessionEntry& entry);

  const KeyPair& identity;
  const Cryptography& cryptography;
  Random& random;
  SessionInitCodec codec;
  SessionTable sessions;
  PendingSessions pending_sessions;
  SessionSequence sequence;
  TokenBucket stranger_inits{kStrangerInits};
  TokenBucket known_inits{kKnownInits};
  TokenBucket stranger_answers{kStrangerAnswers};
  TokenBucket session_answers{kSessionAnswers};
  ActionQueue<SessionAction> actions;
};

SessionManager::SessionManager(const KeyPair& identity, const Cryptography& cryptography,
                               Random& random, SessionOptions options)
    : state_(std::make_unique<State>(identity, cryptography, random, options)) {}

SessionManager::~SessionManager() = default;

void SessionManager::send(Time now, const PublicKey& to, Packet data) {
  if (to == state_->identity.public_key()) return;
  state_->sessions.expire(now.steady);
  state_->send(now, to, std::move(data));
}

void SessionManager::receive(Time now, const PublicKey& from, Packet payload) {
  if (payload.empty() || from == state_->identity.public_key()) return;
  state_->sessions.expire(now.steady);
  switch (static_cast<SessionMessage>(payload.bytes()[0])) {
    case SessionMessage::init:
    case SessionMessage::ack:
      return state_->receive_init(now, from, payload.bytes());
    case SessionMessage::traffic:
      return state_->receive_traffic(now, from, std::move(payload));
    case SessionMessage::dummy:
      return;
  }
}

void SessionManager::tick(Time now) {
  state_->sessions.expire(now.steady);
  state_->repeat_inits(now);
}

std::optional<Instant> SessionManager::next_deadline() const {
  const auto expiry = state_->sessions.next_expiry();
  const auto due = state_->pending_sessions.next_due();
  if (expiry && due) return std::min(*expiry, *due);
  return expiry ? expiry : due;
}

std::optional<SessionAction> SessionManager::next_action() {
  return state_->actions.pop();
}

std::optional<Instant> SessionManager::started(const PublicKey& remote) const {
  const SessionEntry* const entry = state_->sessions.find(remote);
  return entry != nullptr ? std::optional(entry->session.started_at()) : std::nullopt;
}

std::vector<SessionInfo> SessionManager::sessions(Time now) const {
  std::vector<SessionInfo> infos;
  for (const SessionEntry* entry : state_->sessions.entries()) {
    const Session& session = entry->session;
    infos.push_back({entry->remote, session.bytes_received(), session.bytes_sent(),
                     now.steady - session.started_at()});
  }
  return infos;
}

std::size_t SessionManager::state_bytes() const {
  return sizeof(State) + state_->sessions.state_bytes() + state_->pending_sessions.state_bytes() +
         state_->sequence.state_bytes();
}

// --- data out, and set-ups of our own

void SessionManager::State::send(Time now, const PublicKey& to, Packet data) {
  SessionEntry* const entry = sessions.find(to);
  if (entry == nullptr) return wait_for_session(now, to, std::move(data));
  entry->session.seal(now.steady, data);
  sessions.touch(*entry);
  actions.push(TransmitPayload{to, std::move(data)});
}

void SessionManager::State::wait_for_session(Time now, const PublicKey& to, Packet data) {
  PendingSession* pending = pending_sessions.find(to);
  if (pending == nullptr) {
    const auto box_key = cryptography.box_public_key(to);
    if (!box_key) return;  // not a key that anybody can have
    PendingSession fresh{to, *box_key, SessionKeyPair::generate(cryptography, random),
                         SessionKeyPair::generate(cryptography, random)};
    fresh.started_at = now.steady;
    pending = &pending_sessions.start(std::move(fresh));
  }
  pending_sessions.keep(now.steady, *pending, std::move(data));
  if (!pending->sent_at) {
    send_pending_init(now, *pending, true);
    pending_sessions.retry_at(*pending, now.steady + pending->backoff);
  } else if (now.steady - *pending->sent_at >= kRetryForNewData) {
    repeat_pending_init(now, *pending);
  }
}

void SessionManager::State::send_pending_init(Time now, PendingSession& pending,
                                              bool with_higher_number) {
  if (with_higher_number) {
    const auto number = sequence.next(now, pending.remote);
    if (!number) return;
    pending.sequence = *number;
  }
  pending.sent_at = now.steady;
  transmit_init(pending.remote, pending.announcement(), pending.sequence, pending.remote_box_key);
}

void SessionManager::State::repeat_pending_init(Time now, PendingSession& pending) {
  const bool patient = now.steady - pending.started_at < kSameNumber;
  send_pending_init(now, pending, !pending.sent_at || !patient);
}

void SessionManager::State::repeat_inits(Time now) {
  while (PendingSession* const pending = pending_sessions.due(now.steady)) {
    if (pending->expires_at <= now.steady) {
      pending_sessions.take(PublicKey(pending->remote));
      continue;
    }
    repeat_pending_init(now, *pending);
    pending->backoff = std::min(2 * pending->backoff, kLongestRetry);
    pending_sessions.retry_at(*pending, now.steady + pending->backoff);
  }
}

// --- inits and acks in

// Strangers, remotes that we have to do with, and each of these draw on budgets of their own.
bool SessionManager::State::admit_init(Instant now, SessionEntry* entry, PendingSession* pending) {
  if (entry != nullptr) return entry->inits.take(now) && known_inits.take(now);
  if (pending != nullptr) return pending->inits.take(now) && known_inits.take(now);
  return stranger_inits.take(now);
}

void SessionManager::State::receive_init(Time now, const PublicKey& from, ByteView message) {
  if (message.size() != SessionInitCodec::kSize) return;
  SessionEntry* const entry = sessions.find(from);
  PendingSession* const pending = pending_sessions.find(from);
  if (!admit_init(now.steady, entry, pending)) return;
  const auto init = codec.open(from, message);
  if (!init) return;
  if (entry != nullptr) return receive_init_in_session(now, *entry, *init);
  establish(now, from, *init);
}

void SessionManager::State::establish(Time now, const PublicKey& from, const SessionInit& init) {
  PendingSession* const pending = pending_sessions.find(from);
  // The pending keys stay where they are until the remote's have been found usable.
  Session session = pending == nullptr
                        ? Session(cryptography, random, now.steady)
                        : Session(cryptography, random, now.steady, pending->send, pending->next);
  if (!session.accept(now.steady, init)) return;
  SessionEntry& entry = sessions.insert(from, std::move(session));
  if (pending == nullptr) return send_ack(now, entry);
  // To an ack of our own init, no ack: it would only make the remote rotate its keys under the data
  // that follows. For the same reason, an init that crossed ours gets an ack with our init's
  // number: the remote takes but one of the two.
  if (!init.is_ack && pending->sent_at) {
    entry.sent_ack = SentAck{pending->sequence, entry.session.local_key_sequence()};
    repeat_ack(now, entry);
  }
  PendingSession done = pending_sessions.take(from);
  for (Packet& data : done.waiting) send(now, from, std::move(data));
}

void SessionManager::State::receive_init_in_session(Time now, SessionEntry& entry,
                                                    const SessionInit& init) {
  Session& session = entry.session;
  const bool newer = init.sequence > session.remote_sequence();
  const bool same_second = init.sequence == session.remote_sequence();
  if (session.holds_keys_of(init)) {
    // A repetition: both sides already agree on these keys, and rotating ours would not help.
    if (!newer && !same_second) return;
    // What came before may be a replay: it is answered, but proves no life.
    if (newer) {
      session.confirm(now.steady, init.sequence);
      sessions.touch(entry);
    }
    if (init.is_ack) return;
    return newer ? send_ack(now, entry) : repeat_ack(now, entry);
  }
  // Within a second, a sender's messages are told apart by its rotations. An ack with keys just one
  // rotation on is left out: what they seal opens already, and a stock node leaves out ours.
  const bool advances =
      newer || (same_second && init.key_sequence > session.remote_key_sequence() &&
                !(init.is_ack && session.is_followed_by(init)));
  if (advances) {
    if (!session.accept(now.steady, init)) return;
    sessions.touch(entry);
    if (!init.is_ack) send_ack(now, entry);
  } else if (session.is_silent(now.steady)) {
    replace(now, entry, init);
  }
}

// The remote seems to have restarted with an earlier clock. Should this be a replay instead, then
// the session with fresh keys opens nothing old, and the remote's next traffic puts it right.
void SessionManager::State::replace(Time now, SessionEntry& entry, const SessionInit& init) {
  Session fresh(cryptography, random, now.steady);
  if (!fresh.accept(now.steady, init)) return;
  const PublicKey remote = entry.remote;
  send_ack(now, sessions.insert(remote, std::move(fresh)));
}

// --- inits and acks out

const BoxPublicKey& SessionManager::State::box_key_of(SessionEntry& entry) {
  // A key that signs is a valid point; so what is not converts to zeros, with which nothing is
  // shared.
  if (!entry.remote_box_key) {
    entry.remote_box_key = cryptography.box_public_key(entry.remote).value_or(BoxPublicKey{});
  }
  return *entry.remote_box_key;
}

bool SessionManager::State::transmit_init(const PublicKey& to, SessionInit init,
                                          std::uint64_t number, const BoxPublicKey& box_key) {
  init.sequence = number;
  auto message = codec.seal(init, box_key);
  if (!message) return false;
  actions.push(TransmitPayload{to, std::move(*message)});
  return true;
}

void SessionManager::State::send_ack(Time now, SessionEntry& entry) {
  const auto number = sequence.next(now, entry.remote);
  if (!number) return;
  entry.sent_ack = SentAck{*number, entry.session.local_key_sequence()};
  transmit_init(entry.remote, entry.session.announcement(true), *number, box_key_of(entry));
}

// With the number that the ack had before: should it have arrived after all, this one is ignored.
void SessionManager::State::repeat_ack(Time now, SessionEntry& entry) {
  if (!entry.sent_ack || entry.sent_ack->local_key_sequence != entry.session.local_key_sequence()) {
    return send_ack(now, entry);
  }
  transmit_init(entry.remote, entry.session.announcement(true), entry.sent_ack->sequence,
                box_key_of(entry));
}

void SessionManager::State::announce_keys(Time now, SessionEntry& entry) {
  // One remote that may not be told again yet does not use up what is for all.
  if (!sequence.is_ready(now, entry.remote) || !session_answers.take(now.steady)) return;
  const auto number = sequence.next(now, entry.remote);
  if (!number) return;
  transmit_init(entry.remote, entry.session.announcement(false), *number, box_key_of(entry));
}

// With throw-away keys, which nobody has the secret halves of: no state is kept for strangers.
void SessionManager::State::answer_stranger(Time now, const PublicKey& from) {
  if (!sequence.is_ready(now, from) || !stranger_answers.take(now.steady)) return;
  const auto box_key = cryptography.box_public_key(from);
  if (!box_key) return;
  const auto number = sequence.next(now, from);
  if (!number) return;
  SessionInit init;
  random.fill(init.current.bytes);
  random.fill(init.next.bytes);
  transmit_init(from, init, *number, *box_key);
}

// --- traffic in

void SessionManager::State::receive_traffic(Time now, const PublicKey& from, Packet message) {
  if (SessionEntry* const entry = sessions.find(from)) {
    switch (entry->session.open(now.steady, message)) {
      case Reception::opened:
        sessions.touch(*entry);
        return actions.push(DeliverData{from, std::move(message)});
      case Reception::unreadable:
        return announce_keys(now, *entry);
      case Reception::ignored:
        return;
    }
  }
  PendingSession* const pending = pending_sessions.find(from);
  if (pending == nullptr) return answer_stranger(now, from);
  // The remote has a session with us that we lost: our own init is the better answer.
  if (!pending->sent_at || now.steady - *pending->sent_at >= kFirstRetry) {
    send_pending_init(now, *pending, true);
  }
}

}  // namespace thicket::crypto
