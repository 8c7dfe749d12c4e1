#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "crypto/result.hpp"

namespace thicket::node {

struct FileContent {
  std::string bytes;
  bool world_readable = false;
};

/// Why a file could not be read or made: an errno (0: another reason) and one sentence.
struct FileError {
  int code = 0;
  std::string reason;
};

/// The whole of a regular file of at most `limit` bytes. Never blocks on a pipe or device.
Result<FileContent, FileError> read_file(const std::filesystem::path& file, std::size_t limit);

/// Makes `file` hold `text`, mode 0600, whole or not at all and durably; missing folders are made
/// with mode 0700. Fails with EEXIST, leaving it alone, if there is anything of that name.
Result<void, FileError> create_private_file(const std::filesystem::path& file,
                                            const std::string& text);

/// The same in place of `file`, of which what was there before, if anything, is kept as `kept`.
Result<void, FileError> replace_private_file(const std::filesystem::path& file,
                                             const std::filesystem::path& kept,
                                             const std::string& text);

/// Overwrites what `secret` holds and empties it.
void wipe(std::string& secret);

}  // namespace thicket::node
