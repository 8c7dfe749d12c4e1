#pragma once

#include "crypto/bytes.hpp"
#include "crypto/time.hpp"
#include "sim/index.hpp"

namespace thicket::sim {

class Simulation;

/// How a hostile node differs from an honest one. Its router is the real one; what it is fed and
/// what it says can be held back, and frames can be added with Simulation::inject().
class Behaviour {
 public:
  virtual ~Behaviour() = default;
  /// The node was started; timers may be set with Simulation::after(). Those of an earlier life
  /// must notice that they are: see Simulation::life().
  virtual void started(Simulation&, NodeIndex) {}
  /// Whether the router gets to see this body, which arrived for the node.
  virtual bool lets_in(Time, ByteView) { return true; }
  /// Whether this body, which the router wants to send, goes out.
  virtual bool lets_out(Time, ByteView) { return true; }
};

}  // namespace thicket::sim
