#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "node/commands/exit_code.hpp"
#include "node/config/config.hpp"
#include "node/run_program.hpp"
#include "node/sample_config.hpp"
#include "node/temporary_folder.hpp"

namespace thicket::node {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string state_in(const TemporaryFolder& folder) {
  return "STATE_DIRECTORY=" + folder.path().string();
}

// --- check --------------------------------------------------------------------------------------

TEST(ConfigCheck, NamesEveryMistake) {
  const TemporaryFolder folder;
  const std::string file = folder.write("bad.conf", R"({
  Peers: [ "tls:/x", 5 ]
  IfMTU: 5
  LogLevel: inf
  Lissten: []
  AllowedPublicKeys: [ "ab" ]
  MulticastInterfaces: [ { "Port": 99999, "Regex": "[" } ]
})");
  const auto checked = run_program({"config", "check", file});
  EXPECT_EQ(checked.status, kExitBadConfig);
  for (const char* part :
       {":2: Peers[0]: found ", ":2: Peers[1]: found the number 5, expected text in quotes\n",
        ":3: IfMTU: found the number 5, expected a whole number from 1280 to 65535\n",
        ":4: LogLevel: found the text \"inf\", expected error, warn, info or debug; did you mean "
        "\"info\"?\n",
        ":5: Lissten is no known key and is ignored; did you mean \"Listen\"?\n",
        ":6: AllowedPublicKeys[0]: found ", ":7: MulticastInterfaces[0].Port: found ",
        ":7: MulticastInterfaces[0].Regex: found "}) {
    EXPECT_THAT(checked.output, HasSubstr(file + part));
  }
  EXPECT_THAT(checked.output, HasSubstr("bad.conf: 7 errors, 1 warning\n"));

  const auto listed = run_program({"config", "check", "--json", file});
  EXPECT_EQ(listed.status, kExitBadConfig);
  const json all = json::parse(listed.output);
  EXPECT_EQ(all["errors"].size(), 7u);
  EXPECT_EQ(all["warnings"].size(), 1u);
  EXPECT_EQ(all["errors"][2]["key"], "IfMTU");
  EXPECT_EQ(all["errors"][2]["line"], 3);
}

TEST(ConfigCheck, AGoodFileIsGood) {
  const TemporaryFolder folder;
  const std::string file = folder.write("good.conf", std::string(kSampleConfig));
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  const auto checked = run_program({"config", "check", file});
  EXPECT_EQ(checked.status, kExitOk);
  EXPECT_EQ(checked.output, file + ": 0 errors, 0 warnings\n");
}

TEST(ConfigCheck, AMissingFileIsAnError) {
  const auto checked = run_program({"config", "check", "/nonexistent.conf"});
  EXPECT_EQ(checked.status, kExitBadConfig);
  EXPECT_THAT(checked.output, HasSubstr("No such file"));
}

TEST(ConfigCommand, KnowsWhatItCanDo) {
  const auto wrong = run_program({"config", "chekc"});
  EXPECT_EQ(wrong.status, kExitUsage);
  EXPECT_THAT(wrong.errors, HasSubstr("did you mean \"check\"?"));
  EXPECT_EQ(run_program({"config", "check", "--force", "x"}).status, kExitUsage);
  EXPECT_EQ(run_program({"config"}).status, kExitUsage);
}

// --- show ---------------------------------------------------------------------------------------

TEST(ConfigShow, FillsInDefaultsAndHidesSecrets) {
  const TemporaryFolder folder;
  const std::string file = folder.write("a.conf", std::string(kSampleConfig));
  const auto shown = run_program({"config", "show", file});
  EXPECT_EQ(shown.status, kExitOk);
  const json all = json::parse(shown.output);
  EXPECT_EQ(all["PrivateKey"], "(hidden)");
  EXPECT_EQ(all["GroupPassword"], "(hidden)");
  EXPECT_EQ(all["MulticastInterfaces"][0]["Password"], "(hidden)");
  EXPECT_EQ(all["IfMTU"], 1400);
  EXPECT_EQ(all["Lookup"], "auto");
  for (const char* secret : {"a%20b", "correct horse", "0000000000000000"}) {
    EXPECT_THAT(shown.output, Not(HasSubstr(secret)));
  }
  // Every key that a file may have.
  for (const std::string& key : config_keys()) {
    const bool in_a_list = key.find('.') != std::string::npos;
    EXPECT_TRUE(in_a_list || all.contains(key)) << key;
  }
}

// --- migrate ------------------------------------------------------------------------------------

TEST(ConfigMigrate, KeepsWhatTheFileSays) {
  const TemporaryFolder folder;
  const std::string old = folder.write("yggdrasil.conf", std::string(kSampleConfig));
  const auto done = run_program({"config", "migrate", "--json", old}, {}, {state_in(folder)});
  ASSERT_EQ(done.status, kExitOk) << done.errors;
  const json report = json::parse(done.output);
  const std::filesystem::path file = folder.path() / "thicket.conf";
  EXPECT_EQ(report["to"], file.string());
  EXPECT_EQ(report["changed"].size(), 1u) << "the socket: " << report["changed"];

  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  const auto before = load_config(old);
  const auto after = load_config(file);
  ASSERT_TRUE(before && after) << after.error().to_string();
  EXPECT_EQ(after->identity->to_hex(), before->identity->to_hex());
  EXPECT_EQ(after->peers, before->peers);
  EXPECT_EQ(after->listen, before->listen);
  EXPECT_EQ(after->multicast_interfaces, before->multicast_interfaces);
  EXPECT_EQ(after->allowed_public_keys, before->allowed_public_keys);
  EXPECT_EQ(after->group_password, before->group_password);
  EXPECT_EQ(after->interface_name, before->interface_name);
  EXPECT_EQ(after->interface_mtu, before->interface_mtu);
  EXPECT_EQ(json::parse(after->node_info_json), json::parse(before->node_info_json));
  EXPECT_EQ(after->interface_peers.at("eth1"), before->interface_peers.at("eth1"));
}

