#include "transport/name_lookup.hpp"

#include <gtest/gtest.h>

#include "transport/network.hpp"

namespace thicket::transport {

TEST(NameLookup, FindsThisMachine) {
  asio::io_context io;
  NameLookup lookup;
  std::optional<Addresses> found;
  lookup.start(io, "localhost", 9001, [&](Addresses addresses) { found = std::move(addresses); });
  ASSERT_TRUE(testing::run_until(io, [&] { return found.has_value(); }));
  ASSERT_TRUE(*found) << found->error();
  ASSERT_FALSE((*found)->empty());
  EXPECT_EQ((*found)->front().port(), 9001);
}

TEST(NameLookup, SaysWhichNameItCannotFind) {
  const auto found = look_up("no-such-host.invalid", 1);
  ASSERT_FALSE(found);
  EXPECT_TRUE(found.error().starts_with("cannot find the host no-such-host.invalid: "));
}

TEST(NameLookup, CancelledKeepsNothingBusy) {
  asio::io_context io;
  {
    NameLookup lookup;
    lookup.start(io, "localhost", 1, [](Addresses) { FAIL() << "called after it was cancelled"; });
  }
  io.run();  // returns at once: there is no work left
  SUCCEED();
}

}  // namespace thicket::transport
