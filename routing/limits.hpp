#pragma once

#include <cstddef>
#include <cstdint>

#include "crypto/packet.hpp"
#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"

// Every number that bounds memory, work or time in routing/. The first part is the protocol's
// (wire.md), and must not be changed; the second is ours. Choices that bound nothing are in
// policy.hpp.
namespace thicket::routing::limits {

using namespace std::chrono_literals;

// --- agreed with all nodes -----------------------------------------------------------------------

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

/// Changes of our own record: a steady rate, and a burst.
constexpr Rate kOwnChanges{4, 12};

/// What a sign of life may be late without a link being suspected; and we ourselves, to look for
/// it.
constexpr Duration kSuspicionMargin = 100ms;
/// A link is tried at most this often, and not if it was heard more recently than that.
constexpr Duration kProbeInterval = 1s;

/// Copies of what was sent over a link, or along a path, that was quiet for a while: they are sent
/// again if it turns out that nobody heard them. Larger packets, and streams of them, are left to
/// those who sent them.
constexpr Duration kQuiet = 50ms;
constexpr std::size_t kCopyBytes = 2048 - Packet::kHeadroom;  // one more takes a far larger buffer
constexpr std::size_t kCopiesPerLink = 16;
constexpr std::size_t kCopiesOfOwn = 1024;
/// How long a copy is worth sending.
constexpr Duration kCopyLifetime = 3s;
/// Copies from silent links that wait for another way; the oldest go first.
constexpr std::size_t kStranded = 256;
/// How often another way is looked for.
constexpr Duration kStrandedRetry = 100ms;

/// Packets that may go the way back which another node named itself, before there is a signed path:
/// enough for a short exchange, too few to matter if it lied.
constexpr std::uint32_t kUnsignedPackets = 8;
/// How long an answer along such a way is waited for before the node is looked up after all.
constexpr Duration kWayBackPatience = 1s;

/// Generations up to a root that we believe in. A deeper ancestry counts as one with a gap: whoever
/// has it is no parent, and what lies beyond belongs to nobody.
constexpr std::size_t kAncestry = 1024;
/// Records that belong to no ancestry of ours or of a peer. The oldest go first.
constexpr std::size_t kUnattachedRecordsPerPeer = 1024;
constexpr std::size_t kUnattachedRecords = 8192;
/// Changes of one key's record that are passed on: a steady rate, and a burst; the newest of those
/// that came too fast waits.
constexpr Rate kRecordChanges{4, 16};
/// Announcements verified (two signatures each) per peer.
constexpr Rate kAnnounces{128, 1280};
/// The same for all peers together: a new connection buys no new budget.
constexpr Rate kAllAnnounces{1024, 2048};
/// Announcements of one peer that wait for their turn, the newest per key. The lowest keys stay.
constexpr std::size_t kAnnounceBacklog = 512;

/// Signatures given to (SigReq) and checked for (unasked SigRes) one peer. The newest SigReq waits.
constexpr Rate kSigReqs{16, 64};

/// Filters: new keys are passed on within this rate.
constexpr Rate kFilters{2, 8};
/// How often all filters are put together anew, and all lookups looked at again, whatever peers
/// send.
constexpr Rate kFilterSweeps{128, 512};

/// Lookups taken from one peer.
constexpr Rate kLookupsTaken{1024, 4096};
/// PathBroken frames that one peer's traffic can make us send, and signatures of PathNotify frames
/// for us that one peer can make us check.
constexpr Rate kBrokens{2048, 4096};
constexpr Rate kNotifies{512, 1024};
/// The same for one node that claims to have moved, so that it uses up nobody else's.
constexpr Rate kNotifiesPerSource{2, 8};

/// How long the way that was asked first has before the other one is asked (extension E2).
constexpr Duration kSecondWayDelay = 500ms;
/// Own lookups in flight; the one asked for longest ago goes first.
constexpr std::size_t kLookups = 1024;
/// Memory of packets that wait for one path, and for all.
constexpr std::size_t kPacketBytesPerLookup = 256 * 1024;
constexpr std::size_t kPacketBytesAllLookups = 4 * 1024 * 1024;
/// Paths held; the least recently used goes first.
constexpr std::size_t kPaths = 4096;
/// Nodes told of a change of our coordinates. Strangers can claim to be any: when it is full, those
/// in it stay as long as they are heard, and others must do without being told.
constexpr std::size_t kCorrespondents = 1024;
/// How often a full table of them is searched for such as have fallen silent.
constexpr Duration kCorrespondentsSearch = 1s;
constexpr Duration kCorrespondentLifetime = 1min;
/// Memory of protocol frames that wait for one link.
constexpr std::size_t kLinkControlBytes = 1024 * 1024;
/// Lookups, notifies and brokens are dropped, not queued, once this many bytes wait: they are
/// repeated by those who need them.
constexpr std::size_t kLinkExpendableBytes = kLinkControlBytes / 2;

/// Paths in wire form that we are willing to route by. Longer ones are dropped, not errors.
constexpr std::size_t kPathBytes = 4096;

}  // namespace thicket::routing::limits
