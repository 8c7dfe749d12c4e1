#include "node/public_peers/auto_peers.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <asio/post.hpp>
#include <chrono>
#include <utility>

#include "node/clock.hpp"
#include "node/display_text.hpp"
#include "node/public_peers/peer_diversity.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::node {

namespace {

// A node that takes longer to answer is no good peer.
constexpr Duration kProbePatience = std::chrono::seconds(6);
// Those chosen are dialled again at least this often: they are to be back before others are tried.
constexpr std::string_view kRedial = "maxbackoff=1m";

PeerSelection::Options selection_options(const AutoPeersConfig& config) {
  return {config.count, std::chrono::seconds(config.replace_after)};
}

std::string name_of(const std::string& uri) {
  const auto parsed = transport::parse_peer_uri(uri);
  return parsed ? parsed->to_string() : uri;
}

std::string with_short_redial(const std::string& uri) {
  const auto parsed = transport::parse_peer_uri(uri);
  if (!parsed || parsed->max_backoff) return uri;
  return fmt::format("{}{}{}", uri, uri.find('?') == std::string::npos ? '?' : '&', kRedial);
}

}  // namespace

AutoPeers::AutoPeers(asio::io_context& io, Random& random, Wiring& wiring)
    : io_(io), wiring_(wiring), selection_(random, {}), timer_(io), random_(random) {
  wiring_.on_link_change([this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.lock()) schedule_poll();
  });
}

AutoPeers::~AutoPeers() {
  stop();
}

void AutoPeers::stop() {
  alive_.reset();
  timer_.cancel();
  if (probes_) probes_->stop();
}

Result<void, std::string> AutoPeers::follow(const AutoPeersConfig& config) {
  if (config.file.empty()) {
    config_ = config;
    list_.clear();
    selection_.clear();
    poll();
    return {};
  }
  auto list = load_peer_list(config.file);
  if (!list) return failure(list.error());
  const Instant now = current_time().steady;
  config_ = config;
  selection_.set_options(now, selection_options(config));
  take_list(std::move(*list), config.file);
  return {};
}

Result<bool, std::string> AutoPeers::read_list_again() {
  if (!enabled()) return false;
  auto list = load_peer_list(config_.file);
  if (!list) return failure(list.error());
  if (list->peers == list_) return false;
  take_list(std::move(*list), config_.file);
  return true;
}

void AutoPeers::take_list(PeerList list, const std::filesystem::path& file) {
  if (list.peers != list_) {
    spdlog::info("choosing {} of {} peers in {}", config_.count, list.peers.size(), file.string());
    if (list.left_out != 0) {
      spdlog::warn("{}: {} more are left out", file.string(), list.left_out);
    }
    std::map<std::string, std::string, std::less<>> uris;
    std::vector<PeerCandidate> unchanged;
    std::vector<PeerCandidate> candidates;
    for (const ListedPeer& peer : list.peers) {
      uris.emplace(peer.name, peer.uri);
      candidates.push_back({peer.name, peer.host, peer.listed_down});
      // Options count when a link comes up: one with others is let go, and may be chosen anew.
      const auto before = uris_.find(peer.name);
      if (before == uris_.end() || before->second == peer.uri)
        unchanged.push_back(candidates.back());
    }
    const Instant now = current_time().steady;
    uris_ = std::move(uris);
    selection_.set_candidates(now, std::move(unchanged));
    selection_.set_candidates(now, std::move(candidates));
    list_ = std::move(list.peers);
  }
  poll();
}

void AutoPeers::leave_alone(const std::vector<std::string>& uris) {
  configured_.clear();
  for (const std::string& uri : uris) configured_.insert(name_of(uri));
  if (enabled()) poll();
}

/// Later: links may be what calls.
void AutoPeers::schedule_poll() {
  if (!enabled() || std::exchange(poll_scheduled_, true)) return;
  asio::post(io_, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.lock()) return;
    poll_scheduled_ = false;
    poll();
  });
}

