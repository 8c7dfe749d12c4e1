#include "node/privileges/landlock.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <thread>

#include "node/in_child.hpp"
#include "node/monitoring/process_usage.hpp"
#include "node/temporary_folder.hpp"

namespace thicket::node {
namespace {

namespace fs = std::filesystem;

/// What `action` gives once only `rules` allow files.
std::string restricted(const std::vector<FileRule>& rules,
                       const std::function<std::string()>& action) {
  return in_child([&]() -> std::string {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const auto version = restrict_files(rules);
    return version ? action() : version.error();
  });
}

std::string outcome(bool done) {
  return done ? "done" : errno == EACCES ? "EACCES" : std::strerror(errno);
}

std::string can_open(const fs::path& file, int flags = O_RDONLY) {
  return outcome(::open(file.c_str(), flags | O_CLOEXEC, 0600) >= 0);
}

std::string can_bind(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.string().size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return outcome(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

class Landlock : public ::testing::Test {
 protected:
  void SetUp() override {
    if (landlock_version() == 0) GTEST_SKIP() << "the kernel has none";
    fs::create_directories(open());
    fs::create_directories(shut());
    std::ofstream(open() / "file") << "x";
    std::ofstream(shut() / "file") << "x";
  }
  fs::path open() const { return folder.path() / "open"; }
  fs::path shut() const { return folder.path() / "shut"; }
  const TemporaryFolder folder;
};

TEST_F(Landlock, WhatNoRuleAllowsIsForbidden) {
  const std::vector<FileRule> rules{{open(), FileAccess::read}};
  EXPECT_EQ(restricted(rules, [&] { return can_open(open() / "file"); }), "done");
  EXPECT_EQ(restricted(rules, [&] { return can_open(open(), O_RDONLY | O_DIRECTORY); }), "done");
  EXPECT_EQ(restricted(rules, [&] { return can_open(shut() / "file"); }), "EACCES");
  EXPECT_EQ(restricted(rules, [&] { return can_open("/", O_RDONLY | O_DIRECTORY); }), "EACCES");
  EXPECT_EQ(restricted(rules, [&] { return can_open(open() / "file", O_WRONLY); }), "EACCES");
  EXPECT_EQ(restricted(rules, [&] { return can_open(open() / "new", O_WRONLY | O_CREAT); }),
            "EACCES");
  EXPECT_EQ(restricted(rules, [&] { return outcome(::unlink((open() / "file").c_str()) == 0); }),
            "EACCES");
  EXPECT_EQ(restricted(rules, [&] { return outcome(::mkdir((open() / "d").c_str(), 0700) == 0); }),
            "EACCES");
}

TEST_F(Landlock, AFileThatAnEditorReplacedCanBeRead) {
  EXPECT_EQ(in_child([&]() -> std::string {
              ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
              std::array<int, 2> go{};
              if (::pipe(go.data()) != 0) return "no pipe";
              // A thread that is there already is not restricted: it is the editor.
              std::thread editor([&] {
                char byte = 0;
                if (::read(go[0], &byte, 1) != 1) return;
                std::ofstream(open() / "new") << "y";
                fs::rename(open() / "new", open() / "file");
              });
              const auto version = restrict_files({{open(), FileAccess::read}});
              const bool sent = ::write(go[1], "x", 1) == 1;
              editor.join();
              return version && sent ? contents(open() / "file") : "not restricted";
            }),
            "y");
}

TEST_F(Landlock, SocketsAreMadeAndRemovedWhereTheyMayBe) {
  const std::vector<FileRule> rules{{open(), FileAccess::sockets}};
  EXPECT_EQ(restricted(rules,
                       [&] {
                         const std::string made = can_bind(open() / "socket");
                         return made + ", " + outcome(::unlink((open() / "socket").c_str()) == 0) +
                                ", " + can_open(open() / "file");
                       }),
            "done, done, EACCES");
  EXPECT_EQ(restricted(rules, [&] { return can_bind(shut() / "socket"); }), "EACCES");
}

TEST_F(Landlock, StartsNoPrograms) {
  const std::vector<FileRule> rules{{"/", FileAccess::read}};
  EXPECT_EQ(restricted(rules,
                       [] {
                         char name[] = "/bin/true";
                         char* arguments[] = {name, nullptr};
                         return outcome(::execv(name, arguments) == 0);
                       }),
            "EACCES");
}

TEST_F(Landlock, APathThatIsNotThereCountsForNothing) {
  const std::vector<FileRule> rules{{folder.path() / "later", FileAccess::read},
                                    {open() / "file", FileAccess::read},
                                    {open() / "file", FileAccess::sockets}};
  EXPECT_EQ(restricted(rules, [&] { return can_open(open() / "file"); }), "done");
}

TEST_F(Landlock, AProcessCanStillMeasureItself) {
  EXPECT_EQ(restricted({{"/proc/self", FileAccess::read}},
                       [] {
                         ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
                         const ProcessUsage usage = ProcessUsage::now();
                         return outcome(usage.resident_bytes && usage.open_descriptors &&
                                        usage.start_seconds);
                       }),
            "done");
}

}  // namespace
}  // namespace thicket::node
