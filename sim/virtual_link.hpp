#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "crypto/packet.hpp"
#include "crypto/time.hpp"
#include "sim/index.hpp"

namespace thicket::sim {

/// What a virtual link is like.
struct LinkProperties {
  Duration latency = std::chrono::milliseconds(10);  ///< one way
  Duration jitter{};                   ///< up to this is added; frames never overtake each other
  std::uint64_t bits_per_second = 0;   ///< 0: unlimited
  std::uint32_t loss_per_million = 0;  ///< frames that vanish, as on datagram-like links
  std::uint8_t priority = 0;           ///< wire.md §2; lower is better
  /// From both ends being there until they are connected (finding each other, handshake); 0: three
  /// latencies, the handshakes of TCP and wire.md §2.
  Duration set_up{};
  Duration redial = std::chrono::seconds(2);  ///< before that, if there was a connection before
};

constexpr std::uint32_t kNoConnection = ~std::uint32_t{0};

/// A link between two nodes, whether they are connected over it at the moment or not.
struct VirtualLink {
  std::array<NodeIndex, 2> ends{};
  LinkProperties properties;
  bool enabled = true;            ///< false: cut, or out of reach
  std::array<bool, 2> blocked{};  ///< what this end sends does not arrive
  /// The newest one that each end believes in.
  std::array<std::uint32_t, 2> connection{kNoConnection, kNoConnection};
  std::vector<std::uint32_t> lives{};  ///< connections that an end still believes in
  bool dialling = false;
  bool was_connected = false;
};

/// One life of a link: a stream in each direction. Its ends may be of different minds on whether it
/// still lives.
struct Connection {
  LinkIndex link = 0;
  std::array<NodeIndex, 2> ends{};  ///< of the link
  std::array<bool, 2> open{true, true};
  std::array<bool, 2> busy{};              ///< a frame of this end is being put on the wire
  std::array<Duration, 2> transmitting{};  ///< how long the last frame takes on the wire
  std::array<Instant, 2> last_arrival{};
  /// What this end sent into a blocked direction: a stream repeats it when it can.
  std::array<std::vector<Packet>, 2> held{};
  std::array<std::size_t, 2> held_bytes{};
};

/// Once this much is held, an end takes no more frames: its socket's buffer is full.
constexpr std::size_t kSocketBuffer = 256 * 1024;

}  // namespace thicket::sim
