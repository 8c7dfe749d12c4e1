#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "routing/bloom_filter.hpp"

namespace thicket::routing {

/// A BloomFilter at rest: words of zeros or of ones only take next to no memory, as in its wire
/// form. Most filters that a node keeps are nearly empty or nearly full.
class PackedFilter {
 public:
  PackedFilter() = default;  ///< empty
  explicit PackedFilter(const BloomFilter& filter);

  BloomFilter unpack() const;
  bool may_contain(const BloomFilter::Positions& positions) const;
  /// The number of bits that are set.
  std::size_t ones() const;
  bool operator==(const PackedFilter&) const = default;
  /// Memory beside the object itself.
  std::size_t state_bytes() const { return mixed_words_.size() * sizeof(std::uint64_t); }

 private:
  static constexpr std::size_t kGroup = 64;  ///< words that share a word of flags
  using Flags = std::array<std::uint64_t, BloomFilter::kWords / kGroup>;

  bool contains(std::size_t position) const;

  Flags all_ones_{};  ///< by word: whether all its bits are set
  Flags mixed_{};     ///< by word: whether some bits are set and some are not
  std::vector<std::uint64_t> mixed_words_;
};

}  // namespace thicket::routing
