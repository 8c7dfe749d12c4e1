#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <vector>

#include "crypto/address.hpp"
#include "crypto/public_key.hpp"
#include "routing/bloom_filter.hpp"
#include "routing/path.hpp"

namespace thicket::routing::test {

/// 64-bit numbers of every length in uvarint form, with the ends of the range.
inline rc::Gen<std::uint64_t> any_number() {
  return rc::gen::oneOf(
      rc::gen::map(rc::gen::pair(rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange(0, 64)),
                   [](const auto& pair) { return pair.first >> pair.second; }),
      rc::gen::element<std::uint64_t>(0, 1, 127, 128, ~std::uint64_t{0}, std::uint64_t{1} << 63));
}

/// PublicKey, Signature or LookupKey.
template <class Fixed>
rc::Gen<Fixed> any_fixed() {
  constexpr std::size_t size = sizeof(Fixed::bytes);
  return rc::gen::map(
      rc::gen::container<std::vector<std::uint8_t>>(size, rc::gen::arbitrary<std::uint8_t>()),
      [](const std::vector<std::uint8_t>& bytes) {
        Fixed result;
        std::copy(bytes.begin(), bytes.end(), result.bytes.begin());
        return result;
      });
}

inline rc::Gen<Path> any_path() {
  return rc::gen::container<Path>(
      rc::gen::map(rc::gen::suchThat(any_number(), [](std::uint64_t n) { return n != 0; }),
                   [](std::uint64_t n) { return Port{n}; }));
}

/// Paths that often share a beginning: few ports, short.
inline rc::Gen<Path> similar_path() {
  return rc::gen::container<Path>(
      rc::gen::map(rc::gen::inRange<std::uint64_t>(1, 3), [](std::uint64_t n) { return Port{n}; }));
}

/// From empty to nearly full.
inline rc::Gen<BloomFilter> any_filter() {
  return rc::gen::mapcat(rc::gen::element(0, 1, 20, 2000), [](int keys) {
    return rc::gen::map(rc::gen::arbitrary<std::uint16_t>(), [keys](std::uint16_t seed) {
      BloomFilter filter;
      LookupKey key;
      key.bytes[0] = static_cast<std::uint8_t>(seed);
      key.bytes[1] = static_cast<std::uint8_t>(seed >> 8);
      for (int i = 0; i < keys; ++i) {
        key.bytes[2] = static_cast<std::uint8_t>(i);
        key.bytes[3] = static_cast<std::uint8_t>(i >> 8);
        filter.add(BloomFilter::positions(key));
      }
      return filter;
    });
  });
}

}  // namespace thicket::routing::test
