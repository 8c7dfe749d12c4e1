#include <rapidcheck/gtest.h>

#include <algorithm>

#include "crypto/key_pair.hpp"
#include "crypto/random.hpp"
#include "transport/handshake.hpp"

namespace thicket::transport {

namespace {

using Bytes = std::vector<std::uint8_t>;

struct Outcome {
  std::optional<HandshakeError> error;
  bool complete = false;
  HandshakeRecord record;
  std::size_t taken = 0;
  bool operator==(const Outcome&) const = default;
};

/// Feeds the bytes cut after each of the (cyclic) step sizes.
Outcome feed(const Bytes& bytes, const std::vector<std::size_t>& steps) {
  HandshakeParser parser;
  Outcome outcome;
  std::size_t turn = 0;
  while (outcome.taken < bytes.size() && !parser.complete()) {
    const ByteView rest = ByteView(bytes).subspan(outcome.taken);
    const auto taken = parser.feed(rest.first(std::min(steps[turn++ % steps.size()], rest.size())));
    if (!taken) return {taken.error(), false, {}, 0};
    outcome.taken += *taken;
  }
  outcome.complete = parser.complete();
  outcome.record = parser.record();
  return outcome;
}

std::vector<std::size_t> arbitrary_steps() {
  return *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 40)));
}

KeyPair key_pair(std::uint64_t seed) {
  SeededRandom random(seed);
  return KeyPair::generate(random);
}

}  // namespace

RC_GTEST_PROP(HandshakeProperty, CuttingTheStreamChangesNothing, ()) {
  const KeyPair pair = key_pair(*rc::gen::arbitrary<std::uint64_t>());
  const auto extra = *rc::gen::arbitrary<Bytes>();
  const std::vector<ExtraField> fields{{0x5448, extra}, {0x9999, {}}};
  Bytes wire = encode_handshake(pair, "", *rc::gen::arbitrary<std::uint8_t>(), fields);
  for (const auto& [at, value] :
       *rc::gen::arbitrary<std::vector<std::pair<std::size_t, std::uint8_t>>>()) {
    if (*rc::gen::inRange(0, 4) == 0) wire[at % wire.size()] = value;
  }
  wire.resize(wire.size() -
              *rc::gen::inRange<std::size_t>(0, wire.size()) * (*rc::gen::inRange(0, 2)));
  const Outcome whole = feed(wire, {wire.size() + 1});
  RC_ASSERT(feed(wire, arbitrary_steps()) == whole);
  RC_ASSERT(feed(wire, {1}) == whole);
}

RC_GTEST_PROP(HandshakeProperty, ArbitraryBytesGiveTheSameAtAnyCut, (Bytes bytes)) {
  if (*rc::gen::arbitrary<bool>()) {
    const Bytes start{'m', 'e', 't', 'a', 0};
    bytes.insert(bytes.begin(), start.begin(), start.end());
  }
  RC_ASSERT(feed(bytes, arbitrary_steps()) == feed(bytes, {bytes.size() + 1}));
}

RC_GTEST_PROP(HandshakeProperty, WhatOneSideSaysTheOtherUnderstands, ()) {
  const KeyPair pair = key_pair(*rc::gen::arbitrary<std::uint64_t>());
  const KeyPair other = key_pair(1);
  RC_PRE(other.public_key() != pair.public_key());
  auto password = *rc::gen::arbitrary<std::string>();
  password.resize(std::min<std::size_t>(password.size(), 64));
  const auto priority = *rc::gen::arbitrary<std::uint8_t>();
  const Bytes wire = encode_handshake(pair, password, priority);
  HandshakeParser parser;
  RC_ASSERT(parser.feed(wire) == wire.size());
  RC_ASSERT(parser.record().key == pair.public_key());
  RC_ASSERT(parser.record().priority == priority);
  RC_ASSERT(
      check_handshake(parser.record(), {other.public_key(), password, {}, nullptr}).has_value());
}

}  // namespace thicket::transport
