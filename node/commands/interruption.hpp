#pragma once

#include "crypto/time.hpp"

namespace thicket::node {

/// For as long as it lives, SIGINT, SIGTERM and SIGHUP do not end the process but are noticed here:
/// a command that runs until it is stopped can still say what it found. At most one at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// Becomes readable with the first signal, and stays so; -1: the system has none left, and
  /// signals end the process as ever.
  int descriptor() const { return descriptor_; }
  bool happened() const;
  /// Sleeps for that long at most. True: a signal came, or had come.
  bool wait(Duration at_most) const;

 private:
  int descriptor_ = -1;
};

}  // namespace thicket::node