void AutoPeers::poll() {
  if (!alive_) return;
  const Instant now = current_time().steady;
  // What was decided comes first: a peer that is not added yet is not one that somebody removed.
  carry_out_all();
  look_at_links(now);
  selection_.tick(now);
  carry_out_all();
  arm_timer();
}

void AutoPeers::look_at_links(Instant now) {
  std::set<std::string> others = configured_;
  std::set<PublicKey> keys{wiring_.endpoint().router().public_key()};
  std::map<std::string, bool> dialled;
  for (const transport::PeerStatus& peer : wiring_.links().peers()) {
    if (!peer.inbound) dialled[peer.uri] |= peer.up;
    const bool is_ours = !peer.inbound && selection_.holds(peer.uri);
    if (!is_ours && peer.up) keys.insert(peer.key);
    if (!is_ours && !peer.inbound) others.insert(peer.uri);
  }
  selection_.set_others(now, std::move(others), std::move(keys));
  std::vector<std::string> held;
  for (const PeerSelection::Held& one : selection_.held()) held.push_back(one.name);
  for (const std::string& name : held) {
    const auto link = dialled.find(name);
    if (link == dialled.end()) {
      spdlog::info("auto peer {} was removed by somebody else", name);
      selection_.lost(now, name);
    } else {
      selection_.link_is(now, name, link->second);
    }
  }
}

void AutoPeers::carry_out_all() {
  while (const auto action = selection_.next_action()) carry_out(*action);
}

void AutoPeers::carry_out(const SelectionAction& action) {
  switch (action.kind) {
    case SelectionAction::Kind::probe:
      return probe(action.name);
    case SelectionAction::Kind::add:
      return add(action);
    case SelectionAction::Kind::remove:
      return remove(action);
  }
}

void AutoPeers::probe(const std::string& name) {
  const auto uri = uris_.find(name);
  // One that is on its way answers for both.
  if (uri == uris_.end() || !probing_.insert(name).second) return;
  if (!probes_) probes_.emplace(io_, random_, kProbePatience);
  probes_->start(uri->second, [this, name](const ProbeOutcome& outcome) {
    probing_.erase(name);
    std::optional<ProbeAnswer> answer;
    if (outcome.answered) {
      answer = ProbeAnswer{outcome.setup, outcome.key, address_group(outcome.remote)};
    } else {
      spdlog::debug("auto peer {} does not answer a probe: {}", name, outcome.reason);
    }
    selection_.probed(current_time().steady, name, answer);
    poll();
  });
}

void AutoPeers::add(const SelectionAction& action) {
  const auto uri = uris_.find(action.name);
  const auto added = uri == uris_.end() ? failure(std::string("it is not in the list any more"))
                                        : wiring_.links().add_peer(with_short_redial(uri->second));
  if (!added) {
    spdlog::warn("auto peer {} not added: {}", action.name, added.error());
    selection_.lost(current_time().steady, action.name);
    return;
  }
  spdlog::info("auto peer {} added: {}", action.name, action.reason);
  wiring_.schedule_pump();
}

void AutoPeers::remove(const SelectionAction& action) {
  if (const auto removed = wiring_.links().remove_peer(action.name); !removed) {
    spdlog::warn("auto peer {}: {}", action.name, removed.error());
    return;
  }
  spdlog::info("auto peer {} removed: {}", action.name, action.reason);
  wiring_.schedule_pump();
}

void AutoPeers::arm_timer() {
  const auto deadline = enabled() ? selection_.next_deadline() : std::nullopt;
  if (!deadline) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(to_steady_clock(*deadline));
  timer_.async_wait([this, alive = std::weak_ptr<bool>(alive_)](const asio::error_code& cancelled) {
    if (!cancelled && alive.lock()) poll();
  });
}

}  // namespace thicket::node
