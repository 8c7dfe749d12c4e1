#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <set>
#include <vector>

#include "crypto/session_manager.hpp"

// Three session managers on a network that the input controls: it sends, delivers, loses, repeats,
// changes and invents messages, restarts nodes and lets time pass. No data may be delivered twice,
// changed, or in another's name, and no deadline may lie in the past after a tick.
namespace {

using namespace thicket;
using crypto::SessionManager;

void require(bool holds) {
  if (!holds) std::abort();
}

class Input {
 public:
  explicit Input(ByteView bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  std::vector<std::uint8_t> bytes(std::size_t count) {
    const ByteView taken = bytes_.first(std::min(count, bytes_.size()));
    bytes_ = bytes_.subspan(taken.size());
    return {taken.begin(), taken.end()};
  }

 private:
  ByteView bytes_;
};

constexpr std::size_t kNodes = 3;
constexpr std::size_t kMaxMessages = 300;

class World {
 public:
  World() {
    identities_.reserve(kNodes);  // the managers refer to them
    for (std::size_t i = 0; i < kNodes; ++i) {
      identities_.push_back(KeyPair::generate(random_));
      managers_.emplace_back();
      restart(i);
    }
  }

  void step(Input& input) {
    const std::uint8_t what = input.byte();
    const std::size_t node = what / 16 % kNodes;
    const std::size_t other = (node + 1 + what / 64 % 2) % kNodes;
    switch (what % 16) {
      case 0:
      case 1:
      case 2:
        return send(node, other);
      case 3:
      case 4:
      case 5:
      case 6:
        return deliver_newest(0);
      case 7:
        return deliver_newest(input.byte());
      case 8:
        return deliver_changed(input);
      case 9:
        return invent(node, other, input);
      case 10:
        return restart(node);
      case 11:
        return pass(std::chrono::milliseconds(input.byte()));
      case 12:
        return pass(std::chrono::seconds(input.byte() % 64));
      case 13:
        unix_seconds_ += static_cast<std::uint64_t>(input.byte()) - 128;
        return;
      default:
        return tick(node);
    }
  }

 private:
  struct Message {
    std::size_t from, to;
    std::vector<std::uint8_t> bytes;
  };
  Time now() const { return {now_, unix_seconds_}; }

  void restart(std::size_t node) {
    managers_[node] = std::make_unique<SessionManager>(identities_[node], cryptography_, random_,
                                                       crypto::SessionOptions{});
  }

  void send(std::size_t from, std::size_t to) {
    const std::array<std::uint8_t, 6> data{
        static_cast<std::uint8_t>(from),        static_cast<std::uint8_t>(to),
        static_cast<std::uint8_t>(sent_ >> 24), static_cast<std::uint8_t>(sent_ >> 16),
        static_cast<std::uint8_t>(sent_ >> 8),  static_cast<std::uint8_t>(sent_)};
    ++sent_;
    managers_[from]->send(now(), identities_[to].public_key(), Packet::copy_of(data));
    collect(from);
  }

  void deliver(const Message& message) {
    managers_[message.to]->receive(now(), identities_[message.from].public_key(),
                                   Packet::copy_of(message.bytes));
    collect(message.to);
  }

  // Each message of the past may come once more, the newest first.
  void deliver_newest(std::size_t age) {
    if (messages_.empty()) return;
    const std::size_t index = messages_.size() - 1 - age % messages_.size();
    deliver(Message(messages_[index]));
  }

  void deliver_changed(Input& input) {
    if (messages_.empty()) return;
    Message message = messages_[messages_.size() - 1 - input.byte() % messages_.size()];
    const std::size_t at = input.byte() % message.bytes.size();
    message.bytes[at] = static_cast<std::uint8_t>(message.bytes[at] ^ input.byte());
    deliver(message);
  }

  void invent(std::size_t from, std::size_t to, Input& input) {
    const std::size_t size = input.byte();
    deliver({from, to, input.bytes(size)});
  }

  void pass(Duration duration) {
    now_ += duration;
    unix_seconds_ += static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(duration).count());
    for (std::size_t node = 0; node < kNodes; ++node) tick(node);
  }

  void tick(std::size_t node) {
    managers_[node]->tick(now());
    const auto deadline = managers_[node]->next_deadline();
    require(!deadline || *deadline > now_);
    collect(node);
  }

  void collect(std::size_t node) {
    while (auto action = managers_[node]->next_action()) {
      if (const auto* data = std::get_if<crypto::DeliverData>(&*action)) {
        const ByteView bytes = data->data.bytes();
        require(bytes.size() == 6 && bytes[0] < kNodes && bytes[1] == node);
        require(data->from == identities_[bytes[0]].public_key());
        require(delivered_.insert({bytes.begin(), bytes.end()}).second);
        continue;
      }
      const auto& sent = std::get<crypto::TransmitPayload>(*action);
      const auto to = std::find_if(identities_.begin(), identities_.end(),
                                   [&](const auto& pair) { return pair.public_key() == sent.to; });
      require(to != identities_.end());
      const ByteView bytes = sent.payload.bytes();
      messages_.push_back(
          {node, static_cast<std::size_t>(to - identities_.begin()), {bytes.begin(), bytes.end()}});
      if (messages_.size() > kMaxMessages) messages_.erase(messages_.begin());
    }
    require(managers_[node]->sessions(now()).size() < kNodes);
  }

  SodiumCryptography cryptography_;
  SeededRandom random_{1};
  std::vector<KeyPair> identities_;
  std::vector<std::unique_ptr<SessionManager>> managers_;
  std::vector<Message> messages_;
  std::set<std::vector<std::uint8_t>> delivered_;
  std::uint32_t sent_ = 0;
  Instant now_{std::chrono::hours(1)};
  std::uint64_t unix_seconds_ = 1'800'000'000;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 2000) return 0;
  World world;
  Input input({data, size});
  while (!input.empty()) world.step(input);
  return 0;
}
