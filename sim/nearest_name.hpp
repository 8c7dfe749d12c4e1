#pragma once

#include <span>
#include <string>
#include <string_view>

namespace thicket::sim {

/// The name that was probably meant by `typed`: the one that is the fewest changed, missing or
/// added letters away; empty if none is near.
std::string_view nearest_name(std::string_view typed, std::span<const std::string_view> names);

}  // namespace thicket::sim
