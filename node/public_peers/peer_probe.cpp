#include "node/public_peers/peer_probe.hpp"

#include <fmt/format.h>

#include <asio/post.hpp>
#include <chrono>
#include <utility>

#include "crypto/invariant.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::node {

struct PeerProbes::Try {
  Try(asio::io_context& io, Handler handler) : timer(io), done(std::move(handler)) {}
  asio::steady_timer timer;
  Handler done;
  bool settled = false;
};

PeerProbes::PeerProbes(asio::io_context& io, Random& random, Duration patience)
    : io_(io),
      patience_(patience),
      identity_(KeyPair::generate(random)),
      links_(io, identity_, random, {}, *this) {}

PeerProbes::~PeerProbes() {
  stop();
}

void PeerProbes::stop() {
  *alive_ = false;
  for (const auto& [name, the_try] : tries_) {
    the_try->settled = true;
    the_try->timer.cancel();
  }
  tries_.clear();
  links_.shutdown();
}

void PeerProbes::start(const std::string& uri, Handler done) {
  const auto parsed = transport::parse_peer_uri(uri);
  const std::string name = parsed ? parsed->to_string() : uri;
  const auto the_try = std::make_shared<Try>(io_, std::move(done));
  const bool is_new = tries_.emplace(name, the_try).second;
  INVARIANT(is_new);
  the_try->timer.expires_after(patience_);
  the_try->timer.async_wait(
      [this, weak = std::weak_ptr<Try>(the_try), name](const asio::error_code& cancelled) {
        // It may have been settled, and another one begun, while this was on its way.
        const auto self = weak.lock();
        if (cancelled || !self || self->settled) return;
        ProbeOutcome outcome;
        outcome.reason =
            fmt::format("no link within {} ms",
                        std::chrono::duration_cast<std::chrono::milliseconds>(patience_).count());
        settle(name, std::move(outcome));
      });
  if (const auto added = links_.add_peer(uri); !added) {
    ProbeOutcome outcome;
    outcome.reason = added.error();
    settle(name, std::move(outcome));
  }
}

void PeerProbes::settle(std::string_view name, ProbeOutcome outcome) {
  const auto found = tries_.find(name);
  if (found == tries_.end() || std::exchange(found->second->settled, true)) return;
  found->second->timer.cancel();
  // Later: Links may be what calls, and must not lose a peer meanwhile.
  asio::post(io_, [this, alive = alive_, key = found->first, outcome = std::move(outcome)] {
    if (!*alive) return;
    const auto ended = tries_.find(key);
    const std::shared_ptr<Try> the_try = ended->second;
    tries_.erase(ended);
    [[maybe_unused]] const auto removed = links_.remove_peer(key);  // it may never have been added
    the_try->done(outcome);
  });
}

void PeerProbes::link_up(const transport::LinkInfo& link) {
  ProbeOutcome outcome;
  outcome.answered = true;
  outcome.setup = link.setup_time;
  outcome.key = link.peer;
  outcome.remote = link.remote;
  settle(link.uri, std::move(outcome));
}

void PeerProbes::link_down(const transport::LinkInfo&, std::string_view) {}

void PeerProbes::link_failed(std::string_view uri, transport::LinkOrigin, std::string_view reason) {
  constexpr std::string_view kNext = "; trying again";
  if (reason.ends_with(kNext)) reason.remove_suffix(kNext.size());
  ProbeOutcome outcome;
  outcome.reason = reason;
  settle(uri, std::move(outcome));
}

}  // namespace thicket::node
