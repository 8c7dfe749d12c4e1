#include "node/privileges/privileges.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <rapidcheck/gtest.h>

#include "node/in_child.hpp"

namespace thicket::node {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Capabilities kBind = Capabilities{1} << CAP_NET_BIND_SERVICE;

Account nobody() {
  return {"nobody", "nogroup", 65534, 65534};
}

/// What an Outcome says in a test.
std::string text_of(const Result<void, std::string>& outcome) {
  return outcome ? "done" : outcome.error();
}

TEST(Privileges, NamesCapabilities) {
  EXPECT_THAT(names_of(0), IsEmpty());
  EXPECT_THAT(names_of(Capabilities{1} << CAP_CHOWN | kBind | Capabilities{1} << CAP_NET_ADMIN),
              ElementsAre("CAP_CHOWN", "CAP_NET_BIND_SERVICE", "CAP_NET_ADMIN"));
  EXPECT_THAT(names_of(Capabilities{1} << CAP_CHECKPOINT_RESTORE | Capabilities{1} << 63),
              ElementsAre("CAP_CHECKPOINT_RESTORE", "CAP_63"));
}

TEST(Privileges, ANodeNeedsToBindLowPortsOnly) {
  for (const char* release : {"6.1.0-18-amd64", "5.7", "5.7.0", "4.19.0", "", "x.y"}) {
    EXPECT_EQ(needed_capabilities(Config{}, release), kBind) << release;
  }
}

TEST(Privileges, OldKernelsWantMoreForInterfacePeers) {
  Config config;
  config.interface_peers["eth0"] = {"tcp://192.0.2.1:1"};
  for (const char* release : {"5.7.0", "5.10.0-28-arm64", "6.1", "10.0"}) {
    EXPECT_EQ(needed_capabilities(config, release), kBind) << release;
  }
  for (const char* release : {"5.6.19", "4.19.0-26", "3.10"}) {
    EXPECT_EQ(needed_capabilities(config, release), kBind | Capabilities{1} << CAP_NET_RAW)
        << release;
  }
}

RC_GTEST_PROP(PrivilegesProperties, EveryCapabilityHasOneName, (Capabilities capabilities)) {
  const auto names = names_of(capabilities);
  RC_ASSERT(names.size() == static_cast<std::size_t>(__builtin_popcountll(capabilities)));
}

class BecomingSomebody : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can";
  }
};

TEST_F(BecomingSomebody, LeavesNoWayBack) {
  EXPECT_EQ(in_child([]() -> std::string {
              if (auto became = become(nobody(), kBind); !became) return became.error();
              if (::getuid() != 65534 || ::geteuid() != 65534) return "another user";
              if (::getgid() != 65534 || ::getegid() != 65534) return "another group";
              gid_t group = 0;
              if (::getgroups(1, &group) != 1 || group != 65534) return "other groups";
              if (effective_capabilities() != kBind) return "other capabilities";
              for (int number = 0; number < 41; ++number) {
                if (::prctl(PR_CAPBSET_READ, number) != 0) return "the bounding set is not empty";
              }
              if (::setuid(0) == 0 || ::setgid(0) == 0) return "a way back";
              if (::prctl(PR_SET_KEEPCAPS, 1) == 0) return "secure bits are not locked";
              if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_BIND_SERVICE, 0, 0) == 0) {
                return "an ambient capability";
              }
              return "shut";
            }),
            "shut");
}

TEST_F(BecomingSomebody, MayLeaveNothingAtAll) {
  EXPECT_EQ(in_child([]() -> std::string {
              if (auto became = become(nobody(), 0); !became) return became.error();
              return std::to_string(effective_capabilities());
            }),
            "0");
}

TEST_F(BecomingSomebody, IsNoMatterForOthersThanRoot) {
  EXPECT_EQ(in_child([]() -> std::string {
              if (!become(nobody(), kBind)) return "not even once";
              // Whom we are already is fine: a service manager did it.
              std::string said = text_of(become(nobody(), 0));
              said += fmt::format(", {} left, ", effective_capabilities());
              return said + text_of(become({"daemon", "daemon", 1, 1}, 0));
            }),
            "done, 0 left, only root can become daemon; start it as root (sudo thicket run …), or "
            "leave --user out");
}

TEST_F(BecomingSomebody, OthersGiveUpWhatTheyDoNotNeed) {
  EXPECT_EQ(in_child([]() -> std::string {
              const Capabilities admin = Capabilities{1} << CAP_NET_ADMIN;
              if (!become(nobody(), kBind | admin)) return "not become";
              if (effective_capabilities() != (kBind | admin)) return "not kept";
              if (auto kept = keep_only(kBind); !kept) return kept.error();
              return effective_capabilities() == kBind ? "given up" : "not given up";
            }),
            "given up");
}

}  // namespace
}  // namespace thicket::node
