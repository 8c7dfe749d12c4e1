#pragma once

#include <cstdint>
#include <string_view>

#include "crypto/bytes.hpp"
#include "crypto/public_key.hpp"
#include "crypto/time.hpp"
#include "routing/frame.hpp"
#include "routing/router_action.hpp"
#include "sim/index.hpp"

namespace thicket::sim {

/// A frame on a link.
struct FrameEvent {
  Time now;
  NodeIndex from;
  NodeIndex to;
  LinkIndex link;
  routing::FrameType type;
  ByteView body;           ///< without its length prefix; valid during the call only
  std::size_t wire_bytes;  ///< with it
};

enum class LossCause : std::uint8_t {
  link_cut,   ///< the link ended while the frame was on its way, or held by it
  blocked,    ///< the link silently delivers nothing in that direction
  random,     ///< a datagram-like link lost it
  node_down,  ///< nobody there any more
  adversary,  ///< a hostile node kept it
};
std::string_view name_of(LossCause cause);

/// Told of what happens in a simulation; must not change it from within these calls.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void node_started(Time, NodeIndex) {}
  virtual void node_stopped(Time, NodeIndex) {}
  /// The node's root, coordinates or tree links may have changed.
  virtual void position_changed(Time, NodeIndex) {}
  /// A link got or lost a connection, or was cut, blocked or restored.
  virtual void link_changed(Time, LinkIndex) {}
  virtual void frame_sent(const FrameEvent&) {}
  /// Just before the node handles it.
  virtual void frame_received(const FrameEvent&) {}
  virtual void frame_lost(const FrameEvent&, LossCause) {}
  /// Data that `from` sent end to end, decrypted. First byte: its kind (wire.md §9).
  virtual void delivered(Time, NodeIndex, const PublicKey& /*from*/, ByteView /*data*/) {}
  virtual void path_found(Time, NodeIndex, const PublicKey&) {}
  virtual void link_closed(Time, NodeIndex, routing::CloseReason) {}
};

}  // namespace thicket::sim
