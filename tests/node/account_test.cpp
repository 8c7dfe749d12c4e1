#include "node/privileges/account.hpp"

#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

namespace thicket::node {
namespace {

using ::testing::HasSubstr;

// Everywhere: the account of services that need nothing.
constexpr const char* kNobody = "nobody";

TEST(Account, IsFoundByNameAndByNumber) {
  const passwd entry = *::getpwnam(kNobody);
  const std::string number = std::to_string(entry.pw_uid);
  for (const std::string& text : {std::string(kNobody), number}) {
    const auto account = find_account(text);
    ASSERT_TRUE(account) << account.error();
    EXPECT_EQ(account->user, kNobody);
    EXPECT_EQ(account->uid, entry.pw_uid);
    EXPECT_EQ(account->gid, entry.pw_gid);
    EXPECT_EQ(account->group, ::getgrgid(entry.pw_gid)->gr_name);
  }
}

TEST(Account, TakesAGroupByNameAndByNumber) {
  const group* wanted = ::getgrnam("daemon");
  ASSERT_NE(wanted, nullptr);
  const gid_t gid = wanted->gr_gid;
  for (const std::string& group : {std::string("daemon"), std::to_string(gid)}) {
    const auto account = find_account("nobody:" + group);
    ASSERT_TRUE(account) << account.error();
    EXPECT_EQ(account->gid, gid);
    EXPECT_EQ(account->group, "daemon");
  }
}

TEST(Account, ANumberWithoutANameNeedsAGroup) {
  ASSERT_EQ(::getpwuid(3'999'999'999U), nullptr);
  const auto alone = find_account("3999999999");
  ASSERT_FALSE(alone);
  EXPECT_THAT(alone.error(), HasSubstr("say which group: 3999999999:GROUP"));
  const auto account = find_account("3999999999:3999999998");
  ASSERT_TRUE(account) << account.error();
  EXPECT_EQ(account->uid, 3'999'999'999U);
  EXPECT_EQ(account->gid, 3'999'999'998U);
  EXPECT_EQ(account->user, "3999999999");
}

TEST(Account, SaysWhatToDoAboutOnesThatAreNotThere) {
  EXPECT_THAT(find_account("no-such-user").error(),
              HasSubstr("there is no user \"no-such-user\"; make one (useradd"));
  EXPECT_THAT(find_account("nobody:no-such-group").error(),
              HasSubstr("there is no group \"no-such-group\"; make one (groupadd"));
  for (const char* text : {"", ":", "nobody:", ":daemon"}) {
    EXPECT_THAT(find_account(text).error(), HasSubstr("expected NAME or NAME:GROUP")) << text;
  }
  // The last one means "no change" to the kernel.
  for (const char* text : {"-1", "1x", "4294967296", "4294967295"}) {
    EXPECT_THAT(find_account(text).error(), HasSubstr("there is no user")) << text;
  }
}

TEST(Account, IsNeverRoot) {
  for (const char* text : {"root", "0", "root:daemon", "0:1"}) {
    EXPECT_THAT(find_account(text).error(), HasSubstr("that is root")) << text;
  }
}

}  // namespace
}  // namespace thicket::node
