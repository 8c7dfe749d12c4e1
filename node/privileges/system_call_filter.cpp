#include "node/privileges/system_call_filter.hpp"

#include <endian.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace thicket::node {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__) && __BYTE_ORDER == __LITTLE_ENDIAN
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#elif defined(__arm__) && __BYTE_ORDER == __LITTLE_ENDIAN
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_ARM;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_RISCV64;
#elif defined(__mips__) && _MIPS_SIM == _ABIO32 && __BYTE_ORDER == __LITTLE_ENDIAN
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_MIPSEL;
#elif defined(__mips__) && _MIPS_SIM == _ABIO32
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_MIPS;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif

// clang-format off
constexpr std::uint32_t kRefused[] = {
    // Other programs and processes.
    SYS_execve, SYS_execveat, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp,
#ifndef THICKET_SANITIZED  // LeakSanitizer stops our threads by it
    SYS_ptrace,
#endif
#ifdef SYS_pidfd_getfd
    SYS_pidfd_getfd,
#endif
    // File systems.
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_swapon, SYS_swapoff, SYS_quotactl,
    SYS_acct, SYS_name_to_handle_at, SYS_open_by_handle_at,
#ifdef SYS_fsopen
    SYS_open_tree, SYS_move_mount, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick,
#endif
#ifdef SYS_mount_setattr
    SYS_mount_setattr,
#endif
    // Namespaces; see also clone.
    SYS_setns, SYS_unshare,
    // The kernel and the machine.
    SYS_reboot, SYS_kexec_load, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_bpf,
    SYS_perf_event_open, SYS_userfaultfd, SYS_syslog, SYS_settimeofday, SYS_clock_settime,
    SYS_adjtimex, SYS_clock_adjtime, SYS_sethostname, SYS_setdomainname, SYS_personality,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
    SYS_iopl, SYS_ioperm, SYS_modify_ldt,
#endif
#ifdef SYS_clock_settime64
    SYS_clock_settime64, SYS_clock_adjtime64,
#endif
    // Keys of the kernel, and rings, behind which calls are not seen by this filter.
    SYS_add_key, SYS_request_key, SYS_keyctl,
#ifdef SYS_io_uring_setup
    SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
#endif
};
// clang-format on

constexpr std::uint32_t kNewNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                         CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

constexpr std::uint32_t offset_of_first_argument() {
  constexpr auto kOffset = static_cast<std::uint32_t>(offsetof(seccomp_data, args));
  return __BYTE_ORDER == __LITTLE_ENDIAN ? kOffset : kOffset + 4;
}

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}

sock_filter answer(std::uint32_t what) {
  return BPF_STMT(BPF_RET | BPF_K, what);
}

/// Goes on with the next instruction if `test` does not hold, else past `skipped` more.
sock_filter jump_if(std::uint16_t test, std::uint32_t value, std::size_t skipped) {
  return BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | BPF_K | test), value,
                  static_cast<std::uint8_t>(skipped), 0);
}

}  // namespace

std::vector<sock_filter> system_call_filter() {
  if (kArchitecture == 0) return {};
  constexpr std::uint32_t kRefuse = SECCOMP_RET_ERRNO | EPERM;
  std::vector<sock_filter> program{
      load(offsetof(seccomp_data, arch)), jump_if(BPF_JEQ, kArchitecture, 1),
      answer(SECCOMP_RET_KILL_PROCESS), load(offsetof(seccomp_data, nr))};
#ifdef __x86_64__
  // Of the x32 ABI, where all numbers are other ones.
  program.push_back(BPF_JUMP(BPF_JMP | BPF_K | BPF_JGE, 0x40000000U, 0, 1));
  program.push_back(answer(kRefuse));
#endif
  for (const std::uint32_t call : kRefused) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_K | BPF_JEQ, call, 0, 1));
    program.push_back(answer(kRefuse));
  }
#ifdef SYS_clone3
  // Its flags are in memory, out of a filter's sight. C libraries fall back to clone.
  program.push_back(BPF_JUMP(BPF_JMP | BPF_K | BPF_JEQ, SYS_clone3, 0, 1));
  program.push_back(answer(SECCOMP_RET_ERRNO | ENOSYS));
#endif
  program.push_back(jump_if(BPF_JEQ, SYS_clone, 1));
  program.push_back(answer(SECCOMP_RET_ALLOW));
  program.push_back(load(offset_of_first_argument()));
  program.push_back(jump_if(BPF_JSET, kNewNamespaces, 1));
  program.push_back(answer(SECCOMP_RET_ALLOW));
  program.push_back(answer(kRefuse));
  return program;
}

Result<void, std::string> filter_system_calls() {
  std::vector<sock_filter> instructions = system_call_filter();
  if (instructions.empty()) return failure(std::string("no filter for this architecture"));
  const sock_fprog program{static_cast<unsigned short>(instructions.size()), instructions.data()};
  const long stuck =
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
  if (stuck < 0) return failure(std::string(std::strerror(errno)));
  if (stuck > 0) return failure(std::string("a thread has a filter of its own"));
  return {};
}

bool are_system_calls_filtered() {
  return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER;
}

}  // namespace thicket::node
