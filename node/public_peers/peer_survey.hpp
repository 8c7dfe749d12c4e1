#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crypto/random.hpp"
#include "crypto/time.hpp"
#include "node/public_peers/peer_list.hpp"
#include "node/public_peers/peer_probe.hpp"

namespace thicket::node {

/// A listed peer and what became of tries to link to it.
struct SurveyedPeer {
  ListedPeer listed;
  std::vector<Duration> handshakes;  ///< of the tries that it answered, ascending
  std::size_t failed = 0;            ///< tries
  std::string reason{};              ///< of the last failure
  PublicKey key{};                   ///< whose it is, if it answered
  std::string network{};             ///< address_group() of where it answered

  bool answered() const { return !handshakes.empty(); }
  std::size_t tries() const { return handshakes.size() + failed; }
  Duration median() const;  ///< it must have answered
  double loss() const;      ///< share of failed tries
  /// The median, and more for failures, as PeerScore has it. Lower is better.
  Duration cost() const;
};

/// Those that answered, best first: by cost.
std::vector<const SurveyedPeer*> ranked(const std::vector<SurveyedPeer>& peers);
/// The best `count` of which no two share host, network or key; if there are too few of these, then
/// the best of the others, but never two of one key.
std::vector<const SurveyedPeer*> suggested(const std::vector<SurveyedPeer>& peers,
                                           std::size_t count);

/// Tries every peer of a list once and the best of them again, a few at a time and never two of one
/// host, in random order.
class PeerSurvey {
 public:
  static constexpr std::size_t kParallel = 6;
  static constexpr std::size_t kShortlist = 20;  ///< tried again; or kShortlistPerPeer per wanted
  static constexpr std::size_t kShortlistPerPeer = 4;
  /// Who has failed so often and never answered is not tried again.
  static constexpr std::size_t kHopeless = 2;
  /// From one pass to the next.
  static constexpr Duration kPause = std::chrono::milliseconds(500);

  struct Options {
    std::size_t wanted = 3;
    std::size_t tries = 4;                        ///< of each that is on the shortlist
    Duration patience = std::chrono::seconds(3);  ///< for one try
  };

  /// References must outlive it.
  PeerSurvey(asio::io_context& io, Random& random, std::vector<ListedPeer> peers, Options options);

  /// `on_progress` is called after each try, `on_end` once.
  void start(std::function<void()> on_progress, std::function<void()> on_end);
  /// Ends it before its time: on_end is not called.
  void stop();

  const std::vector<SurveyedPeer>& peers() const { return peers_; }
  std::size_t tries_done() const { return done_; }
  /// Known exactly once every peer was tried.
  std::size_t tries_planned() const;
  std::size_t answered() const;

 private:
  void begin_pass(const std::vector<std::size_t>& indices);
  void try_more();
  void end_pass();
  std::vector<std::size_t> shortlist() const;
  void take(std::size_t index, const ProbeOutcome& outcome);

  Random& random_;
  const Options options_;
  std::vector<SurveyedPeer> peers_;
  std::deque<std::size_t> waiting_;
  std::set<std::string> busy_hosts_;
  std::size_t running_ = 0;
  std::size_t done_ = 0;
  std::size_t pass_ = 0;
  std::vector<std::size_t> shortlist_;
  std::function<void()> on_progress_;
  std::function<void()> on_end_;
  asio::steady_timer pause_;
  PeerProbes probes_;
};

}  // namespace thicket::node
