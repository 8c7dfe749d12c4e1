#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "node/temporary_folder.hpp"

namespace thicket::node {

struct ProgramResult {
  int status = -1;  ///< exit status; -1: it did not end by itself
  std::string output;
  std::string errors;
};

/// Runs the built program and waits for its end. `environment` is all of it: "NAME=value".
inline ProgramResult run_program(std::vector<std::string> arguments, const std::string& input = {},
                                 std::vector<std::string> environment = {}) {
  const TemporaryFolder folder;
  const auto in = folder.write("in", input);
  const auto out = folder.write("out", "");
  const auto err = folder.write("err", "");
  arguments.insert(arguments.begin(), THICKET_PROGRAM);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (std::string& variable : environment) envp.push_back(variable.data());
  envp.push_back(nullptr);

  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(::open(in.c_str(), O_RDONLY), 0);
    ::dup2(::open(out.c_str(), O_WRONLY), 1);
    ::dup2(::open(err.c_str(), O_WRONLY), 2);
    ::execve(THICKET_PROGRAM, argv.data(), envp.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(out), contents(err)};
}

}  // namespace thicket::node
