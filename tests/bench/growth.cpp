#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <queue>
#include <vector>

#include "crypto/cryptography.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/random.hpp"
#include "routing/frame.hpp"
#include "routing/router.hpp"

// Grows a Barabási-Albert network of routers from nothing, all started at once, on virtual time:
// wall time, memory, and a hash of all frames with their times, to show that a change which should
// only make things faster does only that.
//
// Usage: bench_growth [nodes [simulated seconds [policy]]]
namespace thicket::routing {
namespace {

constexpr std::uint64_t kFnvPrime = 0x100000001b3;

/// Signatures that cost next to nothing: what is measured is the rest.
class CheapCryptography final : public Cryptography {
 public:
  Signature sign(const KeyPair& signer, ByteView message) const override {
    return tag(signer.public_key(), message);
  }
  bool verify(const PublicKey& signer, ByteView message,
              const Signature& signature) const override {
    return tag(signer, message) == signature;
  }

 private:
  static Signature tag(const PublicKey& key, ByteView message) {
    std::uint64_t sum = 0xcbf29ce484222325;
    for (const std::uint8_t byte : key.bytes) sum = (sum ^ byte) * kFnvPrime;
    for (const std::uint8_t byte : message) sum = (sum ^ byte) * kFnvPrime;
    Signature signature;
    for (std::size_t i = 0; i < 8; ++i) {
      signature.bytes[i] = static_cast<std::uint8_t>(sum >> (8 * i));
    }
    return signature;
  }
};

class Growth {
 public:
  Growth(std::size_t nodes, const Policy& policy) {
    for (std::size_t i = 0; i < nodes; ++i) {
      nodes_.emplace_back(KeyPair::generate(random_));
      nodes_.back().router = std::make_unique<Router>(nodes_.back().identity, cryptography_,
                                                      random_, RouterOptions{policy}, now_);
    }
    // Preferential attachment: an end of a random link is a node in proportion to its degree.
    std::vector<std::uint32_t> ends;
    for (std::uint32_t node = 1; node < nodes; ++node) {
      for (int m = 0; m < 2 && m < static_cast<int>(node); ++m) {
        const std::uint32_t other = ends.empty() ? 0 : ends[random_.below(ends.size())];
        if (other == node) continue;
        link(node, other);
        ends.push_back(other);
        ends.push_back(node);
      }
    }
    for (std::uint32_t node = 0; node < nodes; ++node) pump(node);
  }

  void run(Duration time) {
    const Instant end = now_.steady + time;
    while (!events_.empty() && events_.top().at <= end) {
      Event event = std::move(const_cast<Event&>(events_.top()));
      events_.pop();
      now_.steady = event.at;
      handle(std::move(event));
    }
  }

  /// Nodes that are not under the lowest key of all.
  std::size_t astray() const {
    PublicKey lowest = nodes_.front().identity.public_key();
    for (const Node& node : nodes_) lowest = std::min(lowest, node.identity.public_key());
    return static_cast<std::size_t>(
        std::count_if(nodes_.begin(), nodes_.end(),
                      [&](const Node& node) { return node.router->root() != lowest; }));
  }
  void report() const {
    std::size_t bytes = 0;
    for (const Node& node : nodes_) bytes += node.router->state_bytes();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("frames %llu, hash %016llx, astray %zu, state %zu bytes a node, rss %ld MB\n",
                static_cast<unsigned long long>(frames_), static_cast<unsigned long long>(hash_),
                astray(), bytes / nodes_.size(), usage.ru_maxrss / 1024);
  }

 private:
  struct Node {
    explicit Node(KeyPair pair) : identity(std::move(pair)) {}
    KeyPair identity;
    std::unique_ptr<Router> router;
    std::optional<Instant> wake;
  };
  struct End {
    std::uint32_t node;
    Duration latency;
  };
  struct Event {
    Instant at;
    std::uint64_t sequence;
    std::uint32_t node;
    LinkId link;  ///< 0: a timer
    Packet body;
    bool operator<(const Event& other) const {
      return at != other.at ? at > other.at : sequence > other.sequence;
    }
  };

  void link(std::uint32_t a, std::uint32_t b) {
    const Duration latency = std::chrono::microseconds(1000 + random_.below(49'000));
    ends_.push_back({a, latency});
    ends_.push_back({b, latency});
    const PublicKey key_a = nodes_[a].identity.public_key();
    const PublicKey key_b = nodes_[b].identity.public_key();
    nodes_[a].router->link_up(now_, LinkId{ends_.size() - 1}, key_b, 0);
    nodes_[b].router->link_up(now_, LinkId{ends_.size()}, key_a, 0);
  }

  void note(std::uint64_t value) { hash_ = (hash_ ^ value) * kFnvPrime; }

  void drain(LinkId id) {
    const std::uint64_t other = (id.value - 1) ^ 1;
    while (auto frame = nodes_[ends_[id.value - 1].node].router->next_frame(now_, id)) {
      ++frames_;
      note(static_cast<std::uint64_t>(now_.steady.time_since_epoch().count()));
      note(id.value);
      for (const std::uint8_t byte : std::as_const(*frame).bytes()) note(byte);
      frame->pop_front((*decode_length(std::as_const(*frame).bytes()))->prefix_size);
      events_.push({now_.steady + ends_[other].latency, sequence_++, ends_[other].node,
                    LinkId{other + 1}, std::move(*frame)});
    }
  }

  void pump(std::uint32_t index) {
    Node& node = nodes_[index];
    while (auto action = node.router->next_action()) {
      if (const auto* ready = std::get_if<LinkReady>(&*action)) drain(ready->link);
      if (std::holds_alternative<CloseLink>(*action)) std::abort();
    }
    const auto deadline = node.router->next_deadline();
    if (!deadline) return;
    const Instant at = std::max(*deadline, now_.steady);
    if (node.wake && *node.wake <= at && *node.wake >= now_.steady) return;
    node.wake = at;
    events_.push({at, sequence_++, index, LinkId{0}, {}});
  }

  void handle(Event event) {
    Node& node = nodes_[event.node];
    if (event.link.value == 0) {
      if (node.wake != now_.steady) return;  // an earlier wake-up took its place
      node.wake.reset();
      node.router->tick(now_);
    } else {
      node.router->link_heard(now_, event.link);
      node.router->receive(now_, event.link, std::move(event.body));
    }
    pump(event.node);
  }

  SeededRandom random_{1};
  CheapCryptography cryptography_;
  Time now_{Instant{} + std::chrono::seconds(1000), 1'700'000'000};
  std::deque<Node> nodes_;
  std::vector<End> ends_;  // link n has end n - 1; its other end is the next, or the one before
  std::priority_queue<Event> events_;
  std::uint64_t sequence_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace
}  // namespace thicket::routing

int main(int count, char** arguments) {
  using namespace thicket::routing;
  const std::size_t nodes = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 2000;
  const auto seconds = std::chrono::seconds(count > 2 ? std::atoi(arguments[2]) : 10);
  const auto policy = policy_by_name(count > 3 ? arguments[3] : "thicket");
  if (nodes == 0 || !policy) return 2;
  const auto start = std::chrono::steady_clock::now();
  Growth growth(nodes, *policy);
  for (auto second = seconds.zero(); second < seconds; ++second) {
    growth.run(std::chrono::seconds(1));
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    std::printf("%2lld s simulated, %.1f s wall: ", static_cast<long long>(second.count() + 1),
                wall.count());
    growth.report();
    std::fflush(stdout);
  }
}
