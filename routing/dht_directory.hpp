#pragma once

#include <optional>
#include <set>
#include <vector>

#include "crypto/random.hpp"
#include "routing/contact_search.hpp"
#include "routing/dht/dht.hpp"
#include "routing/directory.hpp"
#include "routing/lookup_observer.hpp"
#include "routing/path_finder.hpp"
#include "routing/peer_table.hpp"
#include "routing/tree.hpp"

namespace thicket::routing {

/// The DHT as a part of the router: tells it where we and our peers are, and sends its datagrams.
class DhtDirectory final : public Directory, private dht::Surroundings {
 public:
  DhtDirectory(const PublicKey& own, const Cryptography& cryptography, Random& random,
               DhtParticipation participation, PeerTable& peers, const Tree& tree,
               PathFinder& paths);

  /// The peer says that it takes part (E1).
  void peer_is_capable(Time now, const PublicKey& peer);
  /// The node, to which there is a path, says that it takes part (E3).
  void introduce(Time now, const PublicKey& key);
  void peer_gone(Time now, const PublicKey& peer);
  void surroundings_changed(Time now);
  void tick(Time now);
  std::optional<Instant> next_deadline() const;
  /// Does what the DHT wants done; after every call that may have reached it.
  void pump(Time now);
  /// Whoever hears what walks brought; must outlive this or be the last to be called.
  void observe(LookupObserver& observer) { observer_ = &observer; }
  /// See dht::Dht::walk().
  bool walk(Time now, dht::WalkId id, const PublicKey& key_or_partial_key) {
    return dht_.walk(now, id, key_or_partial_key);
  }

  bool joined() const override { return dht_.joined(); }
  std::size_t ways_before_filters() const override;
  Duration answer_timeout() const override { return dht_.answer_timeout(); }
  void lookup(Time now, const PublicKey& key_or_partial_key, std::uint64_t newer_than,
              std::size_t ways) override;
  void fell_back() override { ++counters_.fallbacks; }
  void receive(Time now, const PublicKey& source, const PublicKey& peer, ByteView payload) override;
  void path_broken(Time now, const PublicKey& key, bool sent_traffic) override;
  void learnt(Time now, const PathNotify& notify) override;

  const dht::Dht& dht() const { return dht_; }
  const DirectoryCounters& counters() const { return counters_; }

 private:
  dht::PathRecord own_record(Time now) override;
  std::optional<dht::Way> way_to(const PathView& path) const override;
  void tell_peers(Time now);
  void search(Time now);

  const DhtParticipation participation_;
  Random& random_;
  PeerTable& peers_;
  const Tree& tree_;
  PathFinder& paths_;
  PublicKey root_;  ///< that we were last under
  dht::Dht dht_;
  LookupObserver* observer_ = nullptr;
  std::set<PublicKey> capable_;
  std::vector<dht::CapablePeer> told_;
  Path coordinates_;
  ContactSearch search_;
  std::optional<Instant> search_at_;  ///< nobody is sought before
  TokenBucket introductions_{dht::limits::kIntroductions};
  DirectoryCounters counters_;
};

}  // namespace thicket::routing
