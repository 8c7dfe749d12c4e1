#include "sim/version.hpp"

namespace thicket::sim {

std::string_view build_version() {
  return THICKET_VERSION;
}

}  // namespace thicket::sim
