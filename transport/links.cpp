#include "transport/links.hpp"

#include "transport/link_table.hpp"

namespace thicket::transport {

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

}  // namespace thicket::transport
