#include "routing/bloom_filter.hpp"

#include <algorithm>
#include <bit>

#include "routing/murmur3.hpp"

namespace thicket::routing {

namespace {

constexpr std::size_t kFlagBytes = BloomFilter::kWords / 8;
constexpr std::size_t kWordBytes = 8;
constexpr std::uint64_t kAllOnes = ~std::uint64_t{0};

constexpr std::uint64_t bit_in_word(std::size_t position) {
  return std::uint64_t{1} << (position % 64);
}

constexpr std::uint8_t flag_bit(std::size_t word) {
  return static_cast<std::uint8_t>(0x80 >> (word % 8));
}

bool flagged(ByteView flags, std::size_t word) {
  return (flags[word / 8] & flag_bit(word)) != 0;
}

std::uint64_t load_big_endian(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = (value << 8) | byte;
  return value;
}

}  // namespace

BloomFilter::Positions BloomFilter::positions(const LookupKey& key) {
  std::array<std::uint8_t, std::tuple_size_v<decltype(key.bytes)> + 1> lengthened;
  std::copy(key.bytes.begin(), key.bytes.end(), lengthened.begin());
  lengthened.back() = 1;
  const auto [h0, h1] = murmur3_x64_128(key.bytes);
  const auto [h2, h3] = murmur3_x64_128(lengthened);
  const std::array<std::uint64_t, 4> h{h0, h1, h2, h3};
  Positions positions;
  for (std::size_t i = 0; i < kHashes; ++i) {
    const std::uint64_t hash = h[i % 2] + i * h[2 + ((i + i % 2) % 4) / 2];
    positions[i] = static_cast<std::uint16_t>(hash % kBits);
  }
  return positions;
}

void BloomFilter::add(const Positions& positions) {
  for (const std::size_t position : positions) words_[position / 64] |= bit_in_word(position);
}

bool BloomFilter::may_contain(const Positions& positions) const {
  return std::all_of(positions.begin(), positions.end(), [this](std::size_t position) {
    return (words_[position / 64] & bit_in_word(position)) != 0;
  });
}

void BloomFilter::merge(const BloomFilter& other) {
  for (std::size_t i = 0; i < kWords; ++i) words_[i] |= other.words_[i];
}

void BloomFilter::intersect(const BloomFilter& other) {
  for (std::size_t i = 0; i < kWords; ++i) words_[i] &= other.words_[i];
}

void BloomFilter::remove(const BloomFilter& other) {
  for (std::size_t i = 0; i < kWords; ++i) words_[i] &= ~other.words_[i];
}

bool BloomFilter::includes(const BloomFilter& other) const {
  for (std::size_t i = 0; i < kWords; ++i) {
    if ((other.words_[i] & ~words_[i]) != 0) return false;
  }
  return true;
}

std::size_t BloomFilter::ones() const {
  std::size_t count = 0;
  for (const std::uint64_t word : words_) count += static_cast<std::size_t>(std::popcount(word));
  return count;
}

std::vector<std::uint8_t> BloomFilter::encode() const {
  std::vector<std::uint8_t> wire(2 * kFlagBytes);
  wire.reserve(kMaxWireSize);
  for (std::size_t i = 0; i < kWords; ++i) {
    if (words_[i] == 0) {
      wire[i / 8] |= flag_bit(i);
    } else if (words_[i] == kAllOnes) {
      wire[kFlagBytes + i / 8] |= flag_bit(i);
    } else {
      for (int shift = 56; shift >= 0; shift -= 8) {
        wire.push_back(static_cast<std::uint8_t>(words_[i] >> shift));
      }
    }
  }
  return wire;
}

std::optional<BloomFilter> BloomFilter::decode(ByteView wire) {
  if (wire.size() < 2 * kFlagBytes) return std::nullopt;
  const ByteView zeros = wire.first(kFlagBytes);
  const ByteView ones = wire.subspan(kFlagBytes, kFlagBytes);
  wire = wire.subspan(2 * kFlagBytes);
  BloomFilter filter;
  for (std::size_t i = 0; i < kWords; ++i) {
    const bool all_zero = flagged(zeros, i);
    const bool all_ones = flagged(ones, i);
    if (all_zero && all_ones) return std::nullopt;
    if (all_ones) filter.words_[i] = kAllOnes;
    if (all_zero || all_ones) continue;
    if (wire.size() < kWordBytes) return std::nullopt;
    filter.words_[i] = load_big_endian(wire.first(kWordBytes));
    wire = wire.subspan(kWordBytes);
  }
  if (!wire.empty()) return std::nullopt;
  return filter;
}

}  // namespace thicket::routing
