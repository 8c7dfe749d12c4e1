// The IPv6 side fed arbitrary bytes: a Gateway with any sequence of packets, keys and times;
// cutting what claims to come from the kernel; merging any packets, and cutting the result again.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <vector>

#include "crypto/invariant.hpp"
#include "tun/coalescing.hpp"
#include "tun/gateway.hpp"
#include "tun/ipv6_header.hpp"
#include "tun/segmentation.hpp"

namespace {

using namespace thicket;
using namespace thicket::tun;

constexpr std::size_t kMtu = 1500;

/// Takes values off the front of the input; zeros when it has run out.
class Input {
 public:
  explicit Input(ByteView bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t value = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return value;
  }
  std::uint16_t word() { return static_cast<std::uint16_t>(byte() << 8 | byte()); }
  ByteView take(std::size_t count) {
    const ByteView taken = bytes_.first(std::min(count, bytes_.size()));
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }

 private:
  ByteView bytes_;
};

PublicKey key(std::uint8_t number) {
  PublicKey key;
  key.bytes.fill(0x35);
  key.bytes[1] = number % 8;
  return key;
}

/// Random bytes, most often with the fields right that would otherwise stop them at the door.
Packet make_packet(Input& input, const PublicKey& from, const PublicKey& to) {
  const std::uint8_t kind = input.byte();
  Packet packet = Packet::copy_of(input.take(input.word() % 2048));
  if (kind % 4 == 0 || packet.size() < Ipv6Header::kSize) return packet;
  std::uint8_t* const bytes = packet.data();
  bytes[0] = 0x60;
  store_be16(bytes + Ipv6Header::kLengthOffset,
             static_cast<std::uint16_t>(packet.size() - Ipv6Header::kSize));
  const Address source = Address::of(from);
  const Address destination = Address::of(to);
  const std::size_t fixed = kind % 4 == 1 ? 8 : 16;  // 8: another host of a /64
  std::memcpy(bytes + Ipv6Header::kSourceOffset, source.bytes.data(), fixed);
  std::memcpy(bytes + Ipv6Header::kDestinationOffset, destination.bytes.data(), fixed);
  if (fixed == 8) bytes[Ipv6Header::kSourceOffset] |= 1;
  if (fixed == 8) bytes[Ipv6Header::kDestinationOffset] |= 1;
  return packet;
}

void check_action(const GatewayAction& action, const PublicKey& self) {
  ByteView bytes;
  if (const auto* send = std::get_if<SendToMesh>(&action)) {
    INVARIANT(!send->data.empty() && send->data.bytes()[0] == 1);
    bytes = send->data.bytes().subspan(1);
    const auto header = Ipv6Header::parse(bytes);
    INVARIANT(header && belongs_to(header->source, self));
    INVARIANT(belongs_to(header->destination, send->to));
    INVARIANT(bytes.size() <= kMtu);
  } else if (const auto* write = std::get_if<WriteToDevice>(&action)) {
    const auto header = Ipv6Header::parse(write->packet.bytes());
    INVARIANT(header && belongs_to(header->destination, self));
    INVARIANT(write->packet.size() <= kMtu);
  }
}

void drive_gateway(Input input) {
  const PublicKey self = key(0);
  Gateway gateway(self, kMtu);
  Time now{Instant(std::chrono::hours(1)), 1};
  while (!input.empty()) {
    const std::uint8_t operation = input.byte();
    const PublicKey other = key(input.byte());
    switch (operation % 4) {
      case 0:
        gateway.from_device(now, make_packet(input, self, other));
        break;
      case 1:
        gateway.from_mesh(now, other, make_packet(input, other, self));
        break;
      case 2:
        gateway.resolved(now, other);
        break;
      default:
        now.steady += std::chrono::milliseconds(input.word() * 4);
        gateway.tick(now);
        INVARIANT(!gateway.next_deadline() || *gateway.next_deadline() > now.steady);
    }
    gateway.check_invariants();
    while (const auto action = gateway.next_action()) check_action(*action, self);
  }
}

void cut_arbitrary(Input input) {
  VirtioHeader header;
  std::array<std::uint8_t, sizeof header> raw{};
  for (std::uint8_t& byte : raw) byte = input.byte();
  std::memcpy(&header, raw.data(), raw.size());
  const std::size_t mtu = input.word();
  std::vector<Packet> out;
  const Packet packet = Packet::copy_of(input.take(70000));
  const auto done = segment(header, packet.clone(), mtu, out);
  INVARIANT(done || out.empty());
  INVARIANT(out.size() <= kMaxSegments);
  for (const Packet& one : out) INVARIANT(one.size() <= mtu);
}

void merge_and_cut(Input input) {
  Coalescer coalescer(input.byte() % 4 != 0, input.byte() % 4 != 0);
  std::vector<Packet> before;
  while (!input.empty() && before.size() < 200) {
    // Half of the packets repeat the one before, so that something ever merges.
    Packet packet = input.byte() % 2 == 0 || before.empty() ? make_packet(input, key(0), key(1))
                                                            : before.back().clone();
    before.push_back(packet.clone());
    coalescer.add(std::move(packet));
  }
  std::size_t pieces_out = 0;
  std::vector<Packet> after;
  coalescer.flush([&](const VirtioHeader& header, std::span<const ByteView> pieces) {
    pieces_out += pieces.size();
    Packet joined = Packet::copy_of(pieces.front());
    for (const ByteView piece : pieces.subspan(1)) {
      const ByteSpan at = joined.push_back(piece.size());
      std::copy(piece.begin(), piece.end(), at.begin());
    }
    if (pieces.size() == 1) {
      after.push_back(std::move(joined));
    } else {
      INVARIANT(segment(header, std::move(joined), 65535, after));
    }
  });
  INVARIANT(pieces_out == before.size());
  const auto less = [](const Packet& a, const Packet& b) {
    return std::lexicographical_compare(a.bytes().begin(), a.bytes().end(), b.bytes().begin(),
                                        b.bytes().end());
  };
  const auto same = [](const Packet& a, const Packet& b) {
    return std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin(), b.bytes().end());
  };
  std::sort(before.begin(), before.end(), less);
  std::sort(after.begin(), after.end(), less);
  INVARIANT(std::equal(before.begin(), before.end(), after.begin(), after.end(), same));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input({data, size});
  switch (input.byte() % 3) {
    case 0:
      drive_gateway(input);
      break;
    case 1:
      cut_arbitrary(input);
      break;
    default:
      merge_and_cut(input);
  }
  return 0;
}
