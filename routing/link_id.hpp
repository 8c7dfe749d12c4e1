#pragma once

#include <compare>
#include <cstdint>

namespace thicket::routing {

/// The owner's name for a link; never used again for another link of the same router.
struct LinkId {
  std::uint64_t value = 0;
  auto operator<=>(const LinkId&) const = default;
};

}  // namespace thicket::routing
