#include "sim/child_processes.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace thicket::sim {

ChildProcesses::~ChildProcesses() {
  while (!children_.empty()) wait();
}

bool ChildProcesses::start(std::size_t id, const std::vector<std::string>& words,
                           const std::filesystem::path& log) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (out < 0) return false;
  const pid_t child = ::fork();
  if (child == 0) {
    // Only what may be called between fork and exec.
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  const int code = errno;
  ::close(out);
  errno = code;
  if (child < 0) return false;
  children_[child] = id;
  return true;
}

std::optional<ChildProcesses::Ended> ChildProcesses::wait() {
  int status = 0;
  const pid_t child = ::waitpid(-1, &status, 0);
  const auto found = children_.find(child);
  if (found == children_.end()) {
    if (child < 0 && errno != EINTR) children_.clear();  // somebody else waited for them
    return std::nullopt;
  }
  const std::size_t id = found->second;
  children_.erase(found);
  return Ended{id, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status)};
}

void ChildProcesses::interrupt() const {
  for (const auto& [child, id] : children_) ::kill(child, SIGTERM);
}

std::string own_program() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

}  // namespace thicket::sim
