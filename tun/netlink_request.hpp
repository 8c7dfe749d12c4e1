#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

namespace thicket::tun {

/// A message to rtnetlink (rtnetlink(7)) that is answered with an acknowledgement only: a header, a
/// structure that depends on the type, then attributes, each aligned to 4 bytes. What does not fit
/// into kCapacity is left out, and fits() is false.
class NetlinkRequest {
 public:
  static constexpr std::size_t kCapacity = 256;

  /// `type` is RTM_…, `flags` are NLM_F_… beside those of every request.
  template <typename Body>
  requires std::is_trivially_copyable_v<Body> NetlinkRequest(std::uint16_t type,
                                                             std::uint16_t flags,
                                                             const Body& body) {
    header_.nlmsg_type = type;
    header_.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    header_.nlmsg_len = NLMSG_HDRLEN;
    append(std::as_bytes(std::span(&body, 1)));
  }

  void add(std::uint16_t attribute, std::span<const std::byte> value) {
    add_head(attribute, sizeof(rtattr) + value.size());
    append(value);
  }
  template <std::unsigned_integral Number>
  void add(std::uint16_t attribute, Number value) {
    add(attribute, std::as_bytes(std::span(&value, 1)));
  }

  /// Attributes added until end() lie within this one. What it returns is what end() takes.
  std::size_t begin(std::uint16_t attribute) {
    const std::size_t start = header_.nlmsg_len;
    add_head(attribute, sizeof(rtattr));
    return start;
  }
  void end(std::size_t start) {
    if (!fits_) return;
    const auto length = static_cast<std::uint16_t>(header_.nlmsg_len - start);
    std::memcpy(bytes_.data() + start, &length, sizeof length);
  }

  bool fits() const { return fits_; }
  /// The whole message, with `sequence` to tell its acknowledgement by.
  std::span<const std::byte> encode(std::uint32_t sequence) {
    header_.nlmsg_seq = sequence;
    std::memcpy(bytes_.data(), &header_, sizeof header_);
    return {bytes_.data(), header_.nlmsg_len};
  }

 private:
  void add_head(std::uint16_t attribute, std::size_t length) {
    const rtattr head{static_cast<std::uint16_t>(length), attribute};
    append(std::as_bytes(std::span(&head, 1)));
  }

  void append(std::span<const std::byte> value) {
    const std::size_t start = header_.nlmsg_len;
    const std::size_t padded = NLMSG_ALIGN(value.size());
    fits_ = fits_ && start + padded <= kCapacity;
    if (!fits_) return;
    std::memcpy(bytes_.data() + start, value.data(), value.size());
    header_.nlmsg_len = static_cast<std::uint32_t>(start + padded);
  }

  nlmsghdr header_{};
  std::array<std::byte, kCapacity> bytes_{};
  bool fits_ = true;
};

}  // namespace thicket::tun
