#pragma once

#include <cstdint>
#include <optional>

#include "crypto/time.hpp"

namespace thicket::routing {

/// Controlled Delay (RFC 8289) for one flow: says which frames, from the oldest on, to drop so that
/// a standing queue drains.
class CoDel {
 public:
  /// Whether to drop the oldest frame, which has waited for `waited`. To be asked again about the
  /// next one after every drop, until it says no.
  bool drops(Instant now, Duration waited, Duration target, Duration interval);

 private:
  bool stands(Instant now, Duration waited, Duration target, Duration interval);

  std::optional<Instant> tolerated_until_;  // set while frames wait longer than the target
  Instant next_drop_;
  std::uint32_t drops_ = 0;  // in this spell of dropping
  bool dropping_ = false;
};

}  // namespace thicket::routing
