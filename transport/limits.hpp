#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "crypto/token_bucket.hpp"

// Every number that bounds what a stranger, a peer or the operating system can make a link cost.
namespace thicket::transport {

/// Longest link password (wire.md §2: it is a BLAKE2b key).
constexpr std::size_t kMaxPasswordSize = 64;
/// Longest server name that TLS can carry.
constexpr std::size_t kMaxServerNameSize = 255;
/// Longest peer URI that is looked at.
constexpr std::size_t kMaxUriSize = 8192;
/// Shortest `maxbackoff` (wire.md §10).
constexpr std::chrono::seconds kMinMaxBackoff{5};

/// Bytes read from one link before other links get their turn.
constexpr std::size_t kReadBudget = 256 * 1024;
/// Bytes written to one link before other links get their turn.
constexpr std::size_t kWriteBudget = 512 * 1024;
/// One gathered write takes frames until it holds this many bytes, or this many frames.
constexpr std::size_t kGatherBytes = 128 * 1024;
constexpr std::size_t kGatherFrames = 256;
/// Bytes that the kernel holds unsent before a socket stops to be writable: enough to keep a fast
/// path busy, few enough that packets wait in the router's fair queue instead.
constexpr int kUnsentBytes = 128 * 1024;

/// Connections taken from one listener before other events get their turn.
constexpr int kAcceptsPerEvent = 64;
/// Kernel queue of connections nobody has accepted yet.
constexpr int kListenBacklog = 1024;
/// How long a listener rests when the process has run out of file descriptors or memory.
constexpr std::chrono::milliseconds kAcceptPause{100};
/// Addresses of one host name that are tried in one round.
constexpr std::size_t kMaxAddressesPerName = 16;
/// Longest ClientHello that is taken from a stranger; real ones are under 2 KB. (OpenSSL would
/// allocate up to 128 KB as soon as the message's header announces it.)
constexpr std::size_t kMaxClientHello = 16 * 1024;
/// Ciphertext that one call reads from a TLS link beyond what the caller has room for. Messages
/// without data could otherwise keep the call busy for as long as they arrive.
constexpr std::size_t kTlsReadAllowance = 64 * 1024;
/// Handshake messages (key updates, session tickets) that are taken from an established TLS link
/// before it has carried another `kTlsReadAllowance` bytes of data; one more ends the link.
constexpr std::size_t kMaxIdleTlsMessages = 64;
/// Ciphertext that waits in a TLS link for its socket. A peer that asks for answers and does not
/// read them loses the link when there would be more.
constexpr std::size_t kMaxUnsentTls = 128 * 1024;
/// Longest certificate chain taken from a server we dial; nobody looks at what it says.
constexpr long kMaxCertificateChain = 16 * 1024;

/// A link that lived shorter than `Timings::stable` raises the back-off, to at most this many
/// doublings: a peer that accepts us and then hangs up is not dialled in a tight loop, and one that
/// flaps after a long outage is soon dialled again.
constexpr unsigned kShortLivedDoublings = 5;

/// Interfaces that local discovery uses at once; each takes two file descriptors.
constexpr std::size_t kMaxLocalInterfaces = 64;
/// Datagrams that local discovery reads from one interface, whatever they hold; the rest is lost in
/// the kernel's queue. A thousand nodes on one network send about 90 beacons a second.
constexpr Rate kBeaconRate{200, 400};
/// Bytes that are looked at of a datagram; beacons have 142, and more are ignored.
constexpr std::size_t kBeaconReadSize = 512;
/// Datagrams read from one interface before other events get their turn.
constexpr int kBeaconsPerEvent = 32;
/// Bytes that the kernel keeps of datagrams nobody has read yet.
constexpr int kBeaconBuffer = 64 * 1024;
/// Dials that beacons of one interface lead to: a forged beacon costs a connection attempt.
constexpr Rate kLocalDialRate{4, 16};
/// Dials of one interface that have not come to a link yet; more beacons lead to nothing meanwhile.
constexpr std::size_t kMaxLocalDialling = 16;
/// Dialled links of one interface, up or not. The tree needs few, and nodes that we do not dial
/// still dial us.
constexpr std::size_t kMaxLocalPeers = 64;
/// When a beacon or listening socket could not be opened, how long until the next attempt.
constexpr std::chrono::seconds kLocalRetry{10};
/// Kernel memory for news of network interfaces; when it is too little, all are asked for anew.
constexpr int kInterfaceNewsBuffer = 256 * 1024;
/// How long until they are asked for anew.
constexpr std::chrono::milliseconds kInterfaceRetry{200};
/// Network interfaces that are remembered, and link-local addresses of each.
constexpr std::size_t kMaxInterfaces = 4096;
constexpr std::size_t kMaxLinkLocalAddresses = 16;

/// What may take how long. Tests make them short.
struct Timings {
  /// From accepted or connected until the link is up; TLS and handshake together (wire.md §2).
  std::chrono::milliseconds setup{6000};
  /// One connection attempt to one address.
  std::chrono::milliseconds connect{6000};
  /// Redialling starts with this and doubles.
  std::chrono::milliseconds first_backoff{250};
  /// Where doubling stops without `maxbackoff`.
  std::chrono::milliseconds max_backoff{4096 * 1000};
  /// A link that was up this long is trusted to be good: its loss is followed by a quick redial.
  std::chrono::milliseconds stable{10000};
};

/// Inbound links from one key; further ones are turned away.
constexpr std::size_t kInboundPerKey = 8;

/// How many strangers may be connected at once, at most.
struct InboundLimits {
  /// As many as fit a process that may have `descriptors` open: half of them for inbound links that
  /// are up, an eighth for those that are not, an eighth for discovered ones, and never more than
  /// the numbers below.
  static InboundLimits fitting(std::size_t descriptors);
  /// The same for this process, as RLIMIT_NOFILE allows it now.
  static InboundLimits of_this_process();

  /// Inbound links that have not finished their handshake; the oldest goes first.
  std::size_t half_open = 256;
  /// Inbound links that are up. When reached, a new one takes the place of the newest from the
  /// origin (an IPv4 address or a /64) that has most, if that one would still have as many as the
  /// newcomer's; else it is turned away.
  std::size_t established = 1024;
  /// Links that local discovery dialled, up or not, on all interfaces.
  std::size_t discovered = 256;
};

}  // namespace thicket::transport
