#pragma once

#include <linux/filter.h>

#include <string>
#include <vector>

#include "crypto/result.hpp"

// Which system calls a process may make: see seccomp(2).
namespace thicket::node {

/// A program for the kernel that refuses (EPERM) what a router never does: starting programs,
/// looking into other processes, mounting, loading modules, making namespaces and the like. Calls
/// of another architecture end the process. Empty: not known for this architecture.
///
/// A list of what is allowed would be tighter, but a C library that is updated makes calls that
/// nobody thought of, and then nodes die in the field.
std::vector<sock_filter> system_call_filter();

/// Has all threads of this process, and those they start, filtered. Needs PR_SET_NO_NEW_PRIVS.
Result<void, std::string> filter_system_calls();

/// Whether this thread is filtered, by us or by who started us.
bool are_system_calls_filtered();

}  // namespace thicket::node
