#pragma once

namespace thicket::sim {

/// From construction on, the first SIGINT or SIGTERM only sets a flag; a second one ends the
/// process at once. One at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// Whether there was one.
  static bool asked();
};

}  // namespace thicket::sim
