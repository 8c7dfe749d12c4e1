#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "crypto/bytes.hpp"
#include "crypto/public_key.hpp"
#include "crypto/session_limits.hpp"
#include "crypto/time.hpp"
#include "routing/capabilities.hpp"

namespace thicket::routing {

namespace limits {

/// Nodes whose hellos are remembered: as many as there can be sessions.
constexpr std::size_t kHellos = crypto::kMaxSessions;
/// Hellos of one session that are read, and how far apart: the other side may have restarted, which
/// does not always end our session with it.
constexpr std::uint8_t kHellosPerSession = 4;
constexpr Duration kHelloInterval = std::chrono::seconds(5);
/// How often it is looked for sessions that ended.
constexpr Duration kHelloSweep = std::chrono::seconds(10);

}  // namespace limits

struct HelloCounters {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;  ///< and read
  std::uint64_t ignored = 0;   ///< malformed, or too many of one session
};

/// The hellos of extension E3: what the other ends of sessions offer, and who was told what we do.
/// A hello answers the first data of a session, so it never goes where nobody has proven to be.
/// Sessions are told apart by when they started.
class Hellos {
 public:
  /// From now on we say hello.
  void offer(Capabilities capabilities);
  bool offers() const { return !message_.empty(); }
  const HelloCounters& counters() const { return counters_; }

  /// Whether session data is a hello.
  static bool is_hello(ByteView data);
  /// Data came in the session with `from`. True: it is to be sent message() now.
  bool heard(Time now, const PublicKey& from, Instant session);
  /// `data` is a hello. What it says, if it is to be believed.
  const Capabilities* receive(Time now, const PublicKey& from, Instant session, ByteView data);
  /// Whether the hello just received is to be answered with ours again: the other side forgot it.
  bool forgotten(Time now, const PublicKey& from);
  ByteView message() const { return message_; }

  /// What the other end of this session offers; null: it did not say.
  const Capabilities* find(const PublicKey& key, Instant session) const;
  /// Forgets sessions that ended. `started` says when the present one with a key did.
  template <class Started>
  void sweep(Instant now, const Started& started) {
    if (entries_.empty() || now < swept_ + limits::kHelloSweep) return;
    swept_ = now;
    std::erase_if(entries_,
                  [&](const auto& entry) { return started(entry.first) != entry.second.session; });
  }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Instant session;
    std::optional<Instant> sent;
    std::optional<Instant> received;
    std::uint8_t times_received = 0;
    std::optional<Capabilities> theirs;
  };
  Entry& entry_of(const PublicKey& key, Instant session);

  std::vector<std::uint8_t> message_;
  std::optional<std::pair<PublicKey, Instant>>
      greeted_;  ///< session last seen to be: packets come in flows
  std::map<PublicKey, Entry> entries_;
  Instant swept_{};
  HelloCounters counters_;
};

}  // namespace thicket::routing
