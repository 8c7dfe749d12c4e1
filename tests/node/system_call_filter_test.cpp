#include "node/privileges/system_call_filter.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <thread>

#include "node/in_child.hpp"

namespace thicket::node {
namespace {

/// What `action` gives once system calls are filtered.
std::string filtered(const std::function<std::string()>& action) {
  return in_child([&]() -> std::string {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (auto installed = filter_system_calls(); !installed) return installed.error();
    return are_system_calls_filtered() ? action() : "the kernel says that there is no filter";
  });
}

/// "EPERM" if the call failed that way.
std::string outcome(long result) {
  if (result >= 0) return "it worked";
  return errno == EPERM ? "EPERM" : "errno " + std::to_string(errno);
}

class SystemCallFilter : public ::testing::Test {
 protected:
  void SetUp() override {
    if (system_call_filter().empty()) GTEST_SKIP() << "none for this architecture";
  }
};

TEST_F(SystemCallFilter, FitsTheKernel) {
  EXPECT_LE(system_call_filter().size(), static_cast<std::size_t>(BPF_MAXINSNS));
}

TEST_F(SystemCallFilter, StartsNoPrograms) {
  EXPECT_EQ(filtered([] {
              char name[] = "/bin/true";
              char* arguments[] = {name, nullptr};
              char* environment[] = {nullptr};
              const int by_path = ::execve(name, arguments, environment);
              const std::string first = outcome(by_path);
              const int at = ::open(name, O_PATH | O_CLOEXEC);
              return first + ", " +
                     outcome(::syscall(SYS_execveat, at, "", arguments, environment, 0x1000));
            }),
            "EPERM, EPERM");
}

TEST_F(SystemCallFilter, RefusesWhatARouterNeverDoes) {
  EXPECT_EQ(filtered([] { return outcome(::mount("none", "/mnt", "tmpfs", 0, nullptr)); }),
            "EPERM");
  EXPECT_EQ(filtered([] { return outcome(::syscall(SYS_unshare, 0)); }), "EPERM");
  EXPECT_EQ(filtered([] { return outcome(::syscall(SYS_bpf, 0, nullptr, 0)); }), "EPERM");
  EXPECT_EQ(filtered([] { return outcome(::syscall(SYS_keyctl, 0, 0, 0)); }), "EPERM");
  EXPECT_EQ(filtered([] { return outcome(::syscall(SYS_io_uring_setup, 0, nullptr)); }), "EPERM");
  EXPECT_EQ(filtered([] { return outcome(::syscall(SYS_personality, 0xffffffffU)); }), "EPERM");
#ifndef THICKET_SANITIZED
  EXPECT_EQ(filtered([] { return outcome(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }),
            "EPERM");
#endif
}

TEST_F(SystemCallFilter, MakesNoNamespaces) {
  EXPECT_EQ(filtered([] {
              const long child = ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
              if (child == 0) ::_exit(0);
              return outcome(child);
            }),
            "EPERM");
  EXPECT_EQ(filtered([] {
              return ::syscall(SYS_clone3, nullptr, 0) < 0 && errno == ENOSYS ? "not there"
                                                                              : "there";
            }),
            "not there");
}

TEST_F(SystemCallFilter, EverythingElseGoesOn) {
  EXPECT_EQ(filtered([]() -> std::string {
              int seen = 0;
              std::thread([&] { seen = 1; }).join();
              const int socket = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
              const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
              const bool all = seen == 1 && socket >= 0 && file >= 0 && ::close(file) == 0;
              return all ? "fine" : "broken";
            }),
            "fine");
}

TEST_F(SystemCallFilter, HoldsForThreadsThatRunAlready) {
  EXPECT_EQ(in_child([]() -> std::string {
              ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
              std::array<int, 2> go{};
              if (::pipe(go.data()) != 0) return "no pipe";
              std::string answer;
              std::thread other([&] {
                char byte = 0;
                if (::read(go[0], &byte, 1) == 1) answer = outcome(::syscall(SYS_unshare, 0));
              });
              const auto installed = filter_system_calls();
              const bool sent = ::write(go[1], "x", 1) == 1;
              other.join();
              return installed && sent ? answer : "not installed";
            }),
            "EPERM");
}

#ifdef __x86_64__
TEST_F(SystemCallFilter, RefusesOtherWaysToCallTheKernel) {
  // x32: the same calls under other numbers.
  EXPECT_EQ(filtered([] { return outcome(::syscall(0x40000000L | SYS_getpid)); }), "EPERM");
  // Of 32 bits, where 20 is getpid.
  EXPECT_EQ(filtered([]() -> std::string {
              long result = 20;
              __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
              return "answered";
            }),
            "signal " + std::to_string(SIGSYS));
}
#endif

}  // namespace
}  // namespace thicket::node
