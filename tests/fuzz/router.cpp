#include "routing/router.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "crypto/key_pair.hpp"
#include "crypto/random.hpp"
#include "routing/frame.hpp"
#include "sim/fast_cryptography.hpp"

// Three routers in a triangle, driven by an arbitrary sequence of events: time passing, links going
// up and down, frames delivered, dropped, corrupted or invented, packets sent. After every event
// all invariants must hold.
namespace {

using namespace thicket;
using namespace thicket::routing;

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool done() const { return at_ >= size_; }
  std::uint8_t byte() { return done() ? std::uint8_t{0} : data_[at_++]; }
  std::vector<std::uint8_t> bytes(std::size_t count) {
    std::vector<std::uint8_t> out;
    while (out.size() < count && !done()) out.push_back(byte());
    return out;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

class World {
 public:
  World() {
    for (std::size_t i = 0; i < kNodes; ++i) {
      identities_.push_back(KeyPair::generate(random_));
    }
    for (std::size_t i = 0; i < kNodes; ++i) {
      routers_.push_back(
          std::make_unique<Router>(identities_[i], cryptography_, random_, RouterOptions{}, now_));
    }
    for (std::size_t a = 0; a < kNodes; ++a) connect(a, (a + 1) % kNodes);
  }

  void step(Input& input) {
    const std::uint8_t what = input.byte();
    const std::size_t a = what >> 6 & 3;
    const std::size_t node = a % kNodes;
    switch (what & 7) {
      case 0:
        pass(std::chrono::milliseconds(1) * (1 << input.byte() % 19));
        break;
      case 1:
        connect(node, (node + 1) % kNodes);
        break;
      case 2:
        disconnect(input.byte());
        break;
      case 3:
        routers_[node]->send(now_, identities_[input.byte() % kNodes].public_key(),
                             Packet::copy_of(input.bytes(input.byte())));
        break;
      case 4:
        invent(input);
        break;
      case 5:
        corrupt(input);
        break;
      default:
        settle(1 + input.byte() % 16);
    }
    for (auto& router : routers_) router->check_invariants();
  }

 private:
  static constexpr std::size_t kNodes = 3;
  struct End {
    std::size_t node;
    std::size_t other;
    LinkId other_id;
  };

  void connect(std::size_t a, std::size_t b) {
    if (ends_.size() >= 16) return;
    const LinkId id_a{next_id_++};
    const LinkId id_b{next_id_++};
    ends_[id_a] = {a, b, id_b};
    ends_[id_b] = {b, a, id_a};
    routers_[a]->link_up(now_, id_a, identities_[b].public_key(), 0);
    routers_[b]->link_up(now_, id_b, identities_[a].public_key(), 0);
  }

  void disconnect(LinkId id) {
    const auto end = ends_.find(id);
    if (end == ends_.end()) return;
    const End ended = end->second;
    ends_.erase(end);
    ends_.erase(ended.other_id);
    routers_[ended.node]->link_down(now_, id);
    routers_[ended.other]->link_down(now_, ended.other_id);
  }

  void disconnect(std::uint8_t which) {
    if (!ends_.empty()) disconnect(nth(which)->first);
  }

  std::map<LinkId, End>::iterator nth(std::uint8_t which) {
    return std::next(ends_.begin(), static_cast<std::ptrdiff_t>(which % ends_.size()));
  }

  void pass(Duration time) {
    now_.steady += time;
    now_.unix_seconds +=
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(time).count());
    settle(4);
  }

  void invent(Input& input) {
    if (ends_.empty()) return;
    const auto end = nth(input.byte());
    routers_[end->second.node]->receive(now_, end->first,
                                        Packet::copy_of(input.bytes(input.byte() + 1U)));
  }

  void corrupt(Input& input) {
    if (ends_.empty()) return;
    const auto end = nth(input.byte());
    auto frame = routers_[end->second.node]->next_frame(now_, end->first);
    if (!frame) return;
    frame->data()[input.byte() % frame->size()] ^= input.byte();
    deliver(end->second, std::move(*frame));
  }

  void deliver(const End& end, Packet frame) {
    const auto prefix = decode_length(std::as_const(frame).bytes());
    if (!prefix || !*prefix || (*prefix)->prefix_size + (*prefix)->body_size != frame.size())
      return;
    frame.pop_front((*prefix)->prefix_size);
    routers_[end.other]->receive(now_, end.other_id, std::move(frame));
  }

  void settle(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      for (auto& router : routers_) {
        if (const auto deadline = router->next_deadline(); deadline && *deadline <= now_.steady) {
          router->tick(now_);
        }
        drain(*router);
      }
    }
  }

  void drain(Router& router) {
    std::vector<LinkId> to_close;
    while (auto action = router.next_action()) {
      if (const auto* ready = std::get_if<LinkReady>(&*action)) {
        const auto end = ends_.find(ready->link);
        while (auto frame = router.next_frame(now_, ready->link)) {
          if (end != ends_.end()) deliver(end->second, std::move(*frame));
        }
      } else if (const auto* close = std::get_if<CloseLink>(&*action)) {
        to_close.push_back(close->link);
      }
    }
    for (const LinkId id : to_close) disconnect(id);
  }

  SeededRandom random_{7};
  sim::FastCryptography cryptography_;
  Time now_{Instant{} + std::chrono::seconds(1000), 1'700'000'000};
  std::vector<KeyPair> identities_;
  std::vector<std::unique_ptr<Router>> routers_;
  std::map<LinkId, End> ends_;
  std::uint64_t next_id_ = 1;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  Input input(data, size);
  while (!input.done()) world.step(input);
  return 0;
}