TEST(ConfigMigrate, NeverOverwritesUnlessToldTo) {
  const TemporaryFolder folder;
  const std::string old = folder.write("yggdrasil.conf", zero_key_line());
  const std::filesystem::path file = folder.write("thicket.conf", "precious");
  const auto refused = run_program({"config", "migrate", old}, {}, {state_in(folder)});
  EXPECT_EQ(refused.status, kExitFailure);
  EXPECT_THAT(refused.errors, HasSubstr("--force"));
  EXPECT_EQ(contents(file), "precious");

  const auto forced = run_program({"config", "migrate", "--force", old}, {}, {state_in(folder)});
  EXPECT_EQ(forced.status, kExitOk) << forced.errors;
  EXPECT_EQ(load_config(file)->identity->public_key().to_hex(), kZeroPublicKey);
  EXPECT_EQ(contents(folder.path() / "thicket.conf.old"), "precious");
}

TEST(ConfigMigrate, SaysWhatIsLeftOut) {
  const TemporaryFolder folder;
  const std::string old = folder.write("yggdrasil.conf", zero_key_line() + R"(
Peers: [ "quic://a.example:1", "tls://b.example:2?password=x" ]
SessionFirewall: {}
)");
  const auto done = run_program({"config", "migrate", old}, {}, {state_in(folder)});
  EXPECT_EQ(done.status, kExitOk) << done.errors;
  EXPECT_THAT(done.output, HasSubstr("kept      PrivateKey, Peers\n"));
  EXPECT_THAT(done.output, HasSubstr("SessionFirewall is no known key"));
  EXPECT_THAT(done.output, HasSubstr("Peers[0] is left out: quic://"));
  EXPECT_THAT(load_config(folder.path() / "thicket.conf")->peers,
              ElementsAre("tls://b.example:2?password=x"));
}

TEST(ConfigMigrate, TakesTheKeyOutOfItsFile) {
  const TemporaryFolder folder;
  folder.write("key.pem", KeyPair::from_hex(kZeroPrivateKey)->to_pem());
  const std::string old = folder.write("yggdrasil.conf", "PrivateKeyPath: key.pem\n");
  const std::string output = (folder.path() / "else" / "new.conf").string();
  const auto done = run_program({"config", "migrate", "--output", output, old});
  EXPECT_EQ(done.status, kExitOk) << done.errors;
  EXPECT_THAT(done.output, HasSubstr("PrivateKeyPath: the key in "));
  EXPECT_EQ(load_config(output)->identity->public_key().to_hex(), kZeroPublicKey);
  EXPECT_TRUE(load_config(output)->private_key_path.empty());
}

TEST(ConfigMigrate, OfAWrongFileNothingIsWritten) {
  const TemporaryFolder folder;
  const std::string old = folder.write("yggdrasil.conf", "{ \"IfMTU\": 5, \"Peers\": 7 }");
  const auto done = run_program({"config", "migrate", old}, {}, {state_in(folder)});
  EXPECT_EQ(done.status, kExitBadConfig);
  EXPECT_THAT(done.errors, HasSubstr("IfMTU: found the number 5"));
  EXPECT_THAT(done.errors, HasSubstr("Peers: found the number 7"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "thicket.conf"));
}

TEST(ConfigMigrate, WritesToStandardOutput) {
  const TemporaryFolder folder;
  const std::string old = folder.write("yggdrasil.conf", zero_key_line());
  const auto done = run_program({"config", "migrate", "--output", "-", old});
  EXPECT_EQ(done.status, kExitOk) << done.errors;
  EXPECT_EQ(parse_config(done.output, "-")->identity->public_key().to_hex(), kZeroPublicKey);
}

// --- the manual ---------------------------------------------------------------------------------

TEST(ConfigManual, ExplainsEveryKey) {
  const std::string manual = contents(THICKET_SOURCE_DIR "/node/thicket.1");
  const std::size_t begin = manual.find(".SH CONFIGURATION\n");
  const std::string section = manual.substr(begin, manual.find("\n.SH ", begin + 1) - begin);
  const std::string reloading = manual.substr(manual.find(".SH RELOADING\n"));
  for (const std::string& key : config_keys()) {
    const std::string name = key.substr(key.find('.') + 1);
    EXPECT_THAT(section, HasSubstr("\n.TP\n.B " + name + "\n")) << key;
    if (name == key) {
      EXPECT_THAT(reloading, HasSubstr(key)) << "what a reload does with it";
    }
  }
}

// Each entry ends with its default, whatever that is.
TEST(ConfigManual, TellsEveryDefault) {
  const std::string manual = contents(THICKET_SOURCE_DIR "/node/thicket.1");
  const std::size_t begin = manual.find(".SH CONFIGURATION\n");
  const std::string section = manual.substr(begin, manual.find("\n.SH ", begin + 1) - begin);
  for (const std::string& key : config_keys()) {
    const std::string name = key.substr(key.find('.') + 1);
    const std::size_t at = section.find("\n.TP\n.B " + name + "\n");
    const std::string entry = section.substr(at, section.find("\n.TP\n", at + 1) - at);
    EXPECT_THAT(entry, HasSubstr("\nDefault:")) << key;
  }
}

}  // namespace
}  // namespace thicket::node
