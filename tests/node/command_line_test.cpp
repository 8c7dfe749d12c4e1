#include "node/commands/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "node/commands/command.hpp"
#include "node/commands/exit_code.hpp"
#include "node/config/config.hpp"
#include "node/run_program.hpp"
#include "node/sample_config.hpp"

namespace thicket::node {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

std::string line_with(const std::string& text, const std::string& prefix) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(prefix)) return line.substr(prefix.size());
  }
  return {};
}

TEST(CommandLine, ExplainsItself) {
  const auto bare = run_program({});
  EXPECT_EQ(bare.status, kExitOk);
  EXPECT_EQ(bare.errors, "");
  for (const Command& command : commands()) {
    EXPECT_THAT(bare.output, HasSubstr("\n  " + std::string(command.name) + " "));
  }
  EXPECT_EQ(run_program({"--help"}).output, bare.output);
  EXPECT_EQ(run_program({"-h"}).output, bare.output);
  EXPECT_THAT(bare.output, HasSubstr("\n  help "));
  EXPECT_EQ(run_program({"help"}).output, bare.output);
  EXPECT_EQ(run_program({"help", "--help"}).output, bare.output);
  EXPECT_EQ(run_program({"help", "run", "extra"}).status, kExitUsage);
}

TEST(CommandLine, PrintsItsVersion) {
  EXPECT_EQ(run_program({"--version"}).output, "thicket 0.1.0\n");
  EXPECT_EQ(run_program({"-V"}).output, "thicket 0.1.0\n");
}

TEST(CommandLine, ExplainsEveryCommand) {
  for (const Command& command : commands()) {
    const std::string name(command.name);
    const auto help = run_program({name, "--help"});
    EXPECT_EQ(help.status, kExitOk) << name;
    EXPECT_EQ(help.errors, "") << name;
    EXPECT_THAT(help.output, StartsWith("thicket " + name + ": "));
    for (const char* part : {"\nUsage:\n  thicket ", "\nOptions:\n", "-h, --help",
                             "\nExamples:\n  ", "\nExit status:\n  0  "}) {
      EXPECT_THAT(help.output, HasSubstr(part)) << name;
    }
    std::istringstream lines(help.output);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
    EXPECT_EQ(run_program({"help", name}).output, help.output);
    EXPECT_EQ(run_program({name, "-h"}).output, help.output);
  }
}

// What help says, the manual says too.
TEST(CommandLine, HasAManualThatKnowsEveryCommandAndOption) {
  std::string manual = contents(THICKET_SOURCE_DIR "/node/thicket.1");
  manual.erase(std::remove(manual.begin(), manual.end(), '\\'), manual.end());
  for (const Command& command : commands()) {
    EXPECT_THAT(manual, HasSubstr(".SS " + std::string(command.name))) << command.name;
    std::istringstream words(run_program({std::string(command.name), "--help"}).output);
    for (std::string word; words >> word;) {
      if (word.starts_with("--") && word.size() > 2) {
        EXPECT_THAT(manual, HasSubstr(word.substr(0, word.find_first_of(",.;]")))) << command.name;
      }
    }
  }
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  struct Case {
    std::vector<std::string> arguments;
    std::string errors;
  };
  const Case kCases[] = {
      {{"genconfig"},
       "thicket: unknown command \"genconfig\"; did you mean \"genconf\"?\n"
       "Try 'thicket --help'.\n"},
      {{"frobnicate"}, "thicket: unknown command \"frobnicate\"\nTry 'thicket --help'.\n"},
      {{"help", "rum"},
       "thicket: unknown command \"rum\"; did you mean \"run\"?\nTry 'thicket --help'.\n"},
      {{"--verison"},
       "thicket: unknown option --verison; did you mean \"--version\"?\n"
       "Try 'thicket --help'.\n"},
      {{"genconf", "--jsn"},
       "thicket genconf: unknown option --jsn; did you mean \"--json\"?\n"
       "Try 'thicket genconf --help'.\n"},
      {{"address", "--conf=x"},
       "thicket address: unknown option --conf; did you mean \"--config\"?\n"
       "Try 'thicket address --help'.\n"},
      {{"keygen", "-x"}, "thicket keygen: unknown option -x\nTry 'thicket keygen --help'.\n"},
      {{"genconf", "here"},
       "thicket genconf: unexpected argument \"here\"\n"
       "Try 'thicket genconf --help'.\n"},
      {{"genconf", "--", "--json"},
       "thicket genconf: unexpected argument \"--json\"\n"
       "Try 'thicket genconf --help'.\n"},
      {{"keygen", "--seconds", "soon"},
       "thicket keygen: --seconds: found \"soon\", expected 0 to 86400\n"
       "Try 'thicket keygen --help'.\n"},
      {{"run", "--log-level", "wran"},
       "thicket run: --log-level: found \"wran\", expected error, warn, "
       "info or debug; did you mean \"warn\"?\nTry 'thicket run --help'.\n"},
      {{"run", "peer.example.net"},
       "thicket run: 'peer.example.net' is no peer URI: expected one such as "
       "tls://example.org:443\nTry 'thicket run --help'.\n"},
      {{"demo", "--seconds", "0"},
       "thicket demo: --seconds: found \"0\", expected a number from 1 to 3600\n"
       "Try 'thicket demo --help'.\n"},
  };
  for (const Case& c : kCases) {
    const auto result = run_program(c.arguments);
    EXPECT_EQ(result.status, kExitUsage) << c.errors;
    EXPECT_EQ(result.output, "") << c.errors;
    EXPECT_EQ(result.errors, c.errors);
  }
  const auto missing = run_program({"address", "--config"});
  EXPECT_EQ(missing.status, kExitUsage);
  EXPECT_THAT(missing.errors, HasSubstr("config"));
}

