#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <optional>
#include <set>

#include "crypto/scripted_random.hpp"
#include "crypto/session.hpp"
#include "crypto/session_init.hpp"
#include "crypto/uvarint.hpp"
#include "crypto/vectors.hpp"

namespace thicket::crypto {
namespace {

using nlohmann::json;
using test::array_of;
using test::bytes_of;
using test::ScriptedRandom;

json all_sessions() {
  json sessions = test::read_vectors("session.json")["sessions"];
  EXPECT_EQ(sessions.size(), 5U);
  return sessions;
}

SessionInit init_of(const json& message) {
  return {message["kind"] == "ack",
          {array_of<32>(message["current"])},
          {array_of<32>(message["next"])},
          message["keyseq"],
          message["seq"]};
}

std::vector<std::uint8_t> contents(const Packet& packet) {
  return {packet.bytes().begin(), packet.bytes().end()};
}

TEST(SessionVectors, InitsAndAcksOpenAndAreRebuilt) {
  const SodiumCryptography cryptography;
  for (const json& session : all_sessions()) {
    SCOPED_TRACE(session["title"]);
    const std::string password = session["group_password"];
    const KeyPair probe = test::key_pair_of(session["probe_private"]);
    const KeyPair daemon = test::key_pair_of(session["daemon_private"]);
    for (const json& message : session["messages"]) {
      if (message["kind"] == "traffic") continue;
      const bool by_probe = message["from"] == "probe";
      const KeyPair& sender = by_probe ? probe : daemon;
      const KeyPair& recipient = by_probe ? daemon : probe;
      ScriptedRandom random;
      const SessionInitCodec codec(recipient, cryptography, random, password);
      EXPECT_EQ(codec.open(sender.public_key(), bytes_of(message["message"])), init_of(message));
      if (!by_probe) continue;
      ScriptedRandom ephemeral({array_of<32>(message["eph_private"])});
      const SessionInitCodec rebuilder(sender, cryptography, ephemeral, password);
      const auto rebuilt =
          rebuilder.seal(init_of(message), *cryptography.box_public_key(recipient.public_key()));
      EXPECT_EQ(contents(*rebuilt), bytes_of(message["message"]));
    }
  }
}

std::vector<std::uint8_t> traffic_header(const json& message) {
  std::vector<std::uint8_t> header{3};
  for (const char* field : {"local_keyseq", "remote_keyseq", "nonce"}) {
    std::array<std::uint8_t, kMaxUvarintSize> buffer;
    const ByteSpan left = put_uvarint(buffer, message[field]);
    header.insert(header.end(), buffer.data(), left.data());
  }
  return header;
}

TEST(SessionVectors, TrafficOpensAndIsRebuilt) {
  const SodiumCryptography cryptography;
  int count = 0;
  for (const json& session : all_sessions()) {
    for (const json& message : session["messages"]) {
      if (message["kind"] != "traffic") continue;
      SCOPED_TRACE(message["message"]);
      ++count;
      BoxSharedKey shared;
      ASSERT_TRUE(cryptography.share({array_of<32>(message["their_public"])},
                                     {array_of<32>(message["my_private"])}, shared));
      EXPECT_EQ(shared.bytes, array_of<32>(message["shared"]));

      auto plain = bytes_of(message["inner_next"]);
      const auto data = bytes_of(message["data"]);
      plain.insert(plain.end(), data.begin(), data.end());

      const auto header = traffic_header(message);
      const auto bytes = bytes_of(message["message"]);
      ASSERT_TRUE(std::equal(header.begin(), header.end(), bytes.begin()));
      std::vector<std::uint8_t> box(bytes.begin() + static_cast<std::ptrdiff_t>(header.size()),
                                    bytes.end());
      ASSERT_TRUE(cryptography.open(shared, message["nonce"], box));
      EXPECT_TRUE(std::equal(box.begin() + kBoxTagSize, box.end(), plain.begin(), plain.end()));

      std::vector<std::uint8_t> rebuilt = header;
      rebuilt.resize(header.size() + kBoxTagSize);
      rebuilt.insert(rebuilt.end(), plain.begin(), plain.end());
      cryptography.seal(shared, message["nonce"], ByteSpan(rebuilt).subspan(header.size()));
      EXPECT_EQ(rebuilt, bytes);
    }
  }
  EXPECT_GT(count, 50);
}

// Our session in the place of the probe, with the probe's keys, talking to the recorded daemon: it
// must take what the daemon sent and produce the bytes that the probe sent.
class ProbeReplay {
 public:
  explicit ProbeReplay(const json& recorded) : recorded_(recorded), random_(script()) {
    if (!started_by_probe()) return;
    // The keys of a pending init: made before the session that starts with them.
    const auto send = SessionKeyPair::generate(cryptography_, random_);
    const auto next = SessionKeyPair::generate(cryptography_, random_);
    session_.emplace(cryptography_, random_, now_, send, next);
  }

