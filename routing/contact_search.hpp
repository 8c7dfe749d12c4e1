#pragma once

#include <map>
#include <optional>
#include <vector>

#include "crypto/public_key.hpp"
#include "crypto/time.hpp"
#include "routing/path.hpp"
#include "routing/peer_table.hpp"
#include "routing/tree.hpp"

namespace thicket::routing {

/// Where a first contact of the DHT may be found without looking anybody up: among the nodes whose
/// records we hold anyway, above us and above our peers. The root is asked first, for all nodes of
/// the tree know it.
class ContactSearch {
 public:
  struct Candidate {
    PublicKey key;
    Path path;
  };

  ContactSearch(const PublicKey& own, const PeerTable& peers, const Tree& tree)
      : own_(own), peers_(peers), tree_(tree) {}

  /// Whom to ask now; nobody is named again within limits::kSearchAgain.
  std::optional<Candidate> next(Instant now);

 private:
  std::optional<Candidate> next_above(const TreePosition& position);
  bool is_due(const PublicKey& key) const;

  const PublicKey own_;
  const PeerTable& peers_;
  const Tree& tree_;
  std::map<PublicKey, Instant> asked_;
};

}  // namespace thicket::routing
