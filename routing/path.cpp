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

std::uint64_t tree_distance(const PathView& path, const Path& coordinates) {
  auto ours = path.begin();
  auto theirs = coordinates.begin();
  while (ours != path.end() && theirs != coordinates.end() && *ours == *theirs) {
    ++ours;
    ++theirs;
  }
  auto distance = static_cast<std::uint64_t>(coordinates.end() - theirs);
  for (; ours != path.end(); ++ours) ++distance;
  return distance;
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
