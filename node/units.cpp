#include "node/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace thicket::node {

std::string count_text(std::uint64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string bytes_text(double bytes) {
  constexpr std::array<std::string_view, 7> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::size_t unit = 0;
  // What would be rounded to 1024 or more belongs to the next unit.
  while (bytes >= 1023.5 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  bytes = std::clamp(bytes, 0.0, 9999.0);
  if (unit == 0 || bytes >= 9.95) return fmt::format("{:.0f} {}", bytes, kUnits[unit]);
  return fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

std::string rate_text(double bytes_per_second) {
  return bytes_text(bytes_per_second) + "/s";
}

std::string duration_text(double seconds) {
  // A stranger's number may be anything.
  const auto whole = static_cast<std::uint64_t>(std::clamp(seconds, 0.0, 1e11));
  const std::uint64_t days = whole / 86400;
  const std::uint64_t hours = whole / 3600 % 24;
  const std::uint64_t minutes = whole / 60 % 60;
  if (days != 0) return fmt::format("{}d {}h", days, hours);
  if (hours != 0) return fmt::format("{}h {}m", hours, minutes);
  if (minutes != 0) return fmt::format("{}m {}s", minutes, whole % 60);
  return fmt::format("{}s", whole);
}

std::string latency_text(double nanoseconds) {
  const double milliseconds = std::clamp(nanoseconds, 0.0, 1e15) / 1e6;
  if (milliseconds < 9.995) return fmt::format("{:.2f} ms", milliseconds);
  if (milliseconds < 999.95) return fmt::format("{:.1f} ms", milliseconds);
  return fmt::format("{:.2f} s", milliseconds / 1e3);
}

}  // namespace thicket::node
