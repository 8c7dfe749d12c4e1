#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "crypto/bytes.hpp"

namespace thicket::routing {

/// The number a node gives to one of its peers; never 0 in a path (wire.md, head).
struct Port {
  std::uint64_t value = 0;
  auto operator<=>(const Port&) const = default;
};

/// The ports walked from the root down to a node: its coordinates.
using Path = std::vector<Port>;

/// A path in wire form, checked by the decoder (non-zero uvarints, ended by a single 0) and still
/// lying in the frame. Iterating yields Ports; the terminator is not among them.
class PathView {
 public:
  class Iterator {
   public:
    using value_type = Port;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(const std::uint8_t* at) : at_(at) { read(); }
    Port operator*() const { return port_; }
    Iterator& operator++() {
      at_ = next_;
      read();
      return *this;
    }
    void operator++(int) { ++*this; }
    /// The end is wherever the terminating zero stands.
    bool operator==(std::default_sentinel_t) const { return port_.value == 0; }

   private:
    void read() {
      if (*at_ < 0x80) [[likely]] {
        port_.value = *at_;
        next_ = at_ + 1;
      } else {
        read_long();
      }
    }
    void read_long();
    const std::uint8_t* at_ = nullptr;
    const std::uint8_t* next_ = nullptr;
    Port port_;
  };

  PathView() = default;
  /// `wire` must be a complete, checked path with its terminating zero; the decoder makes these
  /// from frames, encode_path() from a Path.
  explicit PathView(ByteView wire) : wire_(wire) {}

  Iterator begin() const { return wire_.empty() ? Iterator() : Iterator(wire_.data()); }
  std::default_sentinel_t end() const { return {}; }
  ByteView wire() const { return wire_; }
  Path to_path() const;

 private:
  ByteView wire_;
};

/// Wire form of a path, terminator included.
std::vector<std::uint8_t> encode_path(const Path& path);

/// wire.md §4: length of `path` + length of `coordinates` - 2 x length of the common prefix.
std::uint64_t tree_distance(const Path& path, const Path& coordinates);
std::uint64_t tree_distance(const PathView& path, const Path& coordinates);

/// Number of ports.
std::uint64_t length_of(const PathView& path);
/// Number of ports that both begin with.
std::uint64_t common_prefix(const PathView& path, std::span<const Port> coordinates);

/// "[1 4 2]"
std::string to_string(const Path& path);

}  // namespace thicket::routing
