#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "crypto/bytes.hpp"
#include "crypto/packet.hpp"
#include "crypto/result.hpp"
#include "routing/frame.hpp"
#include "transport/byte_stream.hpp"

namespace thicket::transport {

/// Cuts a stream into frame bodies. Reads land in the thread's scratch buffer, except that the
/// rest of a half-read frame lands where the frame is: large frames are not copied. Holds at most
/// one unfinished frame.
class FrameReader {
 public:
  /// Takes the bodies; false ends the handing over.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual bool take_body(Packet body) = 0;
  };

  /// Reads once. What came must be handed over before any other link of this thread reads.
  IoResult read(ByteStream& stream);
  /// Hands over what the last read() completed. Error: a bad length prefix (wire.md §2).
  Result<void, routing::FrameError> hand_over(Sink& sink);
  /// The same for bytes that were read by other means.
  Result<void, routing::FrameError> hand_over(ByteView bytes, Sink& sink);

 private:
  Result<ByteView, routing::FrameError> take_prefix(ByteView bytes);
  ByteView take_body_bytes(ByteView bytes);
  bool finish_body(Sink& sink);

  std::array<std::uint8_t, 10> prefix_{};  // an unfinished length prefix
  std::uint8_t prefix_size_ = 0;
  bool large_ = false;      // the last frame was, so the next one may be
  std::size_t landed_ = 0;  // bytes of the last read in the scratch buffer
  std::size_t filled_ = 0;  // bytes of body_ that are there
  Packet body_;             // empty: between frames
};

}  // namespace thicket::transport
