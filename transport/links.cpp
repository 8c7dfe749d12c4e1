#include "transport/links.hpp"

#include <sys/resource.h>

#include <algorithm>

#include "transport/link_table.hpp"

namespace thicket::transport {

InboundLimits InboundLimits::fitting(std::size_t descriptors) {
  InboundLimits limits;
  limits.established = std::clamp<std::size_t>(descriptors / 2, 1, limits.established);
  limits.half_open = std::clamp<std::size_t>(descriptors / 8, 1, limits.half_open);
  limits.discovered = std::clamp<std::size_t>(descriptors / 8, 1, limits.discovered);
  return limits;
}

InboundLimits InboundLimits::of_this_process() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return {};
  return fitting(static_cast<std::size_t>(files.rlim_cur));
}

struct Links::State final : LinkTable {
  using LinkTable::LinkTable;
};

Links::Links(asio::io_context& io, const KeyPair& identity, Random& random, LinksOptions options,
             LinkObserver& observer)
    : state_(std::make_shared<State>(io, identity, random, std::move(options), observer)) {}

Links::~Links() {
  shutdown();
}

Result<void, std::string> Links::add_peer(std::string_view uri, std::string_view interface) {
  return state_->add_peer(uri, interface);
}

Result<void, std::string> Links::remove_peer(std::string_view uri, std::string_view interface) {
  return state_->remove_peer(uri, interface);
}

Result<std::uint16_t, std::string> Links::listen(std::string_view uri) {
  return state_->listen(uri);
}

bool Links::has_peer(std::string_view uri, std::string_view interface) const {
  return state_->has_peer(uri, interface);
}

bool Links::keep_peer(std::string_view uri, std::string_view interface) {
  return state_->keep_peer(uri, interface);
}

Result<void, std::string> Links::stop_listening(std::string_view uri) {
  return state_->stop_listening(uri);
}

Result<void, std::string> Links::change_listener(std::string_view uri) {
  return state_->change_listener(uri);
}

void Links::allow(std::set<PublicKey> public_keys) {
  state_->allow(std::move(public_keys));
}

void Links::offer(std::optional<routing::Capabilities> capabilities) {
  state_->offer(std::move(capabilities));
}

Result<std::uint16_t, std::string> Links::listen_locally(const PeerUri& uri,
                                                         InterfaceIndex interface) {
  return state_->listen_locally(uri, interface);
}

void Links::close_local_listener(InterfaceIndex interface) {
  state_->close_local_listener(interface);
}

Result<void, std::string> Links::dial_locally(const PeerUri& uri, InterfaceIndex interface) {
  return state_->dial_locally(uri, interface);
}

LocalLoad Links::local_load(InterfaceIndex interface, const PublicKey& key) const {
  return state_->local_load(interface, key);
}

void Links::close_local_links(InterfaceIndex interface, std::string_view reason) {
  state_->close_local_links(interface, reason);
}

void Links::wake(LinkId link) {
  state_->wake(link);
}

void Links::close(LinkId link, std::string_view reason) {
  state_->close(link, reason);
}

void Links::shutdown() {
  state_->shutdown();
}

std::vector<PeerStatus> Links::peers() const {
  return state_->peers();
}

LinkTotals Links::totals() const {
  return state_->totals();
}

}  // namespace thicket::transport
