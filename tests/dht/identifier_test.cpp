#include "routing/dht/identifier.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crypto/address.hpp"
#include "crypto/hex.hpp"
#include "dht/generators.hpp"

namespace thicket::routing::dht {
namespace {

// Computed by an implementation of wire.md §1 and of BLAKE2b of another language.
TEST(Identifier, KnownAnswers) {
  const auto of = [](const std::string& key) {
    return to_hex(Identifier::of(*PublicKey::from_hex(key)).bytes);
  };
  EXPECT_EQ(of("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
            "312a162e3e182fbdea22bb1df0303cb8d35e89089126c1e682f40bb43b55293d");
  EXPECT_EQ(of("00000b5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c"),
            "3fcd61afb1622124b696288e5d7a1e04d9dab6d659e4e15d803e643e9703ec2f");
}

RC_GTEST_PROP(Identifier, KeyAddressAndSubnetAgree, ()) {
  const PublicKey key = *routing::test::any_fixed<PublicKey>();
  RC_ASSERT(Identifier::of(partial_key(Address::of(key))) == Identifier::of(key));
  RC_ASSERT(Identifier::of(partial_key(Subnet::of(key))) == Identifier::of(key));
}

RC_GTEST_PROP(Identifier, DigitsAndDistanceAgree, ()) {
  const Identifier a = *test::any_identifier();
  const auto shared = *rc::gen::inRange<std::size_t>(0, Identifier::kDigits);
  Identifier b = *test::any_identifier();
  for (std::size_t i = 0; i < shared; ++i) b = b.with_digit(i, a.digit(i));
  b = b.with_digit(shared, a.digit(shared) ^ 1);
  RC_ASSERT(shared_digits(a, b) == shared);
  RC_ASSERT(shared_digits(b, a) == shared);
  RC_ASSERT(shared_digits(a, a) == Identifier::kDigits);
  RC_ASSERT(distance(a, b) == distance(b, a));
  const Identifier c = *test::any_identifier();
  RC_ASSERT(closer(c, a, b) == (distance(c, a) < distance(c, b)));
  RC_ASSERT(!closer(c, a, a));
}

}  // namespace
}  // namespace thicket::routing::dht
