#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "routing/dht/message.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

/// For so long a lookup may take: what is sent, or found, later does not count. Nodes may then look
/// for the same one again of their own accord.
inline constexpr Duration kLookupPatience = std::chrono::seconds(5);

/// One lookup, and every frame on a link that is due to it.
struct WatchedLookup {
  NodeIndex from = kNoNode;
  NodeIndex to = kNoNode;
  Instant asked_at{};
  std::optional<Instant> found_at{};      ///< the asker knows a path
  bool current = false;                   ///< which is where the target is at that moment
  std::optional<Instant> cut_short_at{};  ///< the first moment at which an end stopped running
  std::uint64_t by_filters = 0;           ///< PathLookup frames sent, over all links
  std::uint64_t notifies = 0;             ///< PathNotify frames that answer it
  std::uint64_t finds = 0;                ///< frames with a Find of it
  std::uint64_t founds = 0;               ///< frames with a Found that answers it
  std::uint32_t ways = 0;                 ///< Finds that the asker sent; above 1: retries
  std::uint32_t misses = 0;               ///< answers "not found" that reached the asker
  bool hit = false;                       ///< an answer of the DHT with a record reached the asker
  bool asked_filters = false;

  std::uint64_t transmissions() const { return by_filters + notifies + finds + founds; }
};

/// Sees what lookups cost, by the frames on links, and what is sent when there are none.
class LookupWatch final : public Observer {
 public:
  /// Bytes with length prefixes, as often as they were sent over a link.
  struct Upkeep {
    std::uint64_t dht_bytes = 0;
    std::uint64_t filter_bytes = 0;
    std::array<std::uint64_t, 8> dht_bytes_by_kind{};  ///< index in dht::Body
  };

  /// `simulation` must outlive it, and have all its nodes.
  explicit LookupWatch(const Simulation& simulation);

  /// To be called just before Simulation::lookup().
  void begin(NodeIndex from, NodeIndex to);
  const std::vector<WatchedLookup>& lookups() const { return lookups_; }
  /// Since construction.
  const Upkeep& upkeep() const { return upkeep_; }
  /// Transmissions of lookups that each node sent or received.
  const std::vector<std::uint64_t>& through() const { return through_; }
  /// Frames that publish a record of a node that was looked up: what learning of it set off.
  std::uint64_t publishing() const { return publishing_; }

  void node_stopped(Time now, NodeIndex node) override;
  void frame_sent(const FrameEvent& event) override;
  void frame_received(const FrameEvent& event) override;
  void path_found(Time now, NodeIndex node, const PublicKey& key) override;

 private:
  using Key = std::pair<PublicKey, routing::dht::Identifier>;  ///< who asks, and for whom

  /// The lookup that is under way.
  WatchedLookup* find(const Key& key);
  void datagram_sent(const FrameEvent& event);
  void find_sent(const FrameEvent& event, const routing::dht::Datagram& datagram,
                 const routing::dht::Find& find);
  void count(const FrameEvent& event, std::uint64_t& counter);

  const Simulation& simulation_;
  std::vector<WatchedLookup> lookups_;
  std::map<Key, std::size_t> index_;
  std::map<routing::dht::TransactionId, std::size_t> transactions_;
  std::map<PublicKey, std::size_t> targets_;
  std::vector<std::uint64_t> through_;
  std::uint64_t publishing_ = 0;
  Upkeep upkeep_;
};

}  // namespace thicket::sim
