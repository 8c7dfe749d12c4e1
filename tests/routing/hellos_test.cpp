#include "routing/hellos.hpp"

#include <gtest/gtest.h>

#include "crypto/random.hpp"

namespace thicket::routing {
namespace {

using namespace std::chrono_literals;

PublicKey key(std::uint64_t number) {
  SeededRandom random(number);
  PublicKey key;
  random.fill(key.bytes);
  return key;
}

Time at(Duration time) {
  return {Instant{} + time, 0};
}

std::vector<std::uint8_t> message_of(const Capabilities& capabilities) {
  Hellos hellos;
  hellos.offer(capabilities);
  return {hellos.message().begin(), hellos.message().end()};
}

const Instant kSession = Instant{} + 1s;
const Capabilities kOurs{1, "ours/1", true, ""};
const Capabilities kTheirs{1, "theirs/2", true, ""};

struct HellosTest : ::testing::Test {
  HellosTest() { hellos.offer(kOurs); }
  Hellos hellos;
  std::vector<std::uint8_t> theirs = message_of(kTheirs);
};

TEST(Hellos, NothingIsSaidWithoutAnOffer) {
  Hellos hellos;
  EXPECT_FALSE(hellos.heard(at(2s), key(1), kSession));
  EXPECT_EQ(hellos.size(), 0u);
}

TEST_F(HellosTest, AreSentOncePerSession) {
  EXPECT_TRUE(hellos.heard(at(2s), key(1), kSession));
  EXPECT_TRUE(hellos.heard(at(2s), key(2), kSession));
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(hellos.heard(at(std::chrono::seconds(i)), key(1), kSession));
    EXPECT_FALSE(hellos.heard(at(std::chrono::seconds(i)), key(2), kSession));
  }
  EXPECT_EQ(hellos.counters().sent, 2u);
  EXPECT_TRUE(hellos.heard(at(9s), key(1), kSession + 8s));
}

TEST_F(HellosTest, AreKeptWithTheirSession) {
  const Capabilities* said = hellos.receive(at(2s), key(1), kSession, theirs);
  ASSERT_NE(said, nullptr);
  EXPECT_EQ(*said, kTheirs);
  EXPECT_EQ(*hellos.find(key(1), kSession), kTheirs);
  EXPECT_EQ(hellos.find(key(2), kSession), nullptr);
  EXPECT_EQ(hellos.find(key(1), kSession + 1s), nullptr);
  EXPECT_TRUE(hellos.heard(at(5s), key(1), kSession + 4s));
  EXPECT_EQ(hellos.find(key(1), kSession + 4s), nullptr);
}

TEST_F(HellosTest, ThoseThatAreMalformedAreCountedAndNotBelieved) {
  auto broken = theirs;
  broken.pop_back();
  EXPECT_EQ(hellos.receive(at(2s), key(1), kSession, broken), nullptr);
  EXPECT_EQ(hellos.counters().ignored, 1u);
  EXPECT_EQ(hellos.find(key(1), kSession), nullptr);
}

TEST_F(HellosTest, AFloodIsNotRead) {
  std::size_t read = 0;
  for (int i = 0; i < 1000; ++i) {
    const Time now = at(std::chrono::milliseconds(100) * i);
    if (hellos.receive(now, key(1), kSession, theirs) != nullptr) ++read;
  }
  EXPECT_EQ(read, limits::kHellosPerSession);
  EXPECT_EQ(hellos.counters().received + hellos.counters().ignored, 1000u);
}

TEST_F(HellosTest, TwoSidesNeverGoOnAndOn) {
  Hellos other;
  other.offer(kTheirs);
  std::vector<std::uint8_t> ours(hellos.message().begin(), hellos.message().end());
  // Each side hears data, and so says hello; the hellos cross, again and again, however slowly.
  EXPECT_TRUE(hellos.heard(at(2s), key(2), kSession));
  EXPECT_TRUE(other.heard(at(2s), key(1), kSession));
  hellos.receive(at(20s), key(2), kSession, theirs);
  other.receive(at(20s), key(1), kSession, ours);
  EXPECT_FALSE(hellos.forgotten(at(20s), key(2)));
  EXPECT_FALSE(other.forgotten(at(20s), key(1)));
}

TEST_F(HellosTest, WhoSaysHelloAgainHasForgottenOurs) {
  EXPECT_TRUE(hellos.heard(at(2s), key(1), kSession));
  ASSERT_NE(hellos.receive(at(2s), key(1), kSession, theirs), nullptr);
  EXPECT_FALSE(hellos.forgotten(at(2s), key(1)));
  ASSERT_NE(hellos.receive(at(30s), key(1), kSession, theirs), nullptr);
  EXPECT_TRUE(hellos.forgotten(at(30s), key(1)));
  EXPECT_FALSE(hellos.forgotten(at(30s), key(1)));
  EXPECT_EQ(hellos.counters().sent, 2u);
}

TEST_F(HellosTest, AreForgottenWithTheirSessionsAndBounded) {
  for (std::uint64_t i = 0; i < limits::kHellos + 100; ++i) {
    hellos.heard(at(2s), key(i), kSession + Duration(i));
    ASSERT_LE(hellos.size(), limits::kHellos);
  }
  const PublicKey last = key(limits::kHellos + 99);
  const Instant session = kSession + Duration(limits::kHellos + 99);
  hellos.sweep((Instant{} + 100s), [&](const PublicKey& of) {
    return of == last ? std::optional(session) : std::nullopt;
  });
  EXPECT_EQ(hellos.size(), 1u);
  EXPECT_FALSE(hellos.heard(at(101s), last, session));
}

}  // namespace
}  // namespace thicket::routing
