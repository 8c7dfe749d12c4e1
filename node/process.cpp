#include "node/process.hpp"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>

namespace thicket::node {
namespace {

// Enough for thousands of links. Not more: select()-like tables and leaks would grow with it.
constexpr rlim_t kWantedDescriptors = 65536;
constexpr int kTrimThreshold = 256 * 1024;
constexpr int kTopPad = 64 * 1024;

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min(limit.rlim_max, kWantedDescriptors);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  ::setrlimit(RLIMIT_NOFILE, &limit);  // if not, the old limit still serves
}

}  // namespace

void prepare_process() {
  // One event loop, one arena: the few helper threads hardly allocate.
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_TRIM_THRESHOLD, kTrimThreshold);
  ::mallopt(M_TOP_PAD, kTopPad);
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
}

}  // namespace thicket::node
