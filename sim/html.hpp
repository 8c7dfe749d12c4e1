#pragma once

#include <string>
#include <string_view>

namespace thicket::sim {

/// `text` as it stands in an HTML or SVG document, in element content and in quoted attributes.
/// Bytes that are no UTF-8, and control characters, become U+FFFD.
std::string html_escape(std::string_view text);

/// A coordinate in an SVG: at most two decimals.
std::string svg_number(double value);

}  // namespace thicket::sim
