#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/public_key.hpp"
#include "crypto/random.hpp"
#include "crypto/time.hpp"
#include "node/public_peers/peer_score.hpp"

namespace thicket::node {

/// A peer that may be chosen.
struct PeerCandidate {
  std::string name;  ///< URI without options
  std::string host;
  bool listed_down = false;  ///< the list said that it did not answer: tried after others
};

/// What the owner is to do. `reason` is half a sentence for the log.
struct SelectionAction {
  enum class Kind {
    probe,   ///< try it once, aside from the mesh, and call probed()
    add,     ///< link to it, until `remove`
    remove,  ///< end its link
  };
  Kind kind;
  std::string name;
  std::string reason;
  bool operator==(const SelectionAction&) const = default;
};

/// What a probe found; `network` is where it answered (address_group()).
struct ProbeAnswer {
  Duration setup{};
  PublicKey key;
  std::string network;
};

/// Chooses peers out of many and changes the choice slowly. No I/O: time and randomness are handed
/// in, and what is to be done is polled.
///
/// It works in rounds, each of which probes a few candidates and then decides. What holds:
/// - A chosen peer goes only for one that has just answered, and only when that one's link is up.
///   So nothing changes while nobody answers, as when this machine is offline.
/// - A peer is replaced that was down for replace_after and does not answer probes either; or one
///   that was much worse than another in each of kRivalRounds rounds.
/// - At most one is replaced per replace_after.
/// - No two have one key, and no two are of one host or network unless there is nobody else.
class PeerSelection {
 public:
  struct Options {
    std::size_t count = 3;  ///< how many to keep
    Duration replace_after = std::chrono::minutes(5);
  };

  static constexpr std::size_t kParallelProbes = 3;
  static constexpr std::size_t kSamplePerPeer = 4;  ///< probed per peer that is missing
  static constexpr std::size_t kMaxSample = 24;
  static constexpr Duration kTrialTime = std::chrono::seconds(30);  ///< for an added link to be up
  /// A round's end is not waited for any longer once somebody answered while none was held.
  static constexpr Duration kFirstChoice = std::chrono::seconds(3);
  static constexpr Duration kFirstRetry = std::chrono::seconds(5);
  static constexpr Duration kLastRetry = std::chrono::minutes(5);
  /// A candidate that failed is not tried again for so long, doubling with each failure.
  static constexpr Duration kFirstRest = std::chrono::minutes(5);
  static constexpr Duration kLastRest = std::chrono::hours(24);
  /// Much worse: costs more than twice as much, and more by this.
  static constexpr Duration kMuchWorse = std::chrono::milliseconds(50);
  static constexpr unsigned kRivalRounds = 5;
  /// How often a peer that is down and answers probes is spared.
  static constexpr unsigned kMostExcuses = 3;

  PeerSelection(Random& random, Options options) : random_(random), options_(options) {}

  /// Another list. Peers that are not in it any more are let go at once.
  void set_candidates(Instant now, std::vector<PeerCandidate> candidates);
  /// Other options; with a smaller count, the worst go at once.
  void set_options(Instant now, Options options);
  /// Lets go of all, and of the candidates.
  void clear();
  /// Peers and links that are somebody else's: not to be chosen. A chosen one whose name is among
  /// them is theirs now, and is forgotten without being removed.
  void set_others(Instant now, std::set<std::string> names, std::set<PublicKey> keys);

  // What happened.
  void probed(Instant now, std::string_view name, const std::optional<ProbeAnswer>& answer);
  /// Whether the link of a chosen peer is up.
  void link_is(Instant now, std::string_view name, bool up);
  /// Somebody removed a chosen peer, or it could not be added: it rests for a day.
  void lost(Instant now, std::string_view name);

  void tick(Instant now);
  std::optional<Instant> next_deadline() const;
  std::optional<SelectionAction> next_action();

  enum class State { trial, up, down };
  struct Held {
    std::string name;
    State state = State::trial;
    Instant since{};                        ///< of the state
    std::optional<std::string> replaces{};  ///< whom, once it is up
    unsigned excuses = 0;
  };
  struct Counters {
    std::uint64_t replacements = 0;
    std::uint64_t probes_answered = 0;
    std::uint64_t probes_failed = 0;
  };
  /// Those chosen, oldest first; one more than wanted while one takes another's place.
  const std::vector<Held>& held() const { return held_; }
  bool holds(std::string_view name) const { return find_held(name) != nullptr; }
  const PeerScore* score_of(std::string_view name) const;
  std::size_t candidates() const { return entries_.size(); }
  const Counters& counters() const { return counters_; }
  const Options& options() const { return options_; }

 private:
  struct Entry {
    std::string host_group;
    bool listed_down = false;
    std::string network;  // empty: never answered
    std::optional<PublicKey> key;
    PeerScore score;
    unsigned failures = 0;  // in a row
    Instant rests_until{};
    unsigned rival_rounds = 0;  // in a row in which a held one was much worse
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  /// One round of probes.
  struct Round {
    std::deque<std::string> waiting;
    std::set<std::string, std::less<>> running;
    std::vector<std::string> answered;
    std::vector<std::string> failed;
    std::optional<Instant> decide_at;
  };

  Held* find_held(std::string_view name);
  const Held* find_held(std::string_view name) const;
  bool any_up() const;
  bool is_leaving(const Held& held) const;
  bool is_overdue(Instant now, const Held& held) const;
  bool may_replace(Instant now) const;
  std::size_t missing() const;

  void begin_round(Instant now);
  void send_probes(Instant now);
  void end_round(Instant now);
  void judge_outage(Instant now, std::string_view name, Instant since);
  void judge_failures(Instant now, const Round& round);
  void fill(Instant now, const std::vector<const Entries::value_type*>& choice);
  bool replace_one_down(Instant now, const Round& round,
                        const std::vector<const Entries::value_type*>& choice);
  void compare_rivals(Instant now, const std::vector<const Entries::value_type*>& choice);
  void plan_next(Instant now);
  std::vector<std::string> sample(Instant now, std::size_t count);
  bool has_untried_kind(Instant now) const;
  std::vector<const Entries::value_type*> answers_by_cost(const Round& round) const;
  bool is_taken(const Entries::value_type& entry) const;
  bool is_like_a_held_one(const Entry& entry, std::string_view but_for = {}) const;
  const Entries::value_type* best(const std::vector<const Entries::value_type*>& choice,
                                  std::string_view instead_of = {}) const;

  void add(Instant now, const Entries::value_type& entry, std::optional<std::string> replaces,
           std::string reason);
  void remove(std::string name, std::string reason);
  void forget(std::string_view name);
  void rest(Instant now, Entry& entry);
  void drop_surplus();
  void end_trials(Instant now);
  void came_up(Instant now, std::string_view name);
  Duration jittered(Duration duration);

  Random& random_;
  Options options_;
  Entries entries_;
  std::set<std::string, std::less<>> other_names_;
  std::set<PublicKey> other_keys_;
  std::vector<Held> held_;
  std::optional<Round> round_;
  Instant next_round_{};
  std::optional<Instant> last_replacement_;
  unsigned retries_ = 0;  // rounds in a row that left something to be done
  std::deque<SelectionAction> actions_;
  Counters counters_;
};

}  // namespace thicket::node
