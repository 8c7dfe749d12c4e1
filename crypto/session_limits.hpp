#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"

// Every limit and interval of sessions, with its reason. Those that wire.md §8 fixes say so.
namespace thicket::crypto {

/// A session ends this long after the last packet sent or received (wire.md §8).
constexpr Duration kSessionIdle = std::chrono::minutes(1);
/// A session does not ratchet again sooner than this (wire.md §8).
constexpr Duration kRatchetInterval = std::chrono::minutes(1);
/// A set-up is forgotten this long after the newest data that waits for it (wire.md §8).
constexpr Duration kPendingLifetime = std::chrono::minutes(1);

/// Sessions held; about 1 KB each, so 4 MB. What is over makes room as said in session_table.hpp.
constexpr std::size_t kMaxSessions = 4096;
/// Sessions held of remotes that have not yet sent any traffic in them: what strangers can create
/// with inits alone. The least recently used goes.
constexpr std::size_t kMaxUnprovenSessions = 1024;
/// Set-ups in progress. Only our own side starts one. The one whose data is oldest goes.
constexpr std::size_t kMaxPending = 1024;

/// Data kept for one set-up: the newest packets, at least one, within both limits.
constexpr std::size_t kMaxWaitingPackets = 8;
constexpr std::size_t kMaxWaitingBytes = 64 * 1024;
/// Data kept for all set-ups together. The set-up whose data is oldest goes.
constexpr std::size_t kMaxWaitingBytesInAll = 4 * 1024 * 1024;

/// An init is repeated while data waits: first after this long, then doubling up to the longest.
constexpr Duration kFirstRetry = std::chrono::milliseconds(250);
constexpr Duration kLongestRetry = std::chrono::seconds(8);
/// Repetitions carry the same sequence number for this long, and higher ones from then on. A stock
/// node rotates its keys at each higher number, and loses what we sent upon its first ack; but if
/// that ack was lost, it does not send another for the same number. Nodes of ours do.
constexpr Duration kSameNumber = std::chrono::seconds(1);
/// New data does not wait for a long back-off: it repeats the init if this long has passed.
constexpr Duration kRetryForNewData = std::chrono::seconds(1);

/// How far our sequence numbers may run ahead of the clock. They must rise with every init and ack,
/// but after a restart they start from the clock again, and the remote ignores us until it has
/// caught up. So this is also the burst of inits and acks to one remote; then it is one a second.
constexpr std::uint64_t kMaxSequenceLead = 4;
/// Remotes whose last sequence number is remembered. The lowest number goes: the clock passes it
/// first.
constexpr std::size_t kMaxRememberedSequences = 8192;

/// For this long after a change of keys, those from before still open what was on its way; what is
/// older still was overtaken by others, and asks for no new set-up.
constexpr Duration kLateTraffic = std::chrono::seconds(1);
/// When a remote has left what we sent unanswered for this long, it may have restarted with a clock
/// that went back: an init with an old sequence number is then believed.
constexpr Duration kSilence = std::chrono::seconds(5);

/// Inits and acks opened from remotes without a session or set-up, from all of those with one, and
/// from each single one of these. They are apart so that strangers cannot use up what is for
/// others.
constexpr Rate kStrangerInits{600, 600};
constexpr Rate kKnownInits{2000, 2000};
constexpr Rate kInitsPerRemote{64, 128};
/// Inits sent in answer to traffic for which there is no session.
constexpr Rate kStrangerAnswers{100, 100};
/// Inits sent in answer to traffic that no key of its session opens.
constexpr Rate kSessionAnswers{500, 500};

}  // namespace thicket::crypto
