#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"

namespace thicket::routing {

/// The choices that wire.md leaves to each node: nodes that choose otherwise understand each other
/// all the same. The defaults are ours. What only bounds memory or work is in limits.hpp.
struct Policy {
  // --- when changes are acted on

  /// Changes of the tree and of filters are acted on once in this time only, each node at a moment
  /// of its own. 0: at once.
  Duration maintenance_interval{};

  // --- links, wire.md §2

  /// A sign of life is sent this long after the first frame received since we last sent anything:
  /// the sooner, the sooner others can tell a silent link from a quiet one.
  Duration keepalive_delay = std::chrono::milliseconds(200);
  /// A link on which nothing answers for longer than its peer ever took is avoided long before it
  /// ends. This is how long, besides two round trips, for peers whose pace is not known yet; 0: no
  /// link is ever suspected.
  Duration first_suspicion = std::chrono::milliseconds(1300);
  /// A peer on whose links nothing answered for this long, and twice as long as usual, is no parent
  /// any more if there is another: that moves a whole subtree, so a busy machine must not cause it.
  Duration parent_patience = std::chrono::milliseconds(1500);
  /// Links that may have gone silent unnoticed are tried when others around us came or went.
  bool probe_links = true;
  /// So is the link to our parent if it was quiet for this long: a whole subtree hangs on it.
  /// 0: never.
  Duration parent_probe_interval = std::chrono::seconds(15);
  /// Packets that a silent link may have swallowed are sent again another way.
  bool resend_lost = true;

  // --- the tree, wire.md §3

  /// Without a candidate for parent, how long we wait before becoming root: for answers still
  /// outstanding, or in any case.
  Duration parent_wait = std::chrono::milliseconds(250);
  bool always_wait_for_parent = false;
  /// How long a root that we lost is only taken back through a node nearer to it than we were: by
  /// then those who still name it from memory have heard of the loss too. 0: taken back at once.
  Duration root_hold_down = std::chrono::milliseconds(400);
  /// How soon a renewal of our record is tried again for which nobody had signed yet.
  Duration refresh_retry = std::chrono::seconds(1);
  /// A new link's first round trip counts this many times, so that it has to prove itself.
  std::uint64_t first_round_trip_factor = 2;
  /// Later ones are smoothed: the old value has all but one of this many shares.
  std::uint64_t round_trip_shares = 8;
  /// When our record is renewed, a peer with the same root becomes parent if this many times its
  /// cost is under the present one's: every change of parent moves a whole subtree.
  std::uint64_t parent_cost_factor = 2;

  // --- filters, wire.md §7

  /// Whether filters are cleared of keys that went even if no new ones came, and how soon. If not,
  /// they are in the round of maintenance after that in which new ones were sent.
  bool clear_filters_unasked = true;
  Duration filter_shrink_interval = std::chrono::seconds(5);
  /// A filter is repeated after this long, whether it changed or not.
  Duration filter_repeat = std::chrono::hours(1);

  // --- lookups and paths, wire.md §5

  /// Lookups are repeated while somebody wants the path: when the surroundings change, and at
  /// intervals that double from the first to the longest. If not, only the next packet does it.
  bool repeat_lookups = true;
  Duration lookup_retry_first = std::chrono::seconds(1);
  Duration lookup_retry_max = std::chrono::seconds(16);
  /// How long an answer is waited for after the last packet or request for a key.
  Duration lookup_lifetime = std::chrono::seconds(20);
  /// Packets kept per key that has no path yet; the oldest go first.
  std::size_t packets_per_lookup = 8;
  /// The newest packet is kept also once it was sent, and goes again when the path changes.
  bool keep_sent_packets = false;
  /// A packet over a path that is broken, or about to be forgotten, looks for a better one.
  bool look_up_weak_paths = true;
  /// An answer with the coordinates that we hold counts: the path is as good as new.
  bool same_coordinates_renew = true;
  /// Replies use the way back that the other side's frame named until there is a signed path.
  bool use_way_back = true;
  /// ... and short exchanges do without one, as long as answers come.
  bool trust_way_back = true;

  /// Nodes that talk to us, or looked us up, are told unasked when our coordinates change; after
  /// the delay, since they may change again within moments, and at most once in the interval.
  bool tell_correspondents = true;
  /// Only those heard from this lately; others find out when they send again.
  Duration correspondence = std::chrono::seconds(3);
  Duration notify_delay = std::chrono::milliseconds(20);
  Duration notify_interval = std::chrono::milliseconds(500);
  /// The seq of a signed path rises with every change of our coordinates, however fast. If not, it
  /// is the clock's, and the second change within a second is believed by nobody.
  bool seq_outruns_clock = true;

  // --- traffic queues, wire.md §6

  /// CoDel for traffic that waits for a link: a standing queue of this age is fine for that long.
  /// 0: off.
  Duration queue_target_delay = std::chrono::milliseconds(15);
  Duration queue_delay_interval = std::chrono::milliseconds(100);
  /// Memory of the traffic that waits for one link, in bytes.
  std::size_t queue_bytes = 1536 * 1024;

  bool operator==(const Policy&) const = default;

  /// What we hold to be best.
  static Policy thicket() { return {}; }
  /// What stock Yggdrasil 0.5 nodes do, to compare with.
  static Policy yggdrasil_05();
};

/// nullopt: there is no policy of that name.
std::optional<Policy> policy_by_name(std::string_view name);
/// "thicket", "yggdrasil-0.5", or "custom" for any other.
std::string_view name_of(const Policy& policy);

}  // namespace thicket::routing
