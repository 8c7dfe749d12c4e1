#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/public_key.hpp"
#include "crypto/result.hpp"

// Lists of public peers, as their operators publish them.
namespace thicket::node {

/// A list holds at most this many bytes.
inline constexpr std::size_t kMaxPeerListBytes = 1 << 20;
/// So many peers of a list are taken; the rest is left out.
inline constexpr std::size_t kMaxListedPeers = 4096;
/// Longer lines are passed over.
inline constexpr std::size_t kMaxPeerListLine = 4096;
/// Of the name of a region so many bytes are kept.
inline constexpr std::size_t kMaxRegionName = 64;

struct ListedPeer {
  std::string uri;   ///< as listed, with its options and key: parse_peer_uri() takes it; tcp or tls
  std::string name;  ///< the same without options: what tells peers apart
  std::string host;  ///< name or address
  std::string region;  ///< the heading or file that it stands under; any bytes; empty: none
  std::optional<PublicKey> key{};  ///< whose it is, if the list says so
  bool listed_down = false;        ///< the list says that it did not answer
  bool operator==(const ListedPeer&) const = default;
};

struct PeerList {
  std::vector<ListedPeer> peers;  ///< no two of one name; in the order of the list
  std::size_t unsupported = 0;    ///< URIs of a kind that this program cannot dial
  std::size_t malformed = 0;      ///< URIs that are none
  std::size_t left_out = 0;       ///< beyond kMaxListedPeers
};

/// Reads a list: a URI a line, where # begins a comment; or Markdown with a URI, bare or in
/// backquotes, in each bullet and headings for regions; or a JSON object from files to objects from
/// URIs to {"up", "key", …}. What is none of these is passed over. The error is one sentence: too
/// large, broken JSON, or no peer in it.
Result<PeerList, std::string> parse_peer_list(std::string_view text);

/// Reads a file. What looks like a URL is not fetched; the error says what to do.
Result<PeerList, std::string> load_peer_list(const std::filesystem::path& file);

}  // namespace thicket::node
