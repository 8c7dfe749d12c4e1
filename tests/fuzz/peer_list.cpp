#include "node/public_peers/peer_list.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "crypto/invariant.hpp"
#include "node/public_peers/peer_diversity.hpp"
#include "transport/peer_uri.hpp"

// Lists of public peers: whatever strangers put into them, what is taken can be dialled, and is a
// network peer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace thicket;
  const auto list =
      node::parse_peer_list(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!list) {
    INVARIANT(!list.error().empty());
    return 0;
  }
  INVARIANT(!list->peers.empty() && list->peers.size() <= node::kMaxListedPeers);
  for (const node::ListedPeer& peer : list->peers) {
    const auto uri = transport::parse_peer_uri(peer.uri);
    INVARIANT(uri && uri->to_string() == peer.name && uri->host == peer.host);
    INVARIANT(uri->scheme == transport::Scheme::tcp || uri->scheme == transport::Scheme::tls);
    INVARIANT(peer.region.size() <= node::kMaxRegionName);
    [[maybe_unused]] const auto group = node::host_group(peer.host);
    [[maybe_unused]] const auto network = node::address_group(peer.uri);
  }
  return 0;
}
