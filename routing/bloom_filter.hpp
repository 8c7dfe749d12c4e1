#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/address.hpp"
#include "crypto/bytes.hpp"

namespace thicket::routing {

/// A set of LookupKeys that may claim more than it holds (wire.md §7): 8192 bits, 8 hashes.
class BloomFilter {
 public:
  static constexpr std::size_t kBits = 8192;
  static constexpr std::size_t kWords = kBits / 64;
  static constexpr std::size_t kHashes = 8;
  /// Two sets of flags and every word spelt out.
  static constexpr std::size_t kMaxWireSize = 2 * kWords / 8 + 8 * kWords;

  /// The bits that stand for a key: hash once, test against many filters.
  using Positions = std::array<std::uint16_t, kHashes>;
  static Positions positions(const LookupKey& key);

  void add(const Positions& positions);
  bool may_contain(const Positions& positions) const;
  void merge(const BloomFilter& other);
  /// Keeps only bits that are set in `other` too.
  void intersect(const BloomFilter& other);
  /// Clears the bits that are set in `other`.
  void remove(const BloomFilter& other);
  /// Whether every bit of `other` is set here too.
  bool includes(const BloomFilter& other) const;
  std::size_t ones() const;
  bool empty() const { return ones() == 0; }
  bool operator==(const BloomFilter&) const = default;

  /// Wire form of §7, without the frame type.
  std::vector<std::uint8_t> encode() const;
  /// nullopt: malformed.
  static std::optional<BloomFilter> decode(ByteView wire);

 private:
  friend class PackedFilter;
  std::array<std::uint64_t, kWords> words_{};
};

}  // namespace thicket::routing
