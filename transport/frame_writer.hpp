#pragma once

#include <cstddef>
#include <vector>

#include "crypto/packet.hpp"
#include "transport/byte_stream.hpp"
#include "transport/limits.hpp"

namespace thicket::transport {

/// Frames on their way to one stream: gathered into few large writes, and no more of them than the
/// stream takes, so that what must wait does so in the router's fair queue.
class FrameWriter {
 public:
  bool empty() const { return bytes_ == 0; }
  /// Whether another frame should be pushed before the next write.
  bool wants_more() const;
  void push(Packet frame);
  /// One gathered write of all that was pushed and not yet written; with nothing to write, it lets
  /// the stream get rid of what it holds back itself.
  IoResult write(ByteStream& stream);

 private:
  void drop(std::size_t count);

  std::vector<Packet> frames_;
  std::size_t first_ = 0;   // frames before this one are written
  std::size_t offset_ = 0;  // bytes of it that are written
  std::size_t bytes_ = 0;   // not yet written
  // How much to gather: less after the stream took only a part, so that little is stuck here.
  std::size_t gather_ = kGatherBytes / 2;
};

}  // namespace thicket::transport
