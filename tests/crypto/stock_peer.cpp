#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "crypto/action_queue.hpp"
#include "crypto/session_init.hpp"
#include "crypto/session_peer.hpp"
#include "crypto/uvarint.hpp"

// Written from wire.md §8 alone and sharing nothing with our Session but the codec of inits, so
// that one may find the other's mistakes.
namespace thicket::test {

namespace {

using crypto::SessionInit;

struct Keys {
  BoxPublicKey pub;
  BoxSecretKey secret;
};

struct ReceiveKey {
  BoxSharedKey shared;
  std::uint64_t nonce = 0;
};

struct StockSession {
  BoxPublicKey remote_current, remote_next;
  std::uint64_t remote_key_sequence = 0, remote_sequence = 0, local_key_sequence = 0;
  Keys recv, send, next;
  BoxSharedKey current_send;
  std::uint64_t send_nonce = 0;
  ReceiveKey current_recv, next_send, next_recv;
  Instant last_used;
  std::optional<Instant> ratcheted;
};

struct StockPending {
  Keys send, next;
  std::uint64_t sequence = 0;
  Packet newest;
  Instant since;
};

class StockPeer final : public SessionPeer {
 public:
  StockPeer(const KeyPair& identity, Random& random)
      : random_(random), codec_(identity, sodium_, random, "") {}

  void send(Time now, const PublicKey& to, Packet data) override {
    expire(now);
    const auto session = sessions_.find(to);
    if (session != sessions_.end()) return send_in_session(now, to, session->second, data);
    auto pending = pending_.find(to);
    if (pending == pending_.end()) {
      pending = pending_.emplace(to, StockPending{make(), make(), now.unix_seconds, {}, now.steady})
                    .first;
    }
    StockPending& p = pending->second;
    p.newest = std::move(data);
    transmit(to, {false, p.send.pub, p.next.pub, 0, p.sequence});
  }

  void receive(Time now, const PublicKey& from, Packet payload) override {
    expire(now);
    if (payload.empty()) return;
    const std::uint8_t type = payload.bytes()[0];
    if (type == 1 || type == 2) {
      const auto init = codec_.open(from, payload.bytes());
      if (init) receive_init(now, from, *init);
    } else if (type == 3) {
      receive_traffic(now, from, std::move(payload));
    }
  }

  void tick(Time now) override { expire(now); }
  std::optional<Instant> next_deadline() const override { return std::nullopt; }
  std::optional<crypto::SessionAction> next_action() override { return actions_.pop(); }

 private:
  Keys make() {
    Keys keys;
    sodium_.generate_box_keys(random_, keys.pub, keys.secret);
    return keys;
  }

  void transmit(const PublicKey& to, const SessionInit& init) {
    actions_.push(
        crypto::TransmitPayload{to, codec_.seal(init, *sodium_.box_public_key(to)).value()});
  }

  void announce(Time now, const PublicKey& to, const StockSession& s, bool is_ack) {
    transmit(to, {is_ack, s.send.pub, s.next.pub, s.local_key_sequence, now.unix_seconds});
  }

  void expire(Time now) {
    std::erase_if(sessions_, [&](const auto& entry) {
      return now.steady - entry.second.last_used >= std::chrono::minutes(1);
    });
    std::erase_if(pending_, [&](const auto& entry) {
      return now.steady - entry.second.since >= std::chrono::minutes(1);
    });
  }

  void rotate(StockSession& s) {
    s.recv = s.send;
    s.send = s.next;
    s.next = make();
    ++s.local_key_sequence;
  }

  void share(StockSession& s, std::uint64_t receive_nonce) {
    (void)sodium_.share(s.remote_current, s.send.secret, s.current_send);
    const auto derive = [this](const BoxPublicKey& theirs, const Keys& ours, ReceiveKey& key) {
      (void)sodium_.share(theirs, ours.secret, key.shared);
    };
    derive(s.remote_current, s.recv, s.current_recv);
    derive(s.remote_next, s.send, s.next_send);
    derive(s.remote_next, s.recv, s.next_recv);
    s.current_recv.nonce = receive_nonce;
    s.next_send.nonce = s.next_recv.nonce = 0;
  }

  void receive_init(Time now, const PublicKey& from, const SessionInit& init) {
    auto session = sessions_.find(from);
    const bool is_new = session == sessions_.end();
    Packet waiting;
    bool has_waiting = false;
    if (is_new) {
      StockSession fresh;
      fresh.send = make();
      fresh.next = make();
      const auto pending = pending_.find(from);
      if (pending != pending_.end()) {
        fresh.send = pending->second.send;
        fresh.next = pending->second.next;
        waiting = std::move(pending->second.newest);
        has_waiting = true;
        pending_.erase(pending);
      }
      session = sessions_.emplace(from, std::move(fresh)).first;
    }
    StockSession& s = session->second;
    if (!is_new && init.sequence <= s.remote_sequence) return;
    s.remote_current = init.current;
    s.remote_next = init.next;
    s.remote_key_sequence = init.key_sequence;
    s.remote_sequence = init.sequence;
    s.last_used = now.steady;
    rotate(s);
    share(s, 0);
    if (is_new || !init.is_ack) announce(now, from, s, true);
    if (has_waiting) send_in_session(now, from, s, waiting);
  }