  void run() {
    for (const json& message : recorded_["messages"]) {
      SCOPED_TRACE(message["kind"].get<std::string>() + " " +
                   message["message"].get<std::string>());
      const bool by_probe = message["from"] == "probe";
      if (message["kind"] != "traffic") {
        by_probe ? check_announcement(message) : accept(message);
      } else {
        by_probe ? seal(message) : open(message);
      }
      now_ += std::chrono::milliseconds(10);
    }
    EXPECT_GT(sealed_, 0);
    EXPECT_GT(opened_, 0);
  }

  int rebuilt() const { return rebuilt_; }

 private:
  bool started_by_probe() const { return recorded_["messages"][0]["from"] == "probe"; }

  // The probe's key pairs in the order in which a session makes them. Secret halves that the
  // recording does not show belong to pairs that were never used, or never used up to its end.
  std::deque<ScriptedRandom::Key> script() {
    std::map<std::string, ScriptedRandom::Key> secret_of;
    std::vector<std::string> publics;
    const auto announce = [&publics](const json& key) {
      if (std::ranges::find(publics, key.get<std::string>()) == publics.end())
        publics.push_back(key);
    };
    for (const json& message : recorded_["messages"]) {
      const bool by_probe = message["from"] == "probe";
      if (message["kind"] == "traffic") {
        const auto secret = array_of<32>(message["my_private"]);
        ScriptedRandom one({secret});
        BoxPublicKey public_key;
        BoxSecretKey unused;
        cryptography_.generate_box_keys(one, public_key, unused);
        secret_of[to_hex(public_key.bytes)] = secret;
        if (by_probe) announce(message["inner_next"]);
      } else if (by_probe) {
        announce(message["current"]);
        announce(message["next"]);
      }
    }
    std::deque<ScriptedRandom::Key> keys;
    if (!started_by_probe()) keys.push_back({7});  // rotated away before it is announced
    for (const std::string& key : publics) {
      if (!secret_of.contains(key)) unknown_.insert(key);
      keys.push_back(secret_of.contains(key) ? secret_of[key] : ScriptedRandom::Key{9});
    }
    return keys;
  }

  void accept(const json& message) {
    if (!session_) session_.emplace(cryptography_, random_, now_);
    const SessionInit init = init_of(message);
    // The probe took what is above what it had, like any stock node.
    if (init.sequence <= session_->remote_sequence()) return;
    EXPECT_TRUE(session_->accept(now_, init));
  }

  void check_announcement(const json& message) {
    SessionInit expected = init_of(message);
    SessionInit ours = session_->announcement(expected.is_ack);
    EXPECT_EQ(ours.key_sequence, expected.key_sequence);
    if (!unknown_.contains(message["current"])) {
      EXPECT_EQ(ours.current, expected.current);
    }
    if (!unknown_.contains(message["next"])) {
      EXPECT_EQ(ours.next, expected.next);
    }
  }

  void seal(const json& message) {
    Packet packet = Packet::copy_of(bytes_of(message["data"]));
    session_->seal(now_, packet);
    ++sealed_;
    const auto header = traffic_header(message);
    ASSERT_TRUE(std::equal(header.begin(), header.end(), packet.bytes().begin()));
    // The inner key is that of the probe, unless its secret half was never recorded.
    if (unknown_.contains(message["inner_next"])) return;
    EXPECT_EQ(contents(packet), bytes_of(message["message"]));
    ++rebuilt_;
  }

  void open(const json& message) {
    if (message["ratchets"]) now_ += std::chrono::seconds(61);
    const std::uint64_t before = session_->local_key_sequence();
    Packet packet = Packet::copy_of(bytes_of(message["message"]));
    ASSERT_EQ(session_->open(now_, packet), Reception::opened);
    EXPECT_EQ(contents(packet), bytes_of(message["data"]));
    EXPECT_EQ(session_->local_key_sequence(), before + (message["ratchets"] ? 1 : 0));
    ++opened_;
    Packet again = Packet::copy_of(bytes_of(message["message"]));
    EXPECT_NE(session_->open(now_, again), Reception::opened);
  }

  const json& recorded_;
  const SodiumCryptography cryptography_;
  std::set<std::string> unknown_;
  ScriptedRandom random_;
  Instant now_{std::chrono::hours(1)};
  std::optional<Session> session_;
  int sealed_ = 0;
  int opened_ = 0;
  int rebuilt_ = 0;
};

TEST(SessionVectors, OurSessionInThePlaceOfTheProbe) {
  int rebuilt = 0;
  for (const json& session : all_sessions()) {
    SCOPED_TRACE(session["title"]);
    ProbeReplay replay(session);
    replay.run();
    rebuilt += replay.rebuilt();
  }
  EXPECT_GT(rebuilt, 10);
}

}  // namespace
}  // namespace thicket::crypto
