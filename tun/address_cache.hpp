#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <list>
#include <map>
#include <optional>

#include "crypto/address.hpp"
#include "crypto/public_key.hpp"
#include "crypto/time.hpp"

namespace thicket::tun {

/// What resolves to one key: a node's address, or the /64 that an address lies in.
struct Destination {
  /// An address within 200::/8 as it is; of one within 300::/8 the first 8 bytes, then zeros.
  Address value;
  /// Nothing if `address` is outside 200::/7.
  static std::optional<Destination> of(const Address& address);
  static Destination node(const PublicKey& key) { return {Address::of(key)}; }
  static Destination subnet(const PublicKey& key);
  PublicKey partial_key() const;
  auto operator<=>(const Destination&) const = default;
};

/// Which key a destination belongs to (wire.md §9), for kLifetime after the last use.
///
/// Entries that the host has used and entries only learned from what others sent are bounded apart,
/// the least recently used going first: a stranger who opens many sessions displaces other
/// strangers, not the peers of the host.
class AddressCache {
 public:
  static constexpr Duration kLifetime = std::chrono::minutes(2);
  static constexpr std::size_t kMaxUsed = 4096;
  static constexpr std::size_t kMaxLearned = 1024;

  /// The key for a packet from the host, or null. Counts as use. Valid until the next call.
  const PublicKey* find(Instant now, const Destination& destination);
  /// Notes a packet from `key` with a source address in `destination`. Counts as use of the entry
  /// there is, unless it names another key: that one stays. True if the entry is new.
  bool learn(Instant now, const Destination& destination, const PublicKey& key);
  /// Whether the entry of `destination` names `key`: then it counts as use.
  bool refresh(Instant now, const Destination& destination, const PublicKey& key);
  /// Notes a destination the host asked for.
  void insert(Instant now, const Destination& destination, const PublicKey& key);

  void expire(Instant now);
  /// When expire() will next have something to do.
  std::optional<Instant> next_expiry() const;
  std::size_t size() const { return index_.size(); }
  void check_invariants() const;

 private:
  struct Entry {
    Destination destination;
    PublicKey key;
    Instant last_use;
    bool used = false;  // by the host
  };
  using List = std::list<Entry>;  // most recently used first

  List& list_of(bool used) { return used ? used_ : learned_; }
  Entry* find_live(Instant now, const Destination& destination);
  void touch(Instant now, List::iterator entry, bool used);
  void add(Instant now, const Destination& destination, const PublicKey& key, bool used);
  void trim(List& list, std::size_t limit);

  std::map<Destination, List::iterator> index_;
  List used_;
  List learned_;
};

}  // namespace thicket::tun
