#pragma once

#include <cstddef>
#include <vector>

#include "crypto/packet.hpp"
#include "crypto/result.hpp"
#include "tun/virtio_header.hpp"

namespace thicket::tun {

/// Why a packet read from the kernel cannot go to the mesh.
enum class SegmentationError {
  truncated,    ///< headers or checksum field beyond the end
  malformed,    ///< header fields that contradict each other
  unsupported,  ///< a kind of super-packet we never offered to take
  too_many_segments,
  over_mtu,  ///< a packet or segment is larger than the MTU
};

/// The most segments one super-packet may become: 65535 bytes in segments of the smallest size
/// Linux lets TCP negotiate (48) fit.
constexpr std::size_t kMaxSegments = 2048;

/// Turns one packet as the kernel hands it out into whole IPv6 packets with complete checksums,
/// each at most `mtu` bytes, appended to `out` in order. A TCP or UDP super-packet is cut into
/// segments of `header.segment_size`; any other packet only has its checksum completed, in place.
/// On error nothing is appended.
Result<void, SegmentationError> segment(const VirtioHeader& header, Packet packet, std::size_t mtu,
                                        std::vector<Packet>& out);

}  // namespace thicket::tun
