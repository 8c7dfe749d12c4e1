#pragma once

#include <memory>
#include <string_view>
#include <variant>

#include "crypto/packet.hpp"
#include "crypto/public_key.hpp"
#include "routing/link_id.hpp"
#include "routing/lookup_trace.hpp"

namespace thicket::routing {

/// Why the router wants a link ended.
enum class CloseReason {
  malformed_frame,
  bad_signature,   ///< of an Announce or SigRes
  invalid_record,  ///< port 0 under another parent, or a SigRes with port 0
  silent,          ///< nothing heard for 3 s after we sent something
  queue_overflow,  ///< protocol frames piled up: the peer does not read
};
std::string_view describe(CloseReason reason);

/// Frames wait for `link`: call next_frame() while the link can take more.
struct LinkReady {
  LinkId link;
};
struct CloseLink {
  LinkId link;
  CloseReason reason;
  std::string_view detail;  ///< static text, may be empty
};
/// The payload of a Traffic frame that arrived for us, not yet authenticated.
struct DeliverPayload {
  PublicKey source;
  Packet payload;
};
/// A path to `key` is now known.
struct PathFound {
  PublicKey key;
};
/// What came of a lookup that was to be explained.
struct LookupTraced {
  TraceId id;
  std::unique_ptr<LookupTrace> trace;
};
using RouterAction = std::variant<LinkReady, CloseLink, DeliverPayload, PathFound, LookupTraced>;

}  // namespace thicket::routing
