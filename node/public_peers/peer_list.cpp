#include "node/public_peers/peer_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "node/bounded_json.hpp"
#include "node/file.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::node {

namespace {

using transport::Scheme;
using transport::UriError;

constexpr std::string_view kBlanks = " \t\r\v\f";
constexpr std::string_view kBeforeUri = "`<([{\"'*-+,;|";
constexpr std::string_view kBehindUri = "`>)]}\"'*,;|.";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// What is left of a word when quotes, brackets and the like around it are gone.
std::string_view unwrapped(std::string_view word) {
  const auto begin = word.find_first_not_of(kBeforeUri);
  if (begin == word.npos) return {};
  return word.substr(begin, word.find_last_not_of(kBehindUri) - begin + 1);
}

class Reader {
 public:
  PeerList take() && { return std::move(list_); }

  /// Whether there is a peer in `text`, usable or not.
  bool read_uri(std::string_view text, std::string_view region, ListedPeer peer = {}) {
    const auto uri = transport::parse_peer_uri(text);
    if (!uri) {
      // Whatever else has a scheme, like a link to a web page, is not meant for us.
      if (uri.error().kind == UriError::Kind::unknown_scheme) return false;
      const bool other = uri.error().kind == UriError::Kind::unsupported_scheme;
      ++(other ? list_.unsupported : list_.malformed);
      return true;
    }
    if (uri->scheme != Scheme::tcp && uri->scheme != Scheme::tls) {
      ++list_.unsupported;  // a list of strangers has no say in what is opened on this machine
      return true;
    }
    peer.uri = text;
    peer.name = uri->to_string();
    peer.host = uri->host;
    peer.region = region.substr(0, kMaxRegionName);
    if (peer.key && uri->keys.empty()) {
      const char separator = peer.uri.find('?') == std::string::npos ? '?' : '&';
      peer.uri += fmt::format("{}key={}", separator, peer.key->to_hex());
    }
    if (uri->keys.size() == 1) peer.key = uri->keys.front();
    add(std::move(peer));
    return true;
  }

  void read_line(std::string_view line) {
    line = trimmed(line);
    if (line.empty() || line.size() > kMaxPeerListLine) return;
    if (line.front() == '#') {
      region_ = trimmed(line.substr(std::min(line.find_first_not_of('#'), line.size())));
      return;
    }
    const bool is_bullet =
        line.size() > 1 && (line.front() == '*' || line.front() == '-' || line.front() == '+');
    if (!is_bullet) line = line.substr(0, std::min(line.find(" #"), line.find("\t#")));
    read_words(line, is_bullet ? std::string_view(region_) : std::string_view());
  }

 private:
  void read_words(std::string_view line, std::string_view region) {
    while (!line.empty()) {
      const auto end = line.find_first_of(" \t\r\v\f`\"");
      const std::string_view word = unwrapped(line.substr(0, end));
      if (word.find("://") != word.npos) read_uri(word, region);
      if (end == line.npos) return;
      line.remove_prefix(end + 1);
    }
  }

  void add(ListedPeer peer) {
    if (names_.contains(peer.name)) return;
    if (list_.peers.size() == kMaxListedPeers) {
      ++list_.left_out;
      return;
    }
    names_.insert(peer.name);
    list_.peers.push_back(std::move(peer));
  }

  PeerList list_;
  std::set<std::string> names_;
  std::string region_;
};

/// "germany.md" is about Germany.
std::string_view region_of(std::string_view file) {
  return file.substr(0, file.ends_with(".md") ? file.size() - 3 : file.size());
}

bool read_json(std::string_view text, Reader& reader) {
  const auto files = parse_object(text);
  if (!files) return false;
  for (const auto& [file, peers] : files->items()) {
    if (!peers.is_object()) continue;
    for (const auto& [uri, facts] : peers.items()) {
      ListedPeer peer;
      if (facts.is_object()) {
        const auto key = facts.find("key");
        if (key != facts.end() && key->is_string()) {
          peer.key = PublicKey::from_hex(key->get_ref<const std::string&>());
        }
        const auto up = facts.find("up");
        peer.listed_down = up != facts.end() && up->is_boolean() && !up->get<bool>();
      }
      reader.read_uri(uri, region_of(file), std::move(peer));
    }
  }
  return true;
}

void read_lines(std::string_view text, Reader& reader) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    reader.read_line(text.substr(0, end));
    if (end == text.npos) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

Result<PeerList, std::string> parse_peer_list(std::string_view text) {
  if (text.size() > kMaxPeerListBytes) {
    return failure(fmt::format("it has more than {} bytes", kMaxPeerListBytes));
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const auto begin = text.find_first_not_of(" \t\r\n");
  Reader reader;
  if (begin != text.npos && text[begin] == '{') {
    if (!read_json(text, reader)) return failure(std::string("it begins like JSON but is none"));
  } else {
    read_lines(text, reader);
  }
  PeerList list = std::move(reader).take();
  if (list.peers.empty()) {
    return failure(list.unsupported + list.malformed == 0
                       ? std::string("there is no peer in it, like tls://host:port")
                       : fmt::format("none of the {} peers in it can be dialled by this program",
                                     list.unsupported + list.malformed));
  }
  return list;
}

Result<PeerList, std::string> load_peer_list(const std::filesystem::path& file) {
  const std::string name = file.string();
  if (name.find("://") != name.npos) {
    return failure(
        fmt::format("{} is not fetched; download it first: curl -fo peers.json {}", name, name));
  }
  const auto content = read_file(file, kMaxPeerListBytes);
  if (!content) return failure(fmt::format("{}: {}", name, content.error().reason));
  auto list = parse_peer_list(content->bytes);
  if (!list) return failure(fmt::format("{}: {}", name, list.error()));
  return list;
}

}  // namespace thicket::node
