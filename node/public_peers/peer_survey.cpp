#include "node/public_peers/peer_survey.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "node/public_peers/peer_diversity.hpp"
#include "node/public_peers/peer_score.hpp"

namespace thicket::node {

Duration SurveyedPeer::median() const {
  const std::size_t middle = handshakes.size() / 2;
  return handshakes.size() % 2 == 1 ? handshakes[middle]
                                    : (handshakes[middle - 1] + handshakes[middle]) / 2;
}

double SurveyedPeer::loss() const {
  return tries() == 0 ? 0 : static_cast<double>(failed) / static_cast<double>(tries());
}

Duration SurveyedPeer::cost() const {
  const auto lost = PeerScore::kFailure * static_cast<Duration::rep>(failed);
  return median() + lost / static_cast<Duration::rep>(std::max<std::size_t>(tries(), 1));
}

std::vector<const SurveyedPeer*> ranked(const std::vector<SurveyedPeer>& peers) {
  std::vector<const SurveyedPeer*> best;
  for (const SurveyedPeer& peer : peers) {
    if (peer.answered()) best.push_back(&peer);
  }
  // Those that were tried more often are known better.
  std::ranges::stable_sort(best, {}, [](const SurveyedPeer* peer) {
    return std::tuple(peer->tries() == 1, peer->cost());
  });
  return best;
}

std::vector<const SurveyedPeer*> suggested(const std::vector<SurveyedPeer>& peers,
                                           std::size_t count) {
  const auto best = ranked(peers);
  std::vector<const SurveyedPeer*> chosen;
  for (const bool strict : {true, false}) {
    for (const SurveyedPeer* peer : best) {
      if (chosen.size() == count) return chosen;
      const bool is_like = std::ranges::any_of(chosen, [&](const SurveyedPeer* other) {
        return other->key == peer->key ||
               (strict && (other->network == peer->network ||
                           host_group(other->listed.host) == host_group(peer->listed.host)));
      });
      if (!is_like) chosen.push_back(peer);
    }
  }
  return chosen;
}

PeerSurvey::PeerSurvey(asio::io_context& io, Random& random, std::vector<ListedPeer> peers,
                       Options options)
    : random_(random), options_(options), pause_(io), probes_(io, random, options.patience) {
  for (ListedPeer& peer : peers) peers_.push_back({std::move(peer), {}, 0});
}

void PeerSurvey::start(std::function<void()> on_progress, std::function<void()> on_end) {
  on_progress_ = std::move(on_progress);
  on_end_ = std::move(on_end);
  std::vector<std::size_t> all(peers_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  begin_pass(all);
}

void PeerSurvey::stop() {
  waiting_.clear();
  pause_.cancel();
  probes_.stop();
}

std::size_t PeerSurvey::tries_planned() const {
  if (pass_ < 2) return peers_.size() + shortlist().size() * (options_.tries - 1);
  return peers_.size() + shortlist_.size() * (options_.tries - 1);
}

std::size_t PeerSurvey::answered() const {
  return static_cast<std::size_t>(std::ranges::count_if(peers_, &SurveyedPeer::answered));
}

void PeerSurvey::begin_pass(const std::vector<std::size_t>& indices) {
  ++pass_;
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  for (const std::size_t index : indices) order.emplace_back(random_.next_u64(), index);
  std::ranges::sort(order);
  for (const auto& [number, index] : order) waiting_.push_back(index);
  try_more();
}

void PeerSurvey::try_more() {
  for (auto at = waiting_.begin(); at != waiting_.end() && running_ < kParallel;) {
    const ListedPeer& peer = peers_[*at].listed;
    if (!busy_hosts_.insert(peer.host).second) {
      ++at;
      continue;
    }
    ++running_;
    probes_.start(peer.uri,
                  [this, index = *at](const ProbeOutcome& outcome) { take(index, outcome); });
    at = waiting_.erase(at);
  }
  if (running_ == 0) end_pass();
}

void PeerSurvey::take(std::size_t index, const ProbeOutcome& outcome) {
  SurveyedPeer& peer = peers_[index];
  busy_hosts_.erase(peer.listed.host);
  --running_;
  ++done_;
  if (outcome.answered) {
    peer.handshakes.insert(std::ranges::upper_bound(peer.handshakes, outcome.setup), outcome.setup);
    peer.key = outcome.key;
    peer.network = address_group(outcome.remote);
  } else {
    ++peer.failed;
    peer.reason = outcome.reason;
  }
  on_progress_();
  try_more();
}

void PeerSurvey::end_pass() {
  if (pass_ == 1) shortlist_ = shortlist();
  std::vector<std::size_t> again;
  for (const std::size_t index : shortlist_) {
    const SurveyedPeer& peer = peers_[index];
    if (peer.answered() || peer.failed < kHopeless) again.push_back(index);
  }
  if (pass_ >= options_.tries || again.empty()) return on_end_();
  pause_.expires_after(kPause);
  pause_.async_wait([this, again](const asio::error_code& cancelled) {
    if (!cancelled) begin_pass(again);
  });
}

/// The best of the first pass; those that failed only where these are too few.
std::vector<std::size_t> PeerSurvey::shortlist() const {
  std::vector<std::size_t> indices(peers_.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  std::ranges::stable_sort(indices, {}, [&](std::size_t index) {
    const SurveyedPeer& peer = peers_[index];
    return std::tuple(!peer.answered(), peer.answered() ? peer.median() : Duration{});
  });
  const std::size_t most = std::max(kShortlist, kShortlistPerPeer * options_.wanted);
  if (indices.size() > most) indices.resize(most);
  return indices;
}

}  // namespace thicket::node
