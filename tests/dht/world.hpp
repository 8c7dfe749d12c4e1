#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "crypto/cryptography.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/random.hpp"
#include "routing/dht/dht.hpp"
#include "routing/path.hpp"

namespace thicket::routing::dht::test {

/// Signatures that are quick to make and to check, for worlds of many nodes.
class QuickCryptography final : public Cryptography {
 public:
  Signature sign(const KeyPair& signer, ByteView message) const override {
    return digest(signer.public_key(), message);
  }
  bool verify(const PublicKey& signer, ByteView message, const Signature& sig) const override {
    return digest(signer, message) == sig;
  }

 private:
  static Signature digest(const PublicKey& key, ByteView message) {
    Signature sig;
    std::uint64_t state = 1469598103934665603ULL;
    const auto mix = [&state](std::uint8_t byte) { state = (state ^ byte) * 1099511628211ULL; };
    for (const std::uint8_t byte : key.bytes) mix(byte);
    for (const std::uint8_t byte : message) mix(byte);
    for (std::size_t i = 0; i < 8; ++i) sig.bytes[i] = static_cast<std::uint8_t>(state >> (8 * i));
    return sig;
  }
};

/// Nodes at the places of a random tree that pass datagrams to each other, a millisecond per step.
class World {
 public:
  struct Node final : Surroundings {
    Node(World& of, KeyPair pair) : world(of), identity(std::move(pair)) {}
    PathRecord own_record(Time now) override {
      seq = std::max(seq + (moved ? 1 : 0), now.unix_seconds);
      moved = false;
      return make_record(identity, seq, encode_path(place), world.cryptography);
    }
    std::optional<Way> way_to(const PathView& path) const override {
      std::uint64_t common = common_prefix(path, place);
      const Path to = path.to_path();
      return Way{tree_distance(path, place),
                 common == place.size() && common < to.size() ? to[common].value + 1 : 0};
    }
    const PublicKey& key() const { return identity.public_key(); }

    World& world;
    KeyPair identity;
    Path place;
    std::size_t parent = 0;
    std::uint64_t seq = 0;
    bool moved = false;
    bool alive = true;
    /// What a hostile node does instead of handling a datagram; true: it swallowed it.
    std::function<bool(const PublicKey& source, ByteView)> hostile;
    std::unique_ptr<Dht> dht;
    std::map<PublicKey, PathRecord> found;
    std::set<PublicKey> failed;
    std::map<WalkId, WalkTrace> walks;
  };

  explicit World(std::uint64_t seed) : random(seed) {}

  /// A tree of so many nodes, which all know that their tree neighbours take part.
  void grow(std::size_t count) {
    grow(count, [this](std::size_t i) { return random.below(i); });
  }
  /// `parent_of`: of each but the first, one that came before.
  void grow(std::size_t count, const std::function<std::size_t(std::size_t)>& parent_of) {
    for (std::size_t i = 0; i < count; ++i) {
      nodes.push_back(std::make_unique<Node>(*this, KeyPair::generate(random)));
      Node& node = *nodes.back();
      if (i > 0) {
        node.parent = parent_of(i);
        node.place = nodes[node.parent]->place;
        node.place.push_back(Port{i});
      }
      index[node.key()] = i;
      node.dht = std::make_unique<Dht>(node.key(), cryptography, random, node);
    }
    for (std::size_t i = 0; i < count; ++i) introduce(i);
  }
  void introduce(std::size_t i) {
    std::vector<CapablePeer> peers;
    for (std::size_t j = 0; j < nodes.size(); ++j) {
      const bool linked = (j != 0 && nodes[j]->parent == i) || (i != 0 && nodes[i]->parent == j);
      if (linked && i != j) peers.push_back({nodes[j]->key(), encode_path(nodes[j]->place)});
    }
    nodes[i]->dht->peers_changed(now, peers);
    pump(i);
  }

