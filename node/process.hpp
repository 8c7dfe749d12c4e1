#pragma once

namespace thicket::node {

/// Fits the process to its job: little memory kept by the allocator, many descriptors, no SIGPIPE.
/// Call it first, before there are threads or large allocations.
void prepare_process();

/// Gives back the memory of code and constants that only start-up needed: the process no longer
/// holds them, and what is used again comes back from the page cache.
void release_startup_memory();

}  // namespace thicket::node
