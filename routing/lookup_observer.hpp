#pragma once

#include "crypto/public_key.hpp"
#include "crypto/time.hpp"
#include "routing/dht/dht.hpp"
#include "routing/frame.hpp"

namespace thicket::routing {

/// Hears what lookups bring, beside those whom they are for.
class LookupObserver {
 public:
  virtual ~LookupObserver() = default;
  /// Whether a path that `source` tells us is worth checking its signature for.
  virtual bool expects(const PublicKey& source) const = 0;
  /// A PathNotify for us, from a source that was expected; its signature is good.
  virtual void told(Time now, const PathNotify& notify) = 0;
  virtual void walk_ended(Time now, const dht::WalkEnded& ended) = 0;
};

}  // namespace thicket::routing
