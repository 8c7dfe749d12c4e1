#include "program/suggestion.hpp"

#include <gtest/gtest.h>

namespace thicket::program {
namespace {

constexpr std::string_view kKeys[] = {"Peers", "Listen", "AdminListen", "IfName", "IfMTU"};

TEST(Suggestion, FindsTheNearestWord) {
  EXPECT_EQ(nearest("Peer", kKeys), "Peers");
  EXPECT_EQ(nearest("peesr", kKeys), "Peers");
  EXPECT_EQ(nearest("ADMINLISTN", kKeys), "AdminListen");
  EXPECT_EQ(nearest("Lisen", kKeys), "Listen");
}

TEST(Suggestion, DoesNotGuessWildly) {
  EXPECT_EQ(nearest("", kKeys), "");
  EXPECT_EQ(nearest("Firewall", kKeys), "");
  EXPECT_EQ(nearest("x", kKeys), "");
  EXPECT_EQ(nearest(std::string(100000, 'P'), kKeys), "");
}

TEST(Suggestion, AsksWhetherItWasMeant) {
  EXPECT_EQ(did_you_mean("Peer", kKeys), "; did you mean \"Peers\"?");
  EXPECT_EQ(did_you_mean("Firewall", kKeys), "");
}

}  // namespace
}  // namespace thicket::program
