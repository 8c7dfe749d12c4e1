#include "node/build_info.hpp"

namespace thicket::node {

std::string_view build_name() {
  return "thicket";
}
std::string_view build_version() {
  return THICKET_VERSION;
}
std::string_view build_platform() {
  return "linux";
}

std::string_view build_arch() {
#if defined(__x86_64__)
  return "amd64";
#elif defined(__aarch64__)
  return "arm64";
#elif defined(__arm__)
  return "arm";
#elif defined(__i386__)
  return "386";
#elif defined(__riscv)
  return "riscv64";
#else
  return "unknown";
#endif
}

std::string build_agent() {
  return std::string(build_name()).append("/").append(build_version());
}

}  // namespace thicket::node
