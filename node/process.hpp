#pragma once

namespace thicket::node {

/// Fits the process to its job: little memory kept by the allocator, many descriptors, no SIGPIPE.
/// Call it first, before there are threads or large allocations.
void prepare_process();

}  // namespace thicket::node
