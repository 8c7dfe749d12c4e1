#pragma once

#include <span>
#include <string>
#include <string_view>

namespace thicket::program {

/// The one of `known` that somebody who wrote `word` most probably meant (whatever the case of its
/// letters); empty if none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);
/// `; did you mean "…"?`, or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

/// ASCII letters in lower case.
std::string lower_case(std::string_view text);

}  // namespace thicket::program
