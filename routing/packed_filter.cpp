#include "routing/packed_filter.hpp"

#include <algorithm>
#include <bit>

namespace thicket::routing {

namespace {

constexpr std::uint64_t kAllOnes = ~std::uint64_t{0};

constexpr std::uint64_t flag(std::size_t index) {
  return std::uint64_t{1} << (index % 64);
}

/// Calls with the index of every bit that is set, lowest first.
template <class Call>
void for_each_set(std::uint64_t flags, const Call& call) {
  for (; flags != 0; flags &= flags - 1) call(static_cast<std::size_t>(std::countr_zero(flags)));
}

}  // namespace

PackedFilter::PackedFilter(const BloomFilter& filter) {
  std::size_t mixed = 0;
  for (std::size_t i = 0; i < BloomFilter::kWords; ++i) {
    const std::uint64_t word = filter.words_[i];
    if (word == 0) continue;
    if (word == kAllOnes) {
      all_ones_[i / kGroup] |= flag(i);
    } else {
      mixed_[i / kGroup] |= flag(i);
      ++mixed;
    }
  }
  mixed_words_.reserve(mixed);
  for (std::size_t group = 0; group < mixed_.size(); ++group) {
    for_each_set(mixed_[group],
                 [&](std::size_t i) { mixed_words_.push_back(filter.words_[group * kGroup + i]); });
  }
}

BloomFilter PackedFilter::unpack() const {
  BloomFilter filter;
  std::size_t next = 0;
  for (std::size_t group = 0; group < mixed_.size(); ++group) {
    std::uint64_t* words = filter.words_.data() + group * kGroup;
    // That of many nodes, but not of very many, is all mixed.
    if (mixed_[group] == kAllOnes) {
      std::copy_n(mixed_words_.data() + next, kGroup, words);
      next += kGroup;
      continue;
    }
    for_each_set(all_ones_[group], [&](std::size_t i) { words[i] = kAllOnes; });
    for_each_set(mixed_[group], [&](std::size_t i) { words[i] = mixed_words_[next++]; });
  }
  return filter;
}

bool PackedFilter::contains(std::size_t position) const {
  const std::size_t index = position / 64;
  const std::size_t group = index / kGroup;
  if ((all_ones_[group] & flag(index)) != 0) return true;
  if ((mixed_[group] & flag(index)) == 0) return false;
  std::size_t rank = 0;
  for (std::size_t before = 0; before < group; ++before) {
    rank += static_cast<std::size_t>(std::popcount(mixed_[before]));
  }
  rank += static_cast<std::size_t>(std::popcount(mixed_[group] & (flag(index) - 1)));
  return (mixed_words_[rank] & flag(position)) != 0;
}

bool PackedFilter::may_contain(const BloomFilter::Positions& positions) const {
  return std::all_of(positions.begin(), positions.end(),
                     [this](std::size_t position) { return contains(position); });
}

std::size_t PackedFilter::ones() const {
  std::size_t count = 0;
  for (const std::uint64_t flags : all_ones_) {
    count += 64 * static_cast<std::size_t>(std::popcount(flags));
  }
  for (const std::uint64_t word : mixed_words_) {
    count += static_cast<std::size_t>(std::popcount(word));
  }
  return count;
}

}  // namespace thicket::routing
