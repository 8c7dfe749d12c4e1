#include <algorithm>
#include <utility>
#include <vector>

#include "transport/link_table.hpp"

// The part of the link table that serves changes of the configuration.
namespace thicket::transport {

bool LinkTable::has_peer(std::string_view text, std::string_view interface) const {
  const auto uri = parse_peer_uri(text);
  return uri && diallers_.contains(PeerName(uri->to_string(), interface));
}

bool LinkTable::keep_peer(std::string_view text, std::string_view interface) {
  const auto uri = parse_peer_uri(text);
  if (!uri) return false;
  const auto found = diallers_.find(PeerName(uri->to_string(), interface));
  // One that local discovery found is given up with its link.
  if (found == diallers_.end() || found->second->terms()->discovered_on != 0) return false;
  PeerUri dialled = found->second->uri();
  dialled.max_backoff = uri->max_backoff;
  if (dialled != *uri) return false;
  found->second->set_max_backoff(uri->max_backoff);
  return true;
}

Result<void, std::string> LinkTable::stop_listening(std::string_view text) {
  const auto uri = parse_peer_uri(text, UriUse::listen);
  if (!uri) return failure(uri.error().message);
  const auto [begin, end] = listeners_.equal_range(uri->to_string());
  if (begin == end) return failure("we do not listen at " + uri->to_string());
  for (auto found = begin; found != end; ++found) found->second->close();
  listeners_.erase(begin, end);
  return {};
}

Result<void, std::string> LinkTable::change_listener(std::string_view text) {
  const auto uri = parse_peer_uri(text, UriUse::listen);
  if (!uri) return failure(uri.error().message);
  const auto [begin, end] = listeners_.equal_range(uri->to_string());
  if (begin == end) return failure("we do not listen at " + uri->to_string());
  const auto terms = terms_for(*uri, true);
  if (!terms) return failure(terms.error());
  for (auto found = begin; found != end; ++found) found->second->set_terms(*terms);
  return {};
}

void LinkTable::allow(std::set<PublicKey> public_keys) {
  // In place: connections that are still shaking hands look here.
  options_.allowed_public_keys = std::move(public_keys);
  const auto& allowed = options_.allowed_public_keys;
  if (allowed.empty()) return;
  std::vector<ConnectionPtr> refused;
  for (const auto& [id, connection] : inbound_) {
    const bool discovered = connection->terms().discovered_on != 0;
    if (!discovered && !allowed.contains(connection->info().peer)) refused.push_back(connection);
  }
  for (const auto& connection : refused) connection->close("its key is not allowed any more");
}

void LinkTable::offer(std::optional<routing::Capabilities> capabilities) {
  options_.capabilities = std::move(capabilities);
}

}  // namespace thicket::transport
