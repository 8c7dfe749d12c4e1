#pragma once

#include <cstdint>

#include "crypto/bytes.hpp"
#include "crypto/public_key.hpp"
#include "crypto/time.hpp"
#include "routing/frame.hpp"

namespace thicket::routing {

/// Which ways paths are looked for. Whoever is not asked first by `automatic` is asked when the
/// first gave no answer.
enum class LookupPolicy : std::uint8_t {
  automatic,  ///< the cheaper of the two, as far as we can tell
  bloom,      ///< the filters alone
  dht,        ///< the DHT alone: finds no plain Yggdrasil node that nobody published
  both,       ///< both at once
};

/// How paths are found other than by the filters of wire.md §7. Its owner hands what it finds to
/// PathFinder::found() and PathFinder::not_found(), after the call.
class Directory {
 public:
  virtual ~Directory() = default;
  /// Whether there is anybody to ask.
  virtual bool joined() const = 0;
  virtual bool cheaper_than_filters() const = 0;
  /// A path with a seq up to `newer_than` is no answer.
  virtual void lookup(Time now, const PublicKey& key_or_partial_key, std::uint64_t newer_than) = 0;
  /// A lookup went on by filters, since this way did not find it (in time).
  virtual void fell_back() = 0;
  /// A payload for us of the directory's own kind.
  virtual void receive(Time now, const PublicKey& source, const PublicKey& peer,
                       ByteView payload) = 0;
  virtual void path_broken(Time now, const PublicKey& key) = 0;
  /// A verified path of another node.
  virtual void learnt(Time now, const PathNotify& notify) = 0;
};

}  // namespace thicket::routing
