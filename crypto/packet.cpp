#include "crypto/packet.hpp"

#include <array>
#include <cstring>
#include <new>

#include "crypto/invariant.hpp"

namespace thicket {

struct Packet::Block {
  Block* next_free;
  std::uint32_t capacity;
  std::uint32_t size_class;

  std::uint8_t* bytes() { return reinterpret_cast<std::uint8_t*>(this + 1); }
};

namespace {

struct SizeClass {
  std::size_t capacity;
  std::size_t kept;  // free blocks of this class that a thread keeps for reuse
};

// Protocol frames; packets of ordinary MTU; IPv6 packets up to 65535 bytes with headers; frames up
// to the largest the wire allows. Anything else is allocated to measure.
constexpr std::array<SizeClass, 4> kClasses{{{320, 512}, {2048, 512}, {66560, 48}, {132096, 4}}};
constexpr std::uint32_t kUnpooled = kClasses.size();

}  // namespace

// A member of Packet only so that it can see Block.
namespace {

struct FreeList {
  void* head = nullptr;
  std::size_t count = 0;
};

struct Pool {
  std::array<FreeList, kClasses.size()> lists;
  ~Pool();
};

thread_local Pool pool;

std::uint32_t size_class_for(std::size_t capacity) {
  for (std::uint32_t i = 0; i < kClasses.size(); ++i) {
    if (capacity <= kClasses[i].capacity) return i;
  }
  return kUnpooled;
}

Pool::~Pool() {
  for (FreeList& list : lists) {
    while (list.head != nullptr) {
      void* block = list.head;
      std::memcpy(&list.head, block, sizeof list.head);
      ::operator delete(block);
    }
    list.count = ~std::size_t{0};  // nothing is kept from here on
  }
}

void* allocate_block(std::size_t header, std::uint32_t size_class, std::size_t capacity) {
  if (size_class == kUnpooled) return ::operator new(header + capacity);
#ifndef THICKET_SANITIZED  // sanitizers must see every packet as an allocation of its own
  FreeList& list = pool.lists[size_class];
  if (list.head != nullptr) {
    void* block = list.head;
    std::memcpy(&list.head, block, sizeof list.head);
    --list.count;
    return block;
  }
#endif
  return ::operator new(header + kClasses[size_class].capacity);
}

void free_block(void* block, std::uint32_t size_class) {
#ifndef THICKET_SANITIZED
  if (size_class != kUnpooled && pool.lists[size_class].count < kClasses[size_class].kept) {
    FreeList& list = pool.lists[size_class];
    std::memcpy(block, &list.head, sizeof list.head);
    list.head = block;
    ++list.count;
    return;
  }
#else
  (void)size_class;
#endif
  ::operator delete(block);
}

}  // namespace

Packet::Packet(std::size_t size, std::size_t headroom) : offset_(headroom), size_(size) {
  const std::size_t capacity = headroom + size;
  const std::uint32_t size_class = size_class_for(capacity);
  block_ = static_cast<Block*>(allocate_block(sizeof(Block), size_class, capacity));
  block_->size_class = size_class;
  block_->capacity = static_cast<std::uint32_t>(
      size_class == kUnpooled ? capacity : kClasses[size_class].capacity);
}

Packet Packet::copy_of(ByteView bytes, std::size_t headroom) {
  Packet packet(bytes.size(), headroom);
  if (!bytes.empty()) std::memcpy(packet.data(), bytes.data(), bytes.size());
  return packet;
}

std::size_t Packet::capacity() const {
  return block_ == nullptr ? 0 : block_->capacity;
}

std::uint8_t* Packet::data() {
  return block_ == nullptr ? nullptr : block_->bytes() + offset_;
}

const std::uint8_t* Packet::data() const {
  return block_ == nullptr ? nullptr : block_->bytes() + offset_;
}

void Packet::release() {
  if (block_ == nullptr) return;
  free_block(block_, block_->size_class);
  block_ = nullptr;
}

void Packet::regrow(std::size_t headroom, std::size_t tailroom) {
  Packet larger(size_ + tailroom, headroom);
  larger.size_ = size_;
  if (size_ != 0) std::memcpy(larger.data(), data(), size_);
  std::swap(*this, larger);
}

ByteSpan Packet::push_front(std::size_t count) {
  if (offset_ < count) regrow(count + kHeadroom, tailroom());
  offset_ -= count;
  size_ += count;
  return {data(), count};
}

ByteSpan Packet::push_back(std::size_t count) {
  if (tailroom() < count) regrow(offset_, count);
  size_ += count;
  return {data() + size_ - count, count};
}

void Packet::pop_front(std::size_t count) {
  INVARIANT(count <= size_);
  offset_ += count;
  size_ -= count;
}

void Packet::pop_back(std::size_t count) {
  INVARIANT(count <= size_);
  size_ -= count;
}

}  // namespace thicket
