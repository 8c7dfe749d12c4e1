#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace thicket::sim {

/// Programs running beside this one, told apart by a number of the owner's.
class ChildProcesses {
 public:
  struct Ended {
    std::size_t id = 0;
    int status = 0;  ///< exit status; 128 + the signal's number if one ended it
  };

  /// Waits for those that still run.
  ~ChildProcesses();

  /// Runs `words[0]` with its arguments; what it prints goes to `log`. false: see errno.
  bool start(std::size_t id, const std::vector<std::string>& words,
             const std::filesystem::path& log);
  std::size_t running() const { return children_.size(); }
  /// Waits until one ends, or a signal comes (nullopt). There must be one running.
  std::optional<Ended> wait();
  /// Asks all to end.
  void interrupt() const;

 private:
  std::map<pid_t, std::size_t> children_;
};

/// The file that this process runs.
std::string own_program();

}  // namespace thicket::sim
