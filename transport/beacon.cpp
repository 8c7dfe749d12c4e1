#include "transport/beacon.hpp"

#include <algorithm>
#include <array>

#include "crypto/blake2b.hpp"

namespace thicket::transport {

namespace {

// u16 major = 0 | u16 minor = 5 | key | u16 port | u16 hash size = 64 | hash
constexpr std::array<std::uint8_t, 4> kVersion{0, 0, 0, 5};
constexpr std::size_t kPortOffset = kVersion.size() + PublicKey::kSize;
constexpr std::size_t kHashSize = 64;
constexpr std::array<std::uint8_t, 2> kHashSizeField{0, kHashSize};
constexpr std::size_t kHashOffset = kPortOffset + 2 + kHashSizeField.size();
constexpr std::size_t kBeaconSize = kHashOffset + kHashSize;

auto hash_of(const PublicKey& key, std::string_view password) {
  return blake2b_512(key.bytes,
                     {reinterpret_cast<const std::uint8_t*>(password.data()), password.size()});
}

}  // namespace

std::string_view describe(BeaconError error) {
  switch (error) {
    case BeaconError::truncated:
      return "the beacon is cut short";
    case BeaconError::other_version:
      return "the beacon is of another protocol version";
    case BeaconError::bad_hash_size:
      return "the beacon's hash has a wrong size";
    case BeaconError::wrong_password:
      return "the beacon was made with another password";
  }
  return "unknown";
}

std::vector<std::uint8_t> encode_beacon(const Beacon& beacon, std::string_view password) {
  std::vector<std::uint8_t> datagram;
  datagram.reserve(kBeaconSize);
  const auto append = [&datagram](const auto& bytes) {
    datagram.insert(datagram.end(), bytes.begin(), bytes.end());
  };
  append(kVersion);
  append(beacon.key.bytes);
  datagram.push_back(static_cast<std::uint8_t>(beacon.port >> 8));
  datagram.push_back(static_cast<std::uint8_t>(beacon.port));
  append(kHashSizeField);
  append(hash_of(beacon.key, password));
  return datagram;
}

Result<Beacon, BeaconError> decode_beacon(ByteView datagram, std::string_view password) {
  if (datagram.size() < kBeaconSize) return failure(BeaconError::truncated);
  if (!std::ranges::equal(datagram.first(kVersion.size()), kVersion)) {
    return failure(BeaconError::other_version);
  }
  const ByteView size_field = datagram.subspan(kPortOffset + 2, kHashSizeField.size());
  if (!std::ranges::equal(size_field, kHashSizeField)) return failure(BeaconError::bad_hash_size);
  Beacon beacon;
  std::ranges::copy(datagram.subspan(kVersion.size(), PublicKey::kSize), beacon.key.bytes.begin());
  beacon.port = static_cast<std::uint16_t>(datagram[kPortOffset] << 8 | datagram[kPortOffset + 1]);
  if (!std::ranges::equal(datagram.subspan(kHashOffset, kHashSize),
                          hash_of(beacon.key, password))) {
    return failure(BeaconError::wrong_password);
  }
  return beacon;
}

}  // namespace thicket::transport
