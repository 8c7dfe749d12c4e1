#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "crypto/bytes.hpp"

namespace thicket {

/// The unit that travels: one contiguous buffer with room in front for the headers that later
/// layers put there, so that a payload is never copied on its way. Move-only; buffers come from a
/// bounded per-thread pool and return to it.
class Packet {
 public:
  /// Head room that fits all headers between an IPv6 packet and the wire on any usual path.
  static constexpr std::size_t kHeadroom = 384;

  Packet() = default;
  /// A packet of `size` uninitialised bytes with `headroom` free bytes in front.
  explicit Packet(std::size_t size, std::size_t headroom = kHeadroom);
  static Packet copy_of(ByteView bytes, std::size_t headroom = kHeadroom);

  Packet(Packet&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        offset_(std::exchange(other.offset_, 0)),
        size_(std::exchange(other.size_, 0)) {}
  Packet& operator=(Packet&& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(offset_, other.offset_);
    std::swap(size_, other.size_);
    return *this;
  }
  Packet(const Packet&) = delete;
  Packet& operator=(const Packet&) = delete;
  ~Packet() { release(); }

  Packet clone() const { return copy_of(bytes(), headroom()); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t headroom() const { return offset_; }
  std::size_t tailroom() const { return capacity() - offset_ - size_; }
  /// Bytes of memory the packet holds, for limits on queues.
  std::size_t capacity() const;

  ByteView bytes() const { return {data(), size_}; }
  ByteSpan bytes() { return {data(), size_}; }
  std::uint8_t* data();
  const std::uint8_t* data() const;

  /// Grows by `count` bytes at the front and returns them. Moves the contents to a larger buffer
  /// if the head room is too small.
  ByteSpan push_front(std::size_t count);
  /// Grows by `count` bytes at the end and returns them.
  ByteSpan push_back(std::size_t count);
  /// Drops `count` bytes, at most size(), at the front; they become head room.
  void pop_front(std::size_t count);
  /// Drops `count` bytes, at most size(), at the end.
  void pop_back(std::size_t count);

 private:
  struct Block;
  void release();
  void regrow(std::size_t headroom, std::size_t tailroom);

  Block* block_ = nullptr;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;
};

}  // namespace thicket
