#include "transport/frame_reader.hpp"

#include <algorithm>
#include <cstring>

#include "transport/scratch.hpp"

namespace thicket::transport {

namespace {

/// Room for the length prefix that a forwarded frame gets.
constexpr std::size_t kBodyHeadroom = 16;
/// From this size on copying hurts more than reading often.
constexpr std::size_t kLargeFrame = 16 * 1024;
/// How far to read past a large frame: enough for the next one's head, little to copy.
constexpr std::size_t kReadPastLarge = 4 * 1024;

}  // namespace

IoResult FrameReader::read(ByteStream& stream) {
  std::array<iovec, 2> parts{};
  std::size_t count = 0;
  const std::size_t rest = body_.size() - filled_;
  if (rest != 0) parts[count++] = {body_.data() + filled_, rest};
  ByteSpan scratch = read_scratch();
  if (large_ || body_.size() >= kLargeFrame) scratch = scratch.first(kReadPastLarge);
  parts[count++] = {scratch.data(), scratch.size()};
  const IoResult result = stream.read({parts.data(), count});
  const std::size_t direct = std::min(rest, result.bytes);
  filled_ += direct;
  landed_ = result.bytes - direct;
  return result;
}

Result<void, routing::FrameError> FrameReader::hand_over(Sink& sink) {
  const ByteView bytes = read_scratch().first(landed_);
  landed_ = 0;
  if (!body_.empty() && filled_ == body_.size() && !finish_body(sink)) return {};
  return hand_over(bytes, sink);
}

Result<void, routing::FrameError> FrameReader::hand_over(ByteView bytes, Sink& sink) {
  while (!bytes.empty()) {
    if (body_.empty()) {
      const auto rest = take_prefix(bytes);
      if (!rest) return tl::unexpected(rest.error());
      bytes = *rest;
    }
    bytes = take_body_bytes(bytes);
    if (!body_.empty() && filled_ == body_.size() && !finish_body(sink)) return {};
  }
  return {};
}

Result<ByteView, routing::FrameError> FrameReader::take_prefix(ByteView bytes) {
  const std::size_t count = std::min(prefix_.size() - prefix_size_, bytes.size());
  std::memcpy(&prefix_[prefix_size_], bytes.data(), count);
  const ByteView known(prefix_.data(), prefix_size_ + count);
  const auto length = routing::decode_length(known);
  if (!length) return tl::unexpected(length.error());
  if (!length->has_value()) {
    prefix_size_ = static_cast<std::uint8_t>(known.size());
    return bytes.subspan(count);
  }
  const std::size_t taken = (*length)->prefix_size - prefix_size_;
  prefix_size_ = 0;
  body_ = Packet((*length)->body_size, kBodyHeadroom);
  filled_ = 0;
  return bytes.subspan(taken);
}

ByteView FrameReader::take_body_bytes(ByteView bytes) {
  const std::size_t count = std::min(body_.size() - filled_, bytes.size());
  if (count != 0) std::memcpy(body_.data() + filled_, bytes.data(), count);
  filled_ += count;
  return bytes.subspan(count);
}

bool FrameReader::finish_body(Sink& sink) {
  Packet body = std::move(body_);
  filled_ = 0;
  large_ = body.size() >= kLargeFrame;
  return sink.take_body(std::move(body));
}

}  // namespace thicket::transport
