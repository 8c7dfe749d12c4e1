#include "transport/frame_writer.hpp"

#include <algorithm>
#include <array>

namespace thicket::transport {

namespace {

constexpr std::size_t kLeastGather = 16 * 1024;

}  // namespace

bool FrameWriter::wants_more() const {
  return bytes_ < gather_ && frames_.size() - first_ < kGatherFrames;
}

void FrameWriter::push(Packet frame) {
  if (frame.empty()) return;
  if (first_ != 0) {
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  bytes_ += frame.size();
  frames_.push_back(std::move(frame));
}

IoResult FrameWriter::write(ByteStream& stream) {
  std::array<iovec, kGatherFrames> parts;
  std::size_t count = 0;
  std::size_t skip = offset_;
  for (std::size_t i = first_; i < frames_.size() && count < parts.size(); ++i, ++count) {
    parts[count] = {frames_[i].data() + skip, frames_[i].size() - skip};
    skip = 0;
  }
  const IoResult result = stream.write({parts.data(), count});
  drop(result.bytes);
  if (result.status == IoResult::Status::ok && empty() && count != 0) {
    gather_ = std::min(gather_ * 2, kGatherBytes);
  } else if (result.status == IoResult::Status::blocked) {
    gather_ = std::max(gather_ / 2, kLeastGather);
  }
  return result;
}

void FrameWriter::drop(std::size_t count) {
  bytes_ -= count;
  while (count > 0) {
    const std::size_t step = std::min(count, frames_[first_].size() - offset_);
    offset_ += step;
    count -= step;
    if (offset_ < frames_[first_].size()) return;
    frames_[first_] = Packet();
    offset_ = 0;
    ++first_;
  }
  if (first_ != frames_.size()) return;
  frames_.clear();
  first_ = 0;
}

}  // namespace thicket::transport
