#pragma once

#include <span>
#include <string>
#include <string_view>

namespace thicket::sim {

/// `; did you mean "…"?` with the one of `known` that is nearest to `word`, or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace thicket::sim
