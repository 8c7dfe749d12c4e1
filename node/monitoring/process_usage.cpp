#include "node/monitoring/process_usage.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace thicket::node {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::optional<std::uint64_t> resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  if (!(file >> size >> resident)) return std::nullopt;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::optional<std::uint64_t> open_descriptors() {
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  std::uint64_t count = 0;
  for (const std::filesystem::directory_iterator end; !error && entry != end;
       entry.increment(error)) {
    ++count;
  }
  // The listing itself has one open.
  if (error || count == 0) return std::nullopt;
  return count - 1;
}

/// From when the kernel started us, in ticks since it booted itself.
std::optional<double> start_seconds() {
  constexpr int kStartField = 22;
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  // The second field is our name in parentheses, which may hold anything.
  std::istringstream rest(line.substr(line.rfind(')') + 1));
  std::string field;
  for (int i = 3; i < kStartField; ++i) rest >> field;
  double started = 0;
  rest >> started;
  timespec since_boot{};
  timespec wall{};
  if (!rest || ::clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0 ||
      ::clock_gettime(CLOCK_REALTIME, &wall) != 0) {
    return std::nullopt;
  }
  const auto seconds = [](const timespec& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return seconds(wall) - seconds(since_boot) + started / ticks;
}

}  // namespace

ProcessUsage ProcessUsage::now() {
  // Once: the clock may be set later.
  static const std::optional<double> start = node::start_seconds();
  ProcessUsage usage;
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0) {
    usage.cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
  }
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
    usage.max_descriptors = descriptors.rlim_cur;
  }
  usage.resident_bytes = node::resident_bytes();
  usage.open_descriptors = node::open_descriptors();
  usage.start_seconds = start;
  return usage;
}

}  // namespace thicket::node
