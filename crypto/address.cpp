#include "crypto/address.hpp"

#include <algorithm>
#include <bit>
#include <span>

#include "crypto/bytes.hpp"

namespace thicket {

namespace {

constexpr std::uint8_t kNodePrefix = 0x02;
constexpr std::uint8_t kSubnetPrefix = 0x03;

std::size_t leading_zero_bits(const PublicKey& key) {
  std::size_t zeros = 0;
  for (const std::uint8_t byte : key.bytes) {
    zeros += static_cast<std::size_t>(std::countl_zero(byte));
    if (byte != 0) break;
  }
  return zeros;
}

bool bit_at(ByteView bytes, std::size_t index) {
  return (bytes[index / 8] >> (7 - index % 8) & 1) != 0;
}

void set_bit(ByteSpan bytes, std::size_t index) {
  bytes[index / 8] = static_cast<std::uint8_t>(bytes[index / 8] | 0x80 >> index % 8);
}

// `known` is what follows the prefix byte: the count of leading zero bits of the key, then the
// complement of the bits after its first 1.
PublicKey partial_key_from(ByteView known) {
  PublicKey key;
  key.bytes.fill(0xff);
  const std::size_t zeros = known[0];
  const ByteView bits = known.subspan(1);
  const auto clear = [&key](std::size_t index) {
    if (index >= 256) return;
    key.bytes[index / 8] = static_cast<std::uint8_t>(key.bytes[index / 8] & ~(0x80 >> index % 8));
  };
  for (std::size_t i = 0; i < zeros; ++i) clear(i);
  for (std::size_t i = 0; i < bits.size() * 8; ++i) {
    if (bit_at(bits, i)) clear(zeros + 1 + i);
  }
  return key;
}

std::string group_text(std::uint16_t group) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const std::size_t digit = group >> shift & 15;
    if (digit != 0 || !text.empty() || shift == 0) text.push_back(kDigits[digit]);
  }
  return text;
}

struct ZeroRun {
  std::size_t start = 0;
  std::size_t length = 0;
};

// RFC 5952 §4.2: the longest run, the first of equals, and never a single group.
ZeroRun longest_zero_run(std::span<const std::uint16_t, 8> groups) {
  ZeroRun best;
  for (std::size_t start = 0; start < groups.size(); ++start) {
    std::size_t end = start;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - start > best.length) best = {start, end - start};
  }
  return best.length < 2 ? ZeroRun{} : best;
}

std::string ipv6_text(std::span<const std::uint8_t, 16> bytes) {
  std::array<std::uint16_t, 8> groups;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = static_cast<std::uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  }
  const ZeroRun run = longest_zero_run(groups);
  std::string text;
  for (std::size_t i = 0; i < groups.size();) {
    if (run.length != 0 && i == run.start) {
      text += "::";
      i += run.length;
      continue;
    }
    if (!text.empty() && text.back() != ':') text.push_back(':');
    text += group_text(groups[i++]);
  }
  return text;
}

}  // namespace

Address Address::of(const PublicKey& key) {
  Address address;
  const std::size_t zeros = leading_zero_bits(key);
  address.bytes[0] = kNodePrefix;
  address.bytes[1] = static_cast<std::uint8_t>(zeros);  // 256 for the all-zero key becomes 0
  const ByteSpan bits = ByteSpan(address.bytes).subspan(2);
  for (std::size_t i = 0; i < bits.size() * 8; ++i) {
    const std::size_t from = zeros + 1 + i;
    if (from < 256 && !bit_at(key.bytes, from)) set_bit(bits, i);
  }
  return address;
}

std::string Address::to_string() const {
  return ipv6_text(bytes);
}

Subnet Subnet::of(const PublicKey& key) {
  Subnet subnet = containing(Address::of(key));
  subnet.bytes[0] = kSubnetPrefix;
  return subnet;
}

Subnet Subnet::containing(const Address& address) {
  Subnet subnet;
  std::copy_n(address.bytes.begin(), subnet.bytes.size(), subnet.bytes.begin());
  return subnet;
}

std::string Subnet::to_string() const {
  std::array<std::uint8_t, 16> padded{};
  std::copy(bytes.begin(), bytes.end(), padded.begin());
  return ipv6_text(padded) + "/64";
}

LookupKey LookupKey::of(const PublicKey& key_or_partial_key) {
  return {partial_key(Subnet::of(key_or_partial_key)).bytes};
}

PublicKey partial_key(const Address& address) {
  return partial_key_from(ByteView(address.bytes).subspan(1));
}

PublicKey partial_key(const Subnet& subnet) {
  // Unknown bits read 1 in the key: no bit beyond the known ones is cleared.
  return partial_key_from(ByteView(subnet.bytes).subspan(1));
}

bool is_node_address(const Address& address) {
  return address.bytes[0] == kNodePrefix;
}

bool is_subnet_address(const Address& address) {
  return address.bytes[0] == kSubnetPrefix;
}

bool belongs_to(const Address& address, const PublicKey& key) {
  if (is_node_address(address)) return address == Address::of(key);
  return is_subnet_address(address) && Subnet::containing(address) == Subnet::of(key);
}

}  // namespace thicket
