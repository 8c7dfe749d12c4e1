#include "crypto/secret.hpp"

#include <sodium.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "crypto/invariant.hpp"

namespace thicket {

namespace {

// A region costs three memory mappings (the kernel allows about 65000 per process) and four pages
// of fences, so it holds many slots.
constexpr std::size_t kRegionSize = 64 * 1024;
constexpr std::array<std::size_t, 4> kSlotSizes{64, 128, 256, 512};
static_assert(kSlotSizes.back() == kMaxSecretSize);

std::size_t slot_class(std::size_t size) {
  INVARIANT(size <= kMaxSecretSize);
  std::size_t size_class = 0;
  while (size > kSlotSizes[size_class]) ++size_class;
  return size_class;
}

// For one thread, as all of the core is. Regions are kept for reuse until the process ends: what is
// held is bounded by the peak.
class SecretPool {
 public:
  SecretPool() { INVARIANT(sodium_init() >= 0); }

  void* allocate(std::size_t size) {
    std::vector<void*>& free = free_[slot_class(size)];
    if (free.empty()) add_region(slot_class(size));
    void* slot = free.back();
    free.pop_back();
    ++slots_.used;
    return slot;
  }

  void free(void* slot, std::size_t size) {
    const std::size_t size_class = slot_class(size);
    sodium_memzero(slot, kSlotSizes[size_class]);
    free_[size_class].push_back(slot);
    --slots_.used;
  }

  SecretSlots slots() { return slots_; }

 private:
  void add_region(std::size_t size_class) {
    const std::size_t count = kRegionSize / kSlotSizes[size_class];
    // Room for every slot of the class now, so that freeing one never allocates.
    capacity_[size_class] += count;
    free_[size_class].reserve(capacity_[size_class]);
    auto* region = static_cast<std::uint8_t*>(sodium_malloc(kRegionSize));
    if (region == nullptr) {
      capacity_[size_class] -= count;
      throw std::bad_alloc();
    }
    std::memset(region, 0, kRegionSize);
    ++slots_.regions;
    for (std::size_t i = count; i-- > 0;) {
      free_[size_class].push_back(region + i * kSlotSizes[size_class]);
    }
  }

  std::array<std::vector<void*>, kSlotSizes.size()> free_;
  std::array<std::size_t, kSlotSizes.size()> capacity_{};
  SecretSlots slots_;
};

// Never destroyed: secrets in other static objects may outlive any order we could choose.
SecretPool& secret_pool() {
  static SecretPool* const pool = new SecretPool;
  return *pool;
}

}  // namespace

void* allocate_secret(std::size_t size) {
  return secret_pool().allocate(size);
}

void free_secret(void* slot, std::size_t size) noexcept {
  if (slot != nullptr) secret_pool().free(slot, size);
}

void wipe(void* memory, std::size_t size) noexcept {
  sodium_memzero(memory, size);
}

SecretSlots secret_slots() {
  return secret_pool().slots();
}

}  // namespace thicket