  void send_in_session(Time now, const PublicKey& to, StockSession& s, const Packet& data) {
    ++s.send_nonce;
    s.last_used = now.steady;
    std::vector<std::uint8_t> message{3};
    for (const std::uint64_t number : {s.local_key_sequence, s.remote_key_sequence, s.send_nonce}) {
      std::array<std::uint8_t, crypto::kMaxUvarintSize> buffer;
      const ByteSpan left = crypto::put_uvarint(buffer, number);
      message.insert(message.end(), buffer.data(), left.data());
    }
    const std::size_t header = message.size();
    message.resize(header + kBoxTagSize);
    message.insert(message.end(), s.next.pub.bytes.begin(), s.next.pub.bytes.end());
    message.insert(message.end(), data.bytes().begin(), data.bytes().end());
    sodium_.seal(s.current_send, s.send_nonce, ByteSpan(message).subspan(header));
    actions_.push(crypto::TransmitPayload{to, Packet::copy_of(message)});
  }

  static ReceiveKey* key_for(StockSession& s, std::uint64_t local, std::uint64_t remote) {
    if (local == s.remote_key_sequence && remote + 1 == s.local_key_sequence) {
      return &s.current_recv;
    }
    if (local != s.remote_key_sequence + 1) return nullptr;
    if (remote == s.local_key_sequence) return &s.next_send;
    return remote + 1 == s.local_key_sequence ? &s.next_recv : nullptr;
  }

  void receive_traffic(Time now, const PublicKey& from, Packet payload) {
    const auto session = sessions_.find(from);
    if (session == sessions_.end()) {
      return transmit(from, {false, make().pub, make().pub, 0, now.unix_seconds});
    }
    StockSession& s = session->second;
    ByteView rest = std::as_const(payload).bytes().subspan(1);
    const auto local = crypto::take_uvarint(rest);
    const auto remote = local ? crypto::take_uvarint(rest) : std::nullopt;
    const auto nonce = remote ? crypto::take_uvarint(rest) : std::nullopt;
    if (!nonce) return;
    ReceiveKey* const key = key_for(s, *local, *remote);
    if (key != nullptr && *nonce <= key->nonce) return;
    payload.pop_front(payload.size() - rest.size());
    if (key == nullptr || rest.size() < kBoxTagSize + 32 ||
        !sodium_.open(key->shared, *nonce, payload.bytes())) {
      return announce(now, from, s, false);
    }
    key->nonce = *nonce;
    BoxPublicKey inner;
    std::copy_n(payload.bytes().begin() + kBoxTagSize, 32, inner.bytes.begin());
    if (key != &s.current_recv &&
        (!s.ratcheted || now.steady - *s.ratcheted > std::chrono::minutes(1))) {
      s.remote_current = s.remote_next;
      s.remote_next = inner;
      ++s.remote_key_sequence;
      rotate(s);
      share(s, *nonce);
      s.send_nonce = 0;
      s.ratcheted = now.steady;
    }
    s.last_used = now.steady;
    payload.pop_front(kBoxTagSize + 32);
    actions_.push(crypto::DeliverData{from, std::move(payload)});
  }

  SodiumCryptography sodium_;
  Random& random_;
  crypto::SessionInitCodec codec_;
  std::map<PublicKey, StockSession> sessions_;
  std::map<PublicKey, StockPending> pending_;
  crypto::ActionQueue<crypto::SessionAction> actions_;
};

class OwnPeer final : public SessionPeer {
 public:
  OwnPeer(const KeyPair& identity, Random& random) : manager_(identity, sodium_, random, {}) {}
  void send(Time now, const PublicKey& to, Packet data) override {
    manager_.send(now, to, std::move(data));
  }
  void receive(Time now, const PublicKey& from, Packet payload) override {
    manager_.receive(now, from, std::move(payload));
  }
  void tick(Time now) override { manager_.tick(now); }
  std::optional<Instant> next_deadline() const override { return manager_.next_deadline(); }
  std::optional<crypto::SessionAction> next_action() override { return manager_.next_action(); }

 private:
  SodiumCryptography sodium_;
  crypto::SessionManager manager_;
};

}  // namespace

std::unique_ptr<SessionPeer> make_own_peer(const KeyPair& identity, Random& random) {
  return std::make_unique<OwnPeer>(identity, random);
}

std::unique_ptr<SessionPeer> make_stock_peer(const KeyPair& identity, Random& random) {
  return std::make_unique<StockPeer>(identity, random);
}

}  // namespace thicket::test
