#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "transport/link_table.hpp"

// The part of the link table that serves local discovery (wire.md §11).
namespace thicket::transport {

Result<std::uint16_t, std::string> LinkTable::listen_locally(const PeerUri& uri,
                                                             InterfaceIndex interface) {
  if (shut_down_) return failure(std::string("the node is shutting down"));
  if (local_listeners_.contains(interface)) {
    return failure(std::string("we listen on this interface already"));
  }
  std::uint16_t port = 0;
  auto listener = open_listener(uri, interface, port);
  if (!listener) return failure(listener.error());
  local_listeners_.emplace(interface, std::move(*listener));
  return port;
}

void LinkTable::close_local_listener(InterfaceIndex interface) {
  const auto found = local_listeners_.find(interface);
  if (found == local_listeners_.end()) return;
  found->second->close();
  local_listeners_.erase(found);
}

Result<void, std::string> LinkTable::dial_locally(const PeerUri& uri, InterfaceIndex interface) {
  if (shut_down_) return failure(std::string("the node is shutting down"));
  const auto discovered = std::ranges::count_if(
      diallers_, [](const auto& entry) { return entry.second->terms()->discovered_on != 0; });
  if (static_cast<std::size_t>(discovered) >= options_.inbound.discovered) {
    return failure(fmt::format("there are {} discovered peers already, as many as we take",
                               options_.inbound.discovered));
  }
  return add_dialler(uri, {}, interface, Redial::never);
}

LocalLoad LinkTable::local_load(InterfaceIndex interface, const PublicKey& key) const {
  LocalLoad load;
  for (const auto& [name, dialler] : diallers_) {
    if (dialler->terms()->discovered_on != interface) continue;
    const bool up = dialler->connection() && dialler->connection()->up();
    ++load.dialled;
    if (!up) ++load.dialling;
    // Beacons come with a key: whoever was dialled for one is that or nobody.
    if (std::ranges::count(dialler->terms()->pinned, key) != 0) load.linked = true;
  }
  for (const auto& [id, connection] : inbound_) {
    const bool here = connection->terms().discovered_on == interface;
    if (here && connection->info().peer == key) load.linked = true;
  }
  return load;
}

void LinkTable::close_local_links(InterfaceIndex interface, std::string_view reason) {
  close_local_listener(interface);
  std::vector<ConnectionPtr> open;
  const auto collect = [&](const ConnectionPtr& connection) {
    if (connection->terms().discovered_on == interface) open.push_back(connection);
  };
  for (const auto& connection : half_open_) collect(connection);
  for (const auto& [id, connection] : inbound_) collect(connection);
  std::vector<std::shared_ptr<Dialler>> diallers;
  for (const auto& [name, dialler] : diallers_) {
    if (dialler->terms()->discovered_on == interface) diallers.push_back(dialler);
  }
  for (const auto& dialler : diallers) {
    dialler->stop();
    if (const auto connection = dialler->connection()) connection->close(reason);
    dialler_done(*dialler);
  }
  for (const auto& connection : open) connection->close(reason);
}

void LinkTable::dialler_done(Dialler& dialler) {
  std::erase_if(diallers_, [&](const auto& entry) { return entry.second.get() == &dialler; });
}

}  // namespace thicket::transport
