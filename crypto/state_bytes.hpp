#pragma once

#include <cstddef>

namespace thicket {

/// What one entry of a std::map or std::set takes beside itself: the node's links and colour, and
/// the allocator's own.
constexpr std::size_t kTreeNodeOverhead = 48;

/// Memory that the entries of a std::map or std::set take, without what they point to. A function
/// of types and counts alone, so that it is the same in every run.
template <class Container>
std::size_t tree_bytes(const Container& container) {
  return container.size() * (sizeof(typename Container::value_type) + kTreeNodeOverhead);
}

}  // namespace thicket
