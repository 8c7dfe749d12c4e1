#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "crypto/public_key.hpp"
#include "crypto/time.hpp"
#include "routing/dht/dht.hpp"
#include "routing/lookup_observer.hpp"
#include "routing/lookup_trace.hpp"
#include "routing/path_finder.hpp"
#include "routing/router_action.hpp"

namespace thicket::routing {

class DhtDirectory;

/// Lookups that are done to be explained: the DHT is walked step by step, the filters are asked
/// beside it, whatever the policy says, and what each way brought is written down. Neither changes
/// which paths the router knows.
class LookupTracer final : public LookupObserver {
 public:
  /// References must outlive it.
  LookupTracer(const PublicKey& own, PathFinder& paths, DhtDirectory& directory,
               std::vector<RouterAction>& actions)
      : own_(own), paths_(paths), directory_(directory), actions_(actions) {}

  /// LookupTraced answers, within dht::limits::kWalkTime. nullopt: dht::limits::kWalks are in
  /// flight.
  std::optional<TraceId> start(Time now, const PublicKey& key_or_partial_key);
  void tick(Time now);
  std::optional<Instant> next_deadline() const;

  bool expects(const PublicKey& source) const override;
  void told(Time now, const PathNotify& notify) override;
  void walk_ended(Time now, const dht::WalkEnded& ended) override;

 private:
  struct Running {
    std::unique_ptr<LookupTrace> trace;
    LookupKey wanted;
    Instant began;
    bool walking = true;
    std::optional<Instant> filters_until;  ///< their answer is waited for
  };
  void end_if_done(std::map<std::uint64_t, Running>::iterator entry);
  std::optional<TracedPath> known_path(const LookupKey& wanted) const;

  PublicKey own_;
  PathFinder& paths_;
  DhtDirectory& directory_;
  std::vector<RouterAction>& actions_;
  std::map<std::uint64_t, Running> running_;
  std::uint64_t last_id_ = 0;
};

}  // namespace thicket::routing
