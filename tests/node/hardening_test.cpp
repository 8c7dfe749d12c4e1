#include "node/privileges/hardening.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "node/temporary_folder.hpp"

namespace thicket::node {
namespace {

using ::testing::ElementsAre;

bool allows(const HardeningPlan& plan, const std::filesystem::path& path, FileAccess access) {
  return std::ranges::any_of(
      plan.files, [&](const FileRule& rule) { return rule.path == path && rule.access == access; });
}

TEST(Hardening, AllowsTheFoldersOfTheConfigurationAndOfSockets) {
  Config config;
  config.admin_listen = "unix:///run/thicket/thicket.sock";
  config.listen = {"tls://[::]:443", "unix:///srv/mesh/link.sock"};
  config.private_key_path = "/srv/keys/key.pem";
  const auto plan = plan_hardening(config, "/etc/thicket/thicket.conf", false, std::nullopt);
  EXPECT_THAT(plan.sockets, ElementsAre("/run/thicket/thicket.sock", "/srv/mesh/link.sock"));
  EXPECT_TRUE(allows(plan, "/run/thicket", FileAccess::sockets));
  EXPECT_TRUE(allows(plan, "/srv/mesh", FileAccess::sockets));
  EXPECT_TRUE(allows(plan, "/etc/thicket", FileAccess::read));
  EXPECT_TRUE(allows(plan, "/srv/keys", FileAccess::read));
  EXPECT_FALSE(allows(plan, "/", FileAccess::read));
  EXPECT_FALSE(allows(plan, "/run", FileAccess::sockets));
  EXPECT_TRUE(plan.sandbox);
}

TEST(Hardening, FollowsAConfigurationThatIsALink) {
  const TemporaryFolder folder;
  const auto real = std::filesystem::canonical(folder.path()) / "real";
  std::filesystem::create_directory(real);
  std::ofstream(real / "a.conf") << "{}";
  std::filesystem::create_symlink(real / "a.conf", folder.path() / "a.conf");
  const auto plan = plan_hardening(Config{}, folder.path() / "a.conf", false, std::nullopt);
  EXPECT_TRUE(allows(plan, folder.path(), FileAccess::read));
  EXPECT_TRUE(allows(plan, real, FileAccess::read));
}

TEST(Hardening, SaysNothingOfAFileThatCanBeReadOrIsNotThere) {
  const TemporaryFolder folder;
  EXPECT_EQ(readability_advice(folder.write("a.conf", "{}")), "");
  EXPECT_EQ(readability_advice(folder.path() / "b.conf"), "");
}

TEST(Protections, AreToldInWords) {
  Protections protections;
  protections.account = {"nobody", "nogroup", 65534, 65534};
  protections.capabilities = Capabilities{1} << 10;
  const auto text = [&] { return protections_text(protections_status(protections)); };
  EXPECT_EQ(text(), "nobody with CAP_NET_BIND_SERVICE; no sandbox");
  protections.landlock = 4;
  EXPECT_EQ(text(), "nobody with CAP_NET_BIND_SERVICE; sandbox: Landlock 4");
  protections.system_calls = true;
  EXPECT_EQ(text(), "nobody with CAP_NET_BIND_SERVICE; sandbox: Landlock 4, seccomp");
  protections.landlock = 0;
  protections.account = {"root", "root", 0, 0};
  EXPECT_EQ(text(), "root; sandbox: seccomp");
}

}  // namespace
}  // namespace thicket::node