TEST(CommandLine, DerivesWhatFollowsFromAKey) {
  const TemporaryFolder folder;
  const std::string file = folder.write("a.conf", std::string(kSampleConfig)).string();
  EXPECT_EQ(run_program({"address", "--config", file}).output, std::string(kZeroAddress) + "\n");
  EXPECT_EQ(run_program({"subnet", "--config=" + file}).output, std::string(kZeroSubnet) + "\n");
  EXPECT_EQ(run_program({"publickey", "-c", file}).output, std::string(kZeroPublicKey) + "\n");
  EXPECT_EQ(run_program({"address", "--config", "-"}, std::string(kSampleConfig)).output,
            std::string(kZeroAddress) + "\n");
  const std::string all =
      fmt::format("{{\n  \"address\": \"{}\",\n  \"key\": \"{}\",\n  \"subnet\": \"{}\"\n}}\n",
                  kZeroAddress, kZeroPublicKey, kZeroSubnet);
  for (const char* command : {"address", "subnet", "publickey"}) {
    EXPECT_EQ(run_program({command, "--json", "--config", file}).output, all) << command;
  }
}

TEST(CommandLine, ReadsTheConfigurationOfTheStateDirectory) {
  const TemporaryFolder folder;
  const std::vector<std::string> environment{"STATE_DIRECTORY=" + folder.path().string()};
  const auto without = run_program({"address"}, "", environment);
  EXPECT_EQ(without.status, kExitBadConfig);
  EXPECT_THAT(without.errors,
              HasSubstr("thicket.conf: found No such file or directory, expected the "
                        "configuration that 'thicket run' makes, or --config FILE"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  folder.write("thicket.conf", std::string(kSampleConfig));
  EXPECT_EQ(run_program({"address"}, "", environment).output, std::string(kZeroAddress) + "\n");
}

TEST(CommandLine, SaysWhatIsWrongWithAConfiguration) {
  const TemporaryFolder folder;
  const std::string file = folder.write("a.conf", "Peers: []\nIfMTU: 12\n").string();
  const auto wrong = run_program({"address", "--config", file});
  EXPECT_EQ(wrong.status, kExitBadConfig);
  EXPECT_EQ(wrong.output, "");
  EXPECT_EQ(wrong.errors, "thicket address: " + file +
                              ":2: IfMTU: found the number 12, expected a whole "
                              "number from 1280 to 65535\n");
  const auto keyless = run_program({"address", "--config", "-"}, "{}");
  EXPECT_EQ(keyless.status, kExitBadConfig);
  EXPECT_EQ(keyless.errors, "thicket address: the configuration names no private key\n");
  EXPECT_EQ(run_program({"run", "--config", file}).status, kExitBadConfig);
}

TEST(CommandLine, GeneratesConfigurationsWithNewKeys) {
  const auto hjson = run_program({"genconf"});
  const auto json = run_program({"genconf", "--json"});
  EXPECT_EQ(hjson.status, kExitOk);
  EXPECT_EQ(json.status, kExitOk);
  EXPECT_THAT(json.output, StartsWith("{\n  \"PrivateKey\": \""));
  const auto one = parse_config(hjson.output, "one");
  const auto two = parse_config(json.output, "two");
  ASSERT_TRUE(one) << one.error().to_string();
  ASSERT_TRUE(two) << two.error().to_string();
  EXPECT_NE(one->identity->public_key(), two->identity->public_key());
  EXPECT_EQ(run_program({"publickey", "--config", "-"}, hjson.output).output,
            one->identity->public_key().to_hex() + "\n");
}

TEST(CommandLine, GeneratesKeys) {
  const auto made = run_program({"keygen"});
  EXPECT_EQ(made.status, kExitOk);
  const auto key = KeyPair::from_hex(line_with(made.output, "PrivateKey: "));
  ASSERT_TRUE(key);
  EXPECT_EQ(line_with(made.output, "PublicKey: "), key->public_key().to_hex());
  // keygen's output is a configuration, too.
  EXPECT_EQ(run_program({"address", "--config", "-"}, made.output).output,
            line_with(made.output, "Address: ") + "\n");
  EXPECT_EQ(run_program({"subnet", "--config", "-"}, made.output).output,
            line_with(made.output, "Subnet: ") + "\n");
  EXPECT_NE(run_program({"keygen"}).output, made.output);

  const auto json = run_program({"keygen", "--json"});
  EXPECT_THAT(json.output, StartsWith("{\n  \"PrivateKey\": \""));
  const auto address = run_program({"address", "--config", "-"}, json.output);
  EXPECT_THAT(json.output, HasSubstr("\"Address\": \"" + line_with(address.output, "") + "\""));
  EXPECT_EQ(run_program({"keygen", "--json", "--pem"}).status, kExitUsage);

  const auto pem = run_program({"keygen", "--pem"});
  EXPECT_TRUE(KeyPair::from_pem(pem.output)) << pem.output;
  EXPECT_THAT(pem.output, StartsWith("-----BEGIN PRIVATE KEY-----\n"));
}

TEST(CommandLine, SearchesForALowKey) {
  const auto made = run_program({"keygen", "--seconds", "1"});
  EXPECT_EQ(made.status, kExitOk);
  // A second tries thousands of keys: one in 2^3 is as low as this.
  EXPECT_LT(line_with(made.output, "PublicKey: "), "2");
}

TEST(CommandLine, NoticesThatItCannotPrint) {
  const std::string full = std::string(THICKET_PROGRAM) + " --version >/dev/full 2>/dev/null";
  EXPECT_EQ(WEXITSTATUS(std::system(full.c_str())), kExitFailure);
}

}  // namespace
}  // namespace thicket::node
