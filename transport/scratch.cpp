#include "transport/scratch.hpp"

#include <cstddef>
#include <memory>

namespace thicket::transport {

namespace {

template <std::size_t Size>
class Buffer {
 public:
  ByteSpan bytes() {
    if (!bytes_) bytes_ = std::make_unique_for_overwrite<std::uint8_t[]>(Size);
    return {bytes_.get(), Size};
  }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
};

constexpr std::size_t kTlsRecord = 16 * 1024;
constexpr std::size_t kTlsOverhead = 256;

}  // namespace

ByteSpan read_scratch() {
  thread_local Buffer<64 * 1024> buffer;
  return buffer.bytes();
}

ByteSpan gather_scratch() {
  thread_local Buffer<kTlsRecord> buffer;
  return buffer.bytes();
}

ByteSpan cipher_scratch() {
  thread_local Buffer<4 * (kTlsRecord + kTlsOverhead)> buffer;
  return buffer.bytes();
}

}  // namespace thicket::transport
