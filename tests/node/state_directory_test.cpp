#include "node/config/state_directory.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <thread>

#include "node/file.hpp"
#include "node/temporary_folder.hpp"

namespace thicket::node {
namespace {

using ::testing::HasSubstr;

mode_t mode_of(const std::filesystem::path& file) {
  struct stat status {};
  EXPECT_EQ(::stat(file.c_str(), &status), 0) << file;
  return status.st_mode & 07777;
}

std::size_t entries(const std::filesystem::path& folder) {
  const auto all = std::filesystem::directory_iterator(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

Environment below(const std::filesystem::path& folder) {
  Environment out;
  out.state_directory = folder.string();
  return out;
}

TEST(StateDirectory, FollowsSystemdThenRootThenXdgThenHome) {
  Environment e{.root = true,
                .home = "/home/a",
                .state_directory = "/state/thicket:/state/other",
                .runtime_directory = "/run/thicket:/run/other",
                .xdg_state_home = "/xdg",
                .xdg_runtime_dir = "/run/user/7",
                .system_runtime = "/run"};
  EXPECT_EQ(default_config_file(e), "/state/thicket/thicket.conf");
  EXPECT_EQ(default_admin_listen(e), "unix:///run/thicket/thicket.sock");
  e.state_directory = e.runtime_directory = "";
  EXPECT_EQ(default_config_file(e), "/var/lib/thicket/thicket.conf");
  EXPECT_EQ(default_admin_listen(e), "unix:///run/thicket.sock");
  e.root = false;
  EXPECT_EQ(default_config_file(e), "/xdg/thicket/thicket.conf");
  EXPECT_EQ(default_admin_listen(e), "unix:///run/user/7/thicket.sock");
  e.xdg_state_home = "relative";
  e.xdg_runtime_dir = "";
  EXPECT_EQ(default_config_file(e), "/home/a/.local/state/thicket/thicket.conf");
  EXPECT_EQ(default_admin_listen(e), "unix:///home/a/.local/state/thicket/thicket.sock");
  e.home = "/" + std::string(100, 'h');
  EXPECT_EQ(default_admin_listen(e), "none") << "no socket has a path that long";
  e.home = "";
  EXPECT_EQ(default_config_file(e), "");
  EXPECT_EQ(default_admin_listen(e), "none");
}

TEST(StateDirectory, MakesAConfigurationOnce) {
  const TemporaryFolder folder;
  const Environment environment = below(folder.path() / "a" / "b");
  SeededRandom random(1);
  const auto first = open_config({}, environment, random);
  ASSERT_TRUE(first) << first.error().to_string();
  EXPECT_TRUE(first->created);
  EXPECT_EQ(first->file, folder.path() / "a/b/thicket.conf");
  EXPECT_EQ(mode_of(first->file), 0600u);
  EXPECT_EQ(mode_of(first->file.parent_path()), 0700u);
  EXPECT_EQ(mode_of(folder.path() / "a"), 0700u);
  EXPECT_EQ(entries(first->file.parent_path()), 1u);

  const auto second = open_config({}, environment, random);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->created);
  EXPECT_EQ(second->config.identity->public_key(), first->config.identity->public_key());
  EXPECT_THAT(second->config.warnings, ::testing::IsEmpty());
}

TEST(StateDirectory, MakesPrivateFilesWhateverTheUmask) {
  const TemporaryFolder folder;
  const mode_t old = ::umask(0);
  const auto made = create_private_file(folder.path() / "x/secret", "text");
  ::umask(old);
  ASSERT_TRUE(made) << made.error().reason;
  EXPECT_EQ(mode_of(folder.path() / "x/secret"), 0600u);
  EXPECT_EQ(mode_of(folder.path() / "x"), 0700u);
  EXPECT_EQ(contents(folder.path() / "x/secret"), "text");
}

TEST(StateDirectory, NeverReplacesAFile) {
  const TemporaryFolder folder;
  const auto file = folder.write("there", "precious");
  const auto made = create_private_file(file, "new");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, EEXIST);
  EXPECT_EQ(contents(file), "precious");
  EXPECT_EQ(entries(folder.path()), 1u);
}

TEST(StateDirectory, LeavesADamagedConfigurationAlone) {
  const TemporaryFolder folder;
  SeededRandom random(1);
  for (const std::string text :
       {"", "{\n  # Who this node is", "{\n PrivateKey: \"abc", "IfMTU: 1500\n"}) {
    const auto file = folder.write("thicket.conf", text);
    const auto opened = open_config({}, below(folder.path()), random);
    ASSERT_FALSE(opened) << text;
    EXPECT_EQ(opened.error().file, file);
    EXPECT_EQ(contents(file), text);
  }
  const auto empty = folder.write("thicket.conf", "");
  EXPECT_THAT(
      open_config({}, below(folder.path()), random).error().to_string(),
      HasSubstr("PrivateKey: found nothing, expected the key that this file was made with"));
}

TEST(StateDirectory, SaysWhyItCannotMakeOne) {
  const TemporaryFolder folder;
  SeededRandom random(1);
  folder.write("file", "");
  auto opened = open_config({}, below(folder.path() / "file" / "sub"), random);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().to_string(), HasSubstr("Not a directory"));

  std::filesystem::create_directory(folder.path() / "thicket.conf");
  opened = open_config({}, below(folder.path()), random);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().to_string(), HasSubstr("it is a folder"));

  opened = open_config({}, Environment{}, random);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().to_string(), HasSubstr("--config FILE"));
}

TEST(StateDirectory, ReadsTheFileThatIsNamedAndMakesNone) {
  const TemporaryFolder folder;
  SeededRandom random(1);
  const auto opened = open_config(folder.path() / "mine.conf", below(folder.path()), random);
  ASSERT_FALSE(opened);
  EXPECT_EQ(entries(folder.path()), 0u);
  const auto file = folder.write("mine.conf", "IfMTU: 1500\n");
  const auto again = open_config(file, below(folder.path()), random);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->config.identity);
  EXPECT_EQ(again->config.interface_mtu, 1500u);
}

TEST(StateDirectory, GivesStartsAtTheSameTimeOneKey) {
  const TemporaryFolder folder;
  const Environment environment = below(folder.path() / "state");
  std::vector<PublicKey> keys(8);
  std::vector<char> created(keys.size(), 0);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      threads.emplace_back([&, i] {
        SeededRandom random(i);
        const auto opened = open_config({}, environment, random);
        ASSERT_TRUE(opened) << opened.error().to_string();
        keys[i] = opened->config.identity->public_key();
        created[i] = opened->created;
      });
    }
  }
  for (const PublicKey& key : keys) EXPECT_EQ(key, keys[0]);
  EXPECT_EQ(std::count(created.begin(), created.end(), 1), 1);
  EXPECT_EQ(entries(folder.path() / "state"), 1u);
}

}  // namespace
}  // namespace thicket::node
