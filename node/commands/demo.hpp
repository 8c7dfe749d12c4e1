#pragma once

#include <cstdint>
#include <cstdio>

namespace thicket::node {

/// What `thicket demo` was asked for.
struct DemoOptions {
  std::uint32_t seconds = 5;  ///< how long it pings at most, 1 to 3600
  std::uint32_t rounds = 0;   ///< ends early once every pair has answered so often; 0: never early
  std::FILE* output = nullptr;  ///< null: standard output
};

/// Runs five nodes in this process, linked over loopback in a ring with a chord, and shows how long
/// pings between all of them take. Returns the process's exit status: 0 if every pair answered.
int demo_command(const DemoOptions& options);

}  // namespace thicket::node
