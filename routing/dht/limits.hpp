#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"

// Every number that bounds memory, work or time of the DHT. The first part is the specification's
// (extension E2), and all nodes should agree on it; the second is ours.
namespace thicket::routing::dht::limits {

using namespace std::chrono_literals;

// --- agreed with all nodes -----------------------------------------------------------------------

/// Records older than this, or further in the future, are refused.
constexpr std::uint64_t kRecordAgeSeconds = 30 * 60;
constexpr std::uint64_t kRecordFutureSeconds = 2 * 60;
/// Contacts per bucket of the routing table, and how many of them may lie behind the same peer.
constexpr std::size_t kBucketContacts = 4;
constexpr std::size_t kBucketContactsPerFirstHop = 2;
/// Contacts closest to our own identifier; also how many nodes hold copies of a record.
constexpr std::size_t kNearContacts = 8;
/// Records held for others; those farthest from us go first.
constexpr std::size_t kRecords = 4096;
/// Datagrams taken from one source.
constexpr Rate kDatagramsPerSource{64, 128};
/// An unanswered lookup goes on another way after at most this long.
constexpr Duration kAnswerTimeoutMax = 1s;
/// Our record is published this often, more or less a fifth.
constexpr Duration kPublishInterval = 10min;
/// After our coordinates changed, it is published within this span, at a random moment.
constexpr Duration kPublishDelayMin = 2s;
constexpr Duration kPublishDelayMax = 5s;
/// Half of that for each of our coordinates that stayed as it was, so often at most: about so many
/// fewer nodes have moved, and wait with us.
constexpr std::size_t kPublishHalvings = 4;
/// Unanswered pings, or broken paths, in a row that drop a contact.
constexpr std::uint8_t kFailures = 2;

// --- ours ----------------------------------------------------------------------------------------

/// Longest coordinates in a record, in wire form. A node deeper down is found by bloom filters.
constexpr std::size_t kPathBytes = 1024;
/// Longest datagram that is looked at.
constexpr std::size_t kDatagramBytes = 8192;
constexpr std::size_t kPaddingBytes = 4096;
/// Elements of a datagram, known or not; records in one; depth of unknown things.
constexpr std::size_t kElements = 16;
constexpr std::size_t kRecordsPerDatagram = 8;
constexpr std::size_t kDepth = 4;

/// Datagrams that one peer may hand us, and records of unknown worth it may make us verify.
constexpr Rate kDatagramsPerPeer{512, 1024};
constexpr Rate kVerificationsPerPeer{256, 512};
/// Sources whose rate is watched; beyond, those quiet for longest are forgotten.
constexpr std::size_t kSources = 1024;

/// Hops a lookup or a store may take. Each shares a digit more with the target, or is closer.
constexpr std::uint8_t kHops = 16;
/// Own lookups in flight.
constexpr std::size_t kLookups = 1024;
/// Finds and stores that we passed on as lately as an answer may take: they go another way, once,
/// if the path to the contact proves broken. The oldest is forgotten first.
constexpr std::size_t kPassedOn = 32;
/// A PathBroken is believed for whom a datagram went to within this time, of the last so many.
constexpr Duration kBrokenLater = 3s;
constexpr std::size_t kSentTo = 512;
/// Ways a lookup tries, each through another first contact, before it is given up.
constexpr std::uint8_t kAttempts = 5;
/// So many nodes about where the record belongs have to say that it is not there to be believed. A
/// node is taken for one of them if no more than so many nodes should lie closer.
constexpr std::uint8_t kBelievedDenials = 2;
constexpr double kDenierRank = 16;
constexpr Duration kAnswerTimeoutMin = 150ms;
/// Time-outs are learnt mostly from direct questions. A walk varies more, and is paid for twice if
/// given up too soon: a lookup's first one is waited for so much longer.
constexpr int kWalkPatiencePercent = 150;
/// A found record may be longer than the asker's: room is made for the longest path that the asker
/// knows, but at most so many bytes, and for so many more, which each further way doubles.
constexpr std::size_t kAnswerRoom = 16;
constexpr std::size_t kAnswerRoomMax = 256;

/// Lookups that are walked step by step, to be explained: how many at once, how many nodes each may
/// ask, how long it may take, and how many others a node names that does not have the record.
constexpr std::size_t kWalks = 8;
constexpr std::size_t kWalkSteps = 24;
constexpr Duration kWalkTime = 5s;
constexpr std::size_t kWalkContacts = 3;
/// So long an answer that the filters' lookup brings is waited for meanwhile.
constexpr Duration kTraceFilterTime = 2s;

/// Stores that publish our record are acknowledged; without that they go out again, so often.
constexpr std::uint8_t kPublishAttempts = 3;
/// A home hands on a record with the coordinates that it handed on before only so often.
constexpr Duration kReplicateInterval = 20min;
/// Copies that were handed out: a steady rate and a burst, all records together.
constexpr Rate kCopies{16, 128};
/// Our coordinates may change again and again: publishing and asking around keep to this.
constexpr Rate kPublications{1, 4};

/// Records of others that wait to be published; of more, the newest are left out.
constexpr std::size_t kUnpublished = 64;

/// Contacts are sought by asking around: quickly at first, then more slowly with each time that
/// brought nobody who is closer to us than those we knew.
constexpr Duration kRefreshFirst = 500ms;
constexpr Duration kRefreshMax = 15min;
/// By an eighth each time, and by half once they are this far apart: some 20 happen in the first
/// half minute, as many in the next 5 minutes, 8 more in the next half hour.
constexpr Duration kRefreshQuick = 30s;
/// Our record is signed anew when it is this old.
constexpr std::uint64_t kOwnRecordAgeSeconds = 60;
/// Room for records in the answer to a question for contacts.
constexpr std::size_t kContactsRoom = 4;
/// Correspondents that say that they take part and are asked for contacts.
constexpr Rate kIntroductions{1, 8};
/// While we know nobody, a node above us in the tree is asked this often (up to twice as long
/// apart); if we do, or all were asked, it is looked again after a pause. The same one is asked
/// again only after this long; so many are remembered.
constexpr Duration kSearchInterval = 2s;
constexpr Duration kSearchPause = 30s;
constexpr Duration kSearchAgain = 10min;
constexpr std::size_t kSearched = 256;
/// Questions and pings in flight.
constexpr std::size_t kQuestions = 64;
/// Capable peers that are asked and told directly.
constexpr std::size_t kPeers = 64;

}  // namespace thicket::routing::dht::limits
