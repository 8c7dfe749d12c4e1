#include "tun/checksum.hpp"

#include <array>
#include <cstring>

namespace thicket::tun {
namespace {

std::uint64_t load64(const std::uint8_t* from) {
  std::uint64_t value = 0;
  std::memcpy(&value, from, sizeof value);
  return value;
}

std::uint64_t add_with_carry(std::uint64_t sum, std::uint64_t value) {
  sum += value;
  return sum + (sum < value ? 1 : 0);
}

}  // namespace

std::uint64_t checksum_add(std::uint64_t sum, ByteView bytes) {
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  // Independent sums: the carries of one need not wait for those of the others.
  std::array<std::uint64_t, 4> lanes{};
  for (; left >= 32; at += 32, left -= 32) {
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      lanes[i] = add_with_carry(lanes[i], load64(at + 8 * i));
    }
  }
  for (const std::uint64_t lane : lanes) sum = add_with_carry(sum, lane);
  for (; left >= 8; at += 8, left -= 8) sum = add_with_carry(sum, load64(at));
  if (left > 0) {
    std::uint64_t rest = 0;
    std::memcpy(&rest, at, left);
    sum = add_with_carry(sum, rest);
  }
  return sum;
}

std::uint64_t checksum_add16(std::uint64_t sum, std::uint16_t value) {
  const std::array<std::uint8_t, 2> bytes{static_cast<std::uint8_t>(value >> 8),
                                          static_cast<std::uint8_t>(value)};
  std::uint16_t word = 0;
  std::memcpy(&word, bytes.data(), sizeof word);
  return add_with_carry(sum, word);
}

std::uint16_t checksum_fold(std::uint64_t sum) {
  sum = (sum >> 32) + (sum & 0xffffffff);
  while (sum > 0xffff) sum = (sum >> 16) + (sum & 0xffff);
  return static_cast<std::uint16_t>(sum);
}

std::uint16_t checksum_finish(std::uint64_t sum) {
  const auto result = static_cast<std::uint16_t>(~checksum_fold(sum));
  return result == 0 ? std::uint16_t{0xffff} : result;
}

std::uint64_t pseudo_header_sum(ByteView addresses, std::uint32_t length, std::uint8_t protocol) {
  std::uint64_t sum = checksum_add(0, addresses.first(32));
  sum = checksum_add16(sum, static_cast<std::uint16_t>(length >> 16));
  sum = checksum_add16(sum, static_cast<std::uint16_t>(length));
  return checksum_add16(sum, protocol);
}

}  // namespace thicket::tun
