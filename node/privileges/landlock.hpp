#pragma once

#include <filesystem>
#include <vector>

#include "crypto/result.hpp"

// Which files a process may touch, whoever it runs as: see landlock(7).
namespace thicket::node {

enum class FileAccess {
  read,     ///< files and folders
  sockets,  ///< make and remove them; removes other files too, which Landlock cannot tell apart
};

/// What is allowed at a path and everything below it.
struct FileRule {
  std::filesystem::path path;
  FileAccess access = FileAccess::read;
};

/// The version of Landlock that the kernel has; 0: none.
int landlock_version();

/// From here on this thread, and those it starts, may do with files only what `rules` say, and no
/// program can be started. Files that are open stay usable. Needs PR_SET_NO_NEW_PRIVS. A rule whose
/// path is not there counts for nothing, even if it comes later. Returns the version in force.
Result<int, std::string> restrict_files(const std::vector<FileRule>& rules);

}  // namespace thicket::node
