#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

namespace thicket {

/// A slot for `size` bytes (at most kMaxSecretSize, 16-byte aligned, zeroed) in memory that is
/// locked against swapping as far as the system's limit allows, left out of core dumps and fenced
/// by guard pages. Slots share large regions, so that a process can hold many thousands; all are
/// for one thread. Throws std::bad_alloc when memory runs out.
void* allocate_secret(std::size_t size);
/// Wipes and frees a slot of `size` bytes.
void free_secret(void* slot, std::size_t size) noexcept;
/// Overwrites memory in a way that the compiler does not remove.
void wipe(void* memory, std::size_t size) noexcept;

constexpr std::size_t kMaxSecretSize = 512;

struct SecretSlots {
  std::size_t regions = 0;  ///< guarded regions held, of 64 KiB each
  std::size_t used = 0;     ///< slots in use
};
/// What the whole process holds, for tests and limits.
SecretSlots secret_slots();

/// Owns a T in a secret slot; move-only. Empty only once moved from.
template <class T>
class Secret {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= kMaxSecretSize && alignof(T) <= 16);

 public:
  Secret() : value_(new (allocate_secret(sizeof(T))) T{}) {}
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }

 private:
  struct Free {
    void operator()(T* value) const noexcept { free_secret(value, sizeof(T)); }
  };
  std::unique_ptr<T, Free> value_;
};

/// A T on the stack that is wiped when it goes out of scope.
template <class T>
class Wiped {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Wiped() = default;
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() { wipe(&value_, sizeof value_); }
  T& operator*() { return value_; }
  const T& operator*() const { return value_; }
  T* operator->() { return &value_; }

 private:
  T value_{};
};

}  // namespace thicket
