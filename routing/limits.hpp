#pragma once

#include <cstddef>
#include <cstdint>

#include "crypto/time.hpp"

// Every number that bounds memory, work or time in routing/. The first part is the protocol's
// (wire.md), and must not be changed; the second is ours.
namespace thicket::routing::limits {

using namespace std::chrono_literals;

// --- agreed with all nodes -----------------------------------------------------------------------

/// §2: a keepalive is due this long after the first frame received since we last sent anything.
constexpr Duration kKeepaliveDelay = 1s;
/// §2: a link ends this long after the first frame sent since we last received anything.
constexpr Duration kSilenceTimeout = 3s;
/// §3: records of others expire this long after they were accepted.
constexpr Duration kRecordLifetime = 5min;
/// §3: our own record is renewed this long after its last change.
constexpr Duration kRecordRefresh = 4min;
/// §5: a path is forgotten this long after its last use.
constexpr Duration kPathLifetime = 1min;
/// §5: at most one lookup per key in this time, once one has gone out.
constexpr Duration kLookupInterval = 1s;

// --- ours ----------------------------------------------------------------------------------------

/// Without a candidate, how long we wait for answers still outstanding before becoming root.
constexpr Duration kParentWait = 250ms;
/// How long a root that we lost is only taken back through a node nearer to it than we were: by
/// then those who still name it from memory have heard of the loss too.
constexpr Duration kRootHoldDown = 400ms;
/// How soon a renewal of our record is tried again for which nobody had signed yet.
constexpr Duration kRefreshRetry = 1s;
/// Changes of our own record: a burst, then a steady rate.
constexpr std::uint32_t kOwnChangeBurst = 12;
constexpr std::uint32_t kOwnChangesPerSecond = 4;

/// Records that belong to no ancestry of ours or of a peer. The oldest go first.
constexpr std::size_t kUnattachedRecordsPerPeer = 1024;
constexpr std::size_t kUnattachedRecords = 8192;
/// Changes of one key's record that are passed on: a burst, then a steady rate; the newest of those
/// that came too fast waits.
constexpr std::uint32_t kRecordChangeBurst = 16;
constexpr std::uint32_t kRecordChangesPerSecond = 4;
/// Announcements verified (two signatures each) per peer.
constexpr std::uint32_t kAnnounceBurst = 2048;
constexpr std::uint32_t kAnnouncesPerSecond = 128;
/// Announcements of one peer that wait for their turn, the newest per key. The lowest keys stay.
constexpr std::size_t kAnnounceBacklog = 512;

/// Signatures given to (SigReq) and checked for (unasked SigRes) one peer. The newest SigReq waits.
constexpr std::uint32_t kSigReqBurst = 64;
constexpr std::uint32_t kSigReqsPerSecond = 16;

/// Filters: new keys are passed on at once within this rate, gone ones after the interval.
constexpr std::uint32_t kFilterBurst = 8;
constexpr std::uint32_t kFiltersPerSecond = 2;
constexpr Duration kFilterShrinkInterval = 1s;
/// §7: a filter is repeated after this long, whether it changed or not.
constexpr Duration kFilterRepeat = 1h;

/// Lookups taken from one peer.
constexpr std::uint32_t kLookupBurst = 4096;
constexpr std::uint32_t kLookupsPerSecond = 1024;
/// PathBroken frames that one peer's traffic can make us send, and signatures of PathNotify frames
/// for us that one peer can make us check.
constexpr std::uint32_t kBrokenBurst = 128;
constexpr std::uint32_t kBrokenPerSecond = 64;
constexpr std::uint32_t kNotifyBurst = 256;
constexpr std::uint32_t kNotifiesPerSecond = 64;

/// Own lookups: repeated while a packet waits, at these intervals, doubling.
constexpr Duration kLookupRetryFirst = 1s;
constexpr Duration kLookupRetryMax = 16s;
/// A change of coordinates or filters lets a lookup be repeated early, but not faster than this.
constexpr Duration kLookupEarlyRetry = 250ms;
/// How long a lookup goes on after the last packet or request for its key.
constexpr Duration kLookupLifetime = 20s;
/// Own lookups in flight; the one asked for longest ago goes first.
constexpr std::size_t kLookups = 1024;
/// Packets kept per key that has no path yet; the oldest go first.
constexpr std::size_t kPacketsPerLookup = 8;
constexpr std::size_t kPacketBytesPerLookup = 256 * 1024;
constexpr std::size_t kPacketBytesAllLookups = 4 * 1024 * 1024;
/// Paths held; the least recently used goes first.
constexpr std::size_t kPaths = 4096;
/// Nodes told of a change of our coordinates; the least recently heard goes first.
constexpr std::size_t kCorrespondents = 1024;
constexpr Duration kCorrespondentLifetime = 1min;
/// Coordinates may change again within moments; wait this long before telling correspondents,
/// and do it at most this often.
constexpr Duration kNotifyDelay = 20ms;
constexpr Duration kNotifyInterval = 500ms;

/// Bytes waiting for one link.
constexpr std::size_t kLinkTrafficBytes = 1536 * 1024;
constexpr std::size_t kLinkControlBytes = 1024 * 1024;
/// Lookups, notifies and brokens are dropped, not queued, once this many bytes wait: they are
/// repeated by those who need them.
constexpr std::size_t kLinkExpendableBytes = kLinkControlBytes / 2;

/// Path length that we are willing to route by. Longer ones are dropped, not errors.
constexpr std::size_t kPathPorts = 4096;

}  // namespace thicket::routing::limits
