#pragma once

#include <cstdint>

namespace thicket::tun {

/// What the kernel puts in front of each packet of a TUN device opened with IFF_VNET_HDR: the
/// legacy virtio_net_hdr in host byte order. All zero: a plain packet whose checksum is complete.
struct VirtioHeader {
  static constexpr std::uint8_t kNeedsChecksum = 1;  ///< `flags`
  static constexpr std::uint8_t kGsoNone = 0;        ///< `gso_type`
  static constexpr std::uint8_t kGsoTcp6 = 4;
  static constexpr std::uint8_t kGsoUdp = 5;
  static constexpr std::uint8_t kGsoEcn =
      0x80;  ///< a bit beside the type: the first segment has CWR

  std::uint8_t flags = 0;
  std::uint8_t gso_type = kGsoNone;
  std::uint16_t header_length = 0;    ///< of everything before the payload; from the kernel a hint
  std::uint16_t segment_size = 0;     ///< payload bytes of each segment but the last
  std::uint16_t checksum_start = 0;   ///< where the summed bytes begin
  std::uint16_t checksum_offset = 0;  ///< of the checksum field, from checksum_start
  bool operator==(const VirtioHeader&) const = default;
};
static_assert(sizeof(VirtioHeader) == 10);

}  // namespace thicket::tun
