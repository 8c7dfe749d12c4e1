#include "routing/path.hpp"

#include <algorithm>

#include "routing/uvarint.hpp"

namespace thicket::routing {

void PathView::Iterator::read_long() {
  const Uvarint port = decode_uvarint({at_, kMaxUvarintSize});
  port_.value = port.value;
  next_ = at_ + port.size;
}

Path PathView::to_path() const {
  Path path;
  for (const Port port : *this) path.push_back(port);
  return path;
}

std::vector<std::uint8_t> encode_path(const Path& path) {
  std::vector<std::uint8_t> wire;
  wire.reserve(path.size() + 1);
  for (const Port port : path) append_uvarint(wire, port.value);
  wire.push_back(0);
  return wire;
}

std::uint64_t tree_distance(const Path& path, const Path& coordinates) {
  const auto [ours, theirs] =
      std::mismatch(path.begin(), path.end(), coordinates.begin(), coordinates.end());
  return static_cast<std::uint64_t>(path.end() - ours) +
         static_cast<std::uint64_t>(coordinates.end() - theirs);
}

std::uint64_t length_of(const PathView& path) {
  std::uint64_t length = 0;
  for (auto port = path.begin(); port != path.end(); ++port) ++length;
  return length;
}

std::uint64_t common_prefix(const PathView& path, std::span<const Port> coordinates) {
  auto port = path.begin();
  std::uint64_t common = 0;
  while (common < coordinates.size() && port != path.end() && *port == coordinates[common]) {
    ++port;
    ++common;
  }
  return common;
}

std::uint64_t tree_distance(const PathView& path, const Path& coordinates) {
  return length_of(path) + coordinates.size() - 2 * common_prefix(path, coordinates);
}

std::string to_string(const Path& path) {
  std::string text = "[";
  for (const Port port : path) {
    if (text.size() > 1) text += ' ';
    text += std::to_string(port.value);
  }
  return text + ']';
}

}  // namespace thicket::routing