  void pump(std::size_t i) {
    Node& node = *nodes[i];
    while (auto action = node.dht->next_action()) {
      if (auto* send = std::get_if<SendDatagram>(&*action)) {
        deliver(i, std::move(*send));
      } else if (auto* found = std::get_if<RecordFound>(&*action)) {
        node.found[found->asked] = found->record;
      } else if (auto* failed = std::get_if<LookupFailed>(&*action)) {
        node.failed.insert(failed->asked);
      } else if (auto* ended = std::get_if<WalkEnded>(&*action)) {
        node.walks[ended->id] = *ended->trace;
      }
    }
  }
  void deliver(std::size_t from, SendDatagram send) {
    const auto to = index.find(send.to);
    if (to == index.end()) return;
    const Node& target = *nodes[to->second];
    const std::uint64_t steps = tree_distance(PathView(send.path), nodes[from]->place);
    steps_taken += steps;
    bytes_sent += send.payload.size();
    const bool there = PathView(send.path).to_path() == target.place;
    events.emplace(now.steady + std::chrono::milliseconds(1 + steps),
                   [this, from, to = to->second, there, payload = std::move(send.payload)] {
                     arrive(from, to, there, payload);
                   });
  }
  void arrive(std::size_t from, std::size_t to, bool there,
              const std::vector<std::uint8_t>& payload) {
    if (!there) {
      nodes[from]->dht->path_broken(now, nodes[to]->key(), false);
      pump(from);
      return;
    }
    if (!nodes[to]->alive) return;
    if (nodes[to]->hostile && nodes[to]->hostile(nodes[from]->key(), payload)) return;
    nodes[to]->dht->receive(now, nodes[from]->key(), nodes[from]->key(), payload);
    pump(to);
  }

  void run_for(Duration time) {
    const Instant end = now.steady + time;
    for (;;) {
      Instant next = end;
      if (!events.empty()) next = std::min(next, events.begin()->first);
      for (const auto& node : nodes) {
        if (!node->alive) continue;
        if (const auto due = node->dht->next_deadline()) next = std::min(next, *due);
      }
      now.steady = std::max(now.steady, next);
      now.unix_seconds = 1'700'000'000 + static_cast<std::uint64_t>(now.steady.time_since_epoch() /
                                                                    std::chrono::seconds(1));
      if (now.steady >= end) return;
      while (!events.empty() && events.begin()->first <= now.steady) {
        const auto event = std::move(events.begin()->second);
        events.erase(events.begin());
        event();
      }
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto due = nodes[i]->alive ? nodes[i]->dht->next_deadline() : std::nullopt;
        if (!due || *due > now.steady) continue;
        nodes[i]->dht->tick(now);
        pump(i);
      }
    }
  }

  /// Share of random lookups by honest nodes for honest nodes that find what is true.
  double success(std::size_t lookups) {
    std::size_t good = 0;
    for (std::size_t i = 0; i < lookups; ++i) {
      const std::size_t from = honest();
      const std::size_t to = honest();
      Node& node = *nodes[from];
      if (from == to || node.found.contains(nodes[to]->key())) {
        ++good;
        continue;
      }
      node.dht->lookup(now, nodes[to]->key());
      pump(from);
      const Instant end = now.steady + limits::kAttempts * limits::kAnswerTimeoutMax;
      const PublicKey& wanted = nodes[to]->key();
      while (now.steady < end && !node.found.contains(wanted) && !node.failed.contains(wanted)) {
        run_for(std::chrono::milliseconds(100));
      }
      const auto found = node.found.find(nodes[to]->key());
      if (found != node.found.end() && found->second.coords == encode_path(nodes[to]->place)) {
        ++good;
      }
    }
    return static_cast<double>(good) / static_cast<double>(lookups);
  }
  std::size_t honest() {
    for (;;) {
      const std::size_t i = random.below(nodes.size());
      if (nodes[i]->alive && !nodes[i]->hostile) return i;
    }
  }

  SeededRandom random;
  QuickCryptography cryptography;
  Time now{Instant{} + std::chrono::seconds(100), 1'700'000'100};
  std::vector<std::unique_ptr<Node>> nodes;
  std::map<PublicKey, std::size_t> index;
  std::multimap<Instant, std::function<void()>> events;
  std::uint64_t steps_taken = 0;
  std::uint64_t bytes_sent = 0;
};

}  // namespace thicket::routing::dht::test
