#pragma once

#include <cstdint>
#include <optional>

namespace thicket::node {

/// What this process uses, as the kernel says. What it does not say is absent.
struct ProcessUsage {
  double cpu_seconds = 0;  ///< user and system
  std::optional<std::uint64_t> resident_bytes;
  std::optional<std::uint64_t> open_descriptors;
  std::uint64_t max_descriptors = 0;
  std::optional<double> start_seconds;  ///< since 1970; the same every time

  static ProcessUsage now();
};

}  // namespace thicket::node
