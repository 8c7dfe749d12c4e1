#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <sstream>

#include "node/commands/command.hpp"
#include "node/commands/exit_code.hpp"
#include "node/run_program.hpp"

namespace thicket::node {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

/// What bash would offer for the words, the last of which is being written.
std::vector<std::string> completed(const std::vector<std::string>& words) {
  const TemporaryFolder folder;
  std::string script = run_program({"completion", "bash"}).output + "COMP_WORDS=(";
  for (const std::string& word : words) script += "'" + word + "' ";
  script += ")\nCOMP_CWORD=" + std::to_string(words.size() - 1) +
            "\n_thicket\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
  const auto file = folder.write("script", script);
  const auto out = folder.write("out", "");
  const std::string command = "bash --norc -e -u " + file.string() + " >" + out.string() + " 2>&1";
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 0) << contents(out);
  std::vector<std::string> offered;
  std::istringstream lines(contents(out));
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) offered.push_back(line);
  }
  return offered;
}

TEST(Completion, KnowsEveryCommand) {
  const auto offered = completed({"thicket", ""});
  for (const Command& command : commands()) {
    EXPECT_THAT(offered, Contains(std::string(command.name)));
    EXPECT_THAT(completed({"thicket", "help", ""}), Contains(std::string(command.name)));
  }
  EXPECT_THAT(completed({"thicket", "sess"}), UnorderedElementsAre("sessions"));
}

TEST(Completion, KnowsEveryOption) {
  for (const Command& command : commands()) {
    const std::string name(command.name);
    const auto offered = completed({"thicket", name, "-"});
    std::istringstream words(run_program({name, "--help"}).output);
    bool in_options = false;
    for (std::string word; words >> word;) {
      if (word == "Options:") in_options = true;
      if (word == "Examples:") break;
      // In the list of options a name stands alone; in sentences it may have a full stop.
      if (!in_options || !word.starts_with("--")) continue;
      EXPECT_THAT(offered, Contains(word.substr(0, word.find_first_of(",.;)")))) << name;
    }
    EXPECT_THAT(offered, Contains("--help")) << name;
  }
}

TEST(Completion, KnowsOperandsAndFiles) {
  EXPECT_THAT(completed({"thicket", "peer", ""}), UnorderedElementsAre("add", "remove"));
  EXPECT_THAT(completed({"thicket", "completion", ""}),
              UnorderedElementsAre("bash", "zsh", "fish"));
  EXPECT_THAT(completed({"thicket", "config", ""}),
              UnorderedElementsAre("check", "show", "migrate"));
  const TemporaryFolder folder;
  const auto file = folder.write("mine.conf", "");
  const std::string begun = (folder.path() / "mi").string();
  EXPECT_THAT(completed({"thicket", "config", "check", begun}),
              UnorderedElementsAre(file.string()));
  EXPECT_THAT(completed({"thicket", "status", "--config", begun}),
              UnorderedElementsAre(file.string()));
  EXPECT_THAT(completed({"thicket", "status", "--socket", ""}), IsEmpty());
  EXPECT_THAT(completed({"thicket", "nonsense", ""}), IsEmpty());
}

TEST(Completion, OtherShellsKnowTheSame) {
  const std::string zsh = run_program({"completion", "zsh"}).output;
  const std::string fish = run_program({"completion", "fish"}).output;
  EXPECT_THAT(zsh, ::testing::StartsWith("#compdef thicket\n"));
  for (const Command& command : commands()) {
    const std::string name(command.name);
    EXPECT_THAT(zsh, HasSubstr("\n    '" + name + ":"));
    EXPECT_THAT(fish, HasSubstr(" -a " + name + " -d "));
  }
  EXPECT_THAT(zsh, HasSubstr("'--socket[Where the node answers\\: unix\\:///path"));
  EXPECT_THAT(zsh, HasSubstr(" '1:argument:(add remove)' '*:argument:_files'\n"));
  EXPECT_THAT(fish, HasSubstr("from peer; and test (count (commandline -opc)) -eq 2' "
                              "-f -a 'add remove'\n"));
  EXPECT_THAT(fish, HasSubstr("from status' -l config -s c -r -F -d "));
}

TEST(Completion, RefusesOtherShells) {
  const auto result = run_program({"completion", "fihs"});
  EXPECT_EQ(result.status, kExitUsage);
  EXPECT_THAT(result.errors, HasSubstr("expected bash, zsh or fish; did you mean \"fish\"?"));
}

}  // namespace
}  // namespace thicket::node
