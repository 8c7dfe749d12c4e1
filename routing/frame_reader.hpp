#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "crypto/bytes.hpp"
#include "crypto/public_key.hpp"
#include "routing/frame.hpp"
#include "routing/path.hpp"
#include "routing/uvarint.hpp"

namespace thicket::routing {

/// Takes the fields of a body one after the other. After the first error it yields zeros and empty
/// views; whoever reads asks finish() once, at the end.
class FrameReader {
 public:
  /// Starts at `offset`, at most body.size().
  FrameReader(ByteView body, std::size_t offset) : body_(body), offset_(offset) {}

  std::size_t offset() const { return offset_; }

  std::uint64_t uvarint() {
    const Uvarint read = decode_uvarint(rest());
    if (read.status != Uvarint::Status::complete) {
      fail(read.status);
      return 0;
    }
    offset_ += read.size;
    return read.value;
  }

  /// A uvarint, and where it stands.
  std::uint64_t watermark(WatermarkField& field) {
    field.offset = offset_;
    const std::uint64_t value = uvarint();
    field.size = offset_ - field.offset;
    return value;
  }

  PathView path() {
    const std::size_t start = offset_;
    for (;;) {
      const Uvarint port = decode_uvarint(rest());
      if (port.status != Uvarint::Status::complete) {
        fail(port.status);
        return {};
      }
      offset_ += port.size;
      if (port.value == 0) return PathView(body_.subspan(start, offset_ - start));
    }
  }

  /// A PublicKey or a Signature.
  template <class Bytes>
  Bytes fixed() {
    Bytes result;
    if (rest().size() < Bytes::kSize) {
      fail(Uvarint::Status::truncated);
      return result;
    }
    std::copy_n(rest().begin(), Bytes::kSize, result.bytes.begin());
    offset_ += Bytes::kSize;
    return result;
  }

  ByteView rest() const { return body_.subspan(offset_); }

  ByteView take_rest() {
    const ByteView all = rest();
    offset_ = body_.size();
    return all;
  }

  /// What was wrong first, if anything; bytes that nobody took are wrong too.
  std::optional<FrameError> finish() const {
    if (error_) return error_;
    if (offset_ != body_.size()) return FrameError::left_over_bytes;
    return std::nullopt;
  }

 private:
  void fail(Uvarint::Status status) {
    if (!error_) {
      error_ =
          status == Uvarint::Status::malformed ? FrameError::bad_uvarint : FrameError::truncated;
    }
    offset_ = body_.size();
  }

  ByteView body_;
  std::size_t offset_;
  std::optional<FrameError> error_;
};

}  // namespace thicket::routing
