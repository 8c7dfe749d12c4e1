#include "sim/observer.hpp"

namespace thicket::sim {

std::string_view name_of(LossCause cause) {
  switch (cause) {
    case LossCause::link_cut:
      return "link cut";
    case LossCause::blocked:
      return "link silent";
    case LossCause::random:
      return "lost by link";
    case LossCause::node_down:
      return "node down";
    case LossCause::adversary:
      return "adversary";
  }
  return {};
}

}  // namespace thicket::sim
