#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Quantities as people read them.
namespace thicket::node {

/// "1 peer", "2 peers"
std::string count_text(std::uint64_t count, std::string_view thing);
/// "999 B", "1.5 KiB", "12 MiB"
std::string bytes_text(double bytes);
/// The same per second.
std::string rate_text(double bytes_per_second);
/// The two largest units: "45s", "2m 5s", "3h 0m", "12d 4h". Fractions of a second are left out.
std::string duration_text(double seconds);
/// "0.45 ms", "45.1 ms", "1.20 s"
std::string latency_text(double nanoseconds);

}  // namespace thicket::node
