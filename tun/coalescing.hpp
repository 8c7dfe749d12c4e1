#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "crypto/packet.hpp"
#include "tun/virtio_header.hpp"

namespace thicket::tun {

/// Gathers IPv6 packets on their way to the kernel and merges the consecutive TCP segments, and
/// equally sized UDP datagrams, of one flow into super-packets, under the rules of the kernel's own
/// GRO and without loss: cutting what comes out gives exactly the packets that went in, those of
/// one flow in the same order. Only packets whose checksum was verified are merged.
class Coalescer {
 public:
  /// The most segments in one super-packet: what every kernel accepts for UDP.
  static constexpr std::size_t kMaxMerged = 64;
  /// The flows that can grow at one time. One more closes the one that began first.
  static constexpr std::size_t kMaxOpenFlows = 16;

  /// Gets one packet or super-packet as the pieces to write one after the other, behind the header.
  /// The pieces are valid during the call.
  using Sink = std::function<void(const VirtioHeader&, std::span<const ByteView>)>;

  Coalescer(bool merge_tcp, bool merge_udp);

  /// Any bytes will do: what is not a well-formed TCP or UDP packet is passed on as it is.
  void add(Packet packet);
  /// Hands out everything added, in the order in which each unit began, and forgets it.
  void flush(const Sink& sink);

  void set_merge_tcp(bool enabled) { merge_tcp_ = enabled; }
  void set_merge_udp(bool enabled) { merge_udp_ = enabled; }
  std::size_t packets() const { return packets_.size(); }
  /// Memory held by the packets added.
  std::size_t capacity() const { return capacity_; }

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  /// A packet that could be part of a super-packet.
  struct Segment {
    bool tcp = false;
    std::size_t header_size = 0;
    std::size_t payload_size = 0;
    bool mergeable = false;  ///< has payload and no flag that must be seen on its own
    bool final = false;      ///< nothing may follow it within a super-packet
  };
  /// One packet or super-packet to write.
  struct Unit {
    std::size_t first = 0;  // index into packets_
    std::size_t last = 0;
    std::size_t count = 1;
    std::size_t size = 0;  // bytes of the whole unit
    std::size_t header_size = 0;
    std::size_t segment_size = 0;
    std::uint32_t next_sequence = 0;
    bool tcp = false;
    bool verified = false;  // the checksum of the first packet
  };

  static Segment classify(ByteView packet);
  bool enabled(const Segment& segment) const { return segment.tcp ? merge_tcp_ : merge_udp_; }
  std::size_t find_open(ByteView packet) const;
  bool fits(const Unit& unit, const Segment& segment, ByteView packet) const;
  bool verify(Unit& unit, ByteView packet);
  void append(Unit& unit, const Segment& segment, std::size_t index);
  void begin(const Segment& segment, std::size_t index);
  void open(std::size_t unit);
  void close(std::size_t slot);
  VirtioHeader finish(const Unit& unit);

  bool merge_tcp_;
  bool merge_udp_;
  std::vector<Packet> packets_;
  std::vector<std::size_t> next_;  // per packet: the next one of the same unit, or kNone
  std::vector<Unit> units_;
  std::array<std::size_t, kMaxOpenFlows> open_{};  // units that may still grow, oldest first
  std::size_t open_count_ = 0;
  std::size_t capacity_ = 0;
  std::vector<ByteView> pieces_;
};

}  // namespace thicket::tun
