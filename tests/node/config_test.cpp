#include "node/config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "node/config/config_uri.hpp"
#include "node/sample_config.hpp"
#include "node/temporary_folder.hpp"

namespace thicket::node {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

Config config_of(const std::string& text) {
  auto config = parse_config(text, "a.conf");
  if (config) return std::move(*config);
  ADD_FAILURE() << config.error().to_string();
  return {};
}

std::string problem(const std::string& text) {
  const auto config = parse_config(text, "a.conf");
  return config ? "no error" : config.error().to_string();
}

TEST(Config, ReadsEveryKey) {
  const Config config = config_of(std::string(kSampleConfig));
  ASSERT_TRUE(config.identity);
  EXPECT_EQ(config.identity->public_key().to_hex(), kZeroPublicKey);
  EXPECT_THAT(config.peers,
              ElementsAre("tls://192.0.2.1:443", "tcp://[2001:db8::1]:9001?priority=3",
                          "tls://peer.example.net:8443?password=a%20b"));
  ASSERT_EQ(config.interface_peers.size(), 2u);
  EXPECT_THAT(config.interface_peers.at("eth1"), ElementsAre("tcp://198.51.100.7:12345"));
  EXPECT_THAT(config.interface_peers.at("wlan0"), IsEmpty());
  EXPECT_THAT(config.listen, ElementsAre("tls://[::]:0", "tcp://0.0.0.0:9001"));
  EXPECT_EQ(config.admin_listen, "unix:///var/run/yggdrasil/yggdrasil.sock");
  ASSERT_EQ(config.multicast_interfaces.size(), 2u);
  const MulticastInterface& first = config.multicast_interfaces[0];
  EXPECT_EQ(first.regex, "^(eth|wlan)\\d+$");
  EXPECT_TRUE(first.beacon);
  EXPECT_FALSE(first.listen);
  EXPECT_EQ(first.port, 9002);
  EXPECT_EQ(first.priority, 7);
  EXPECT_EQ(first.password, "12345");
  EXPECT_FALSE(config.multicast_interfaces[1].beacon);
  ASSERT_EQ(config.allowed_public_keys.size(), 1u);
  EXPECT_EQ(config.allowed_public_keys[0].to_hex(),
            "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c");
  EXPECT_EQ(config.group_password, "correct horse battery");
  EXPECT_EQ(config.interface_name, "ygg0");
  EXPECT_EQ(config.interface_mtu, 1400u);
  EXPECT_TRUE(config.log_lookups);
  EXPECT_TRUE(config.node_info_privacy);
  EXPECT_EQ(nlohmann::json::parse(config.node_info_json), nlohmann::json::parse(R"({
    "name": "a node # not a comment", "location": {"lat": 52.5, "lon": 13.4},
    "contact": "x@example.net"})"));
  EXPECT_THAT(config.warnings, IsEmpty());
}

void expect_defaults(const Config& config) {
  EXPECT_FALSE(config.identity);
  EXPECT_THAT(config.peers, IsEmpty());
  EXPECT_THAT(config.interface_peers, IsEmpty());
  EXPECT_THAT(config.listen, IsEmpty());
  EXPECT_EQ(config.admin_listen, "unix:///var/run/yggdrasil.sock");
  EXPECT_THAT(config.allowed_public_keys, IsEmpty());
  EXPECT_EQ(config.group_password, "");
  EXPECT_EQ(config.interface_name, "auto");
  EXPECT_EQ(config.interface_mtu, 65535u);
  EXPECT_FALSE(config.log_lookups);
  EXPECT_TRUE(config.sandbox);
  EXPECT_FALSE(config.node_info_privacy);
  EXPECT_EQ(config.node_info_json, "{}");
  EXPECT_THAT(config.warnings, IsEmpty());
}

TEST(Config, FillsInDefaults) {
  const Config config = config_of("{}");
  expect_defaults(config);
  ASSERT_EQ(config.multicast_interfaces.size(), 1u);
  EXPECT_EQ(config.multicast_interfaces[0].regex, ".*");
  EXPECT_TRUE(config.multicast_interfaces[0].beacon);
  EXPECT_TRUE(config.multicast_interfaces[0].listen);
  expect_defaults(config_of(R"({"Peers": null, "InterfacePeers": null, "Listen": null,
    "AllowedPublicKeys": null, "NodeInfo": null, "IfMTU": 0, "IfName": "", "PrivateKeyPath": ""})"));
}

TEST(Config, ReadsTheListsThatTurnLocalDiscoveryOff) {
  EXPECT_THAT(config_of("MulticastInterfaces: []").multicast_interfaces, IsEmpty());
  EXPECT_THAT(config_of("{\"MulticastInterfaces\": null}").multicast_interfaces, IsEmpty());
}

// As yggdrasil -normaliseconf shows it.
TEST(Config, LeavesDiscoveryOffInLaterEntriesThatDoNotMentionIt) {
  const Config config = config_of(R"({"MulticastInterfaces": [{"Regex": "a"}, {"Regex": "b"},
    {"Regex": "c", "Beacon": true, "Listen": true}]})");
  ASSERT_EQ(config.multicast_interfaces.size(), 3u);
  EXPECT_TRUE(config.multicast_interfaces[0].beacon);
  EXPECT_TRUE(config.multicast_interfaces[0].listen);
  EXPECT_FALSE(config.multicast_interfaces[1].beacon);
  EXPECT_FALSE(config.multicast_interfaces[1].listen);
  EXPECT_TRUE(config.multicast_interfaces[2].listen);
  EXPECT_THAT(config.warnings,
              ElementsAre("a.conf:1: MulticastInterfaces[1] does not say both Beacon and Listen; "
                          "what it leaves out is false"));
}

TEST(Config, MatchesKeysWhateverTheirCase) {
  const Config config = config_of("ifmtu: 1500\nIFNAME: tap9\nmulticastinterfaces: [{port: 7}]");
  EXPECT_EQ(config.interface_mtu, 1500u);
  EXPECT_EQ(config.interface_name, "tap9");
  EXPECT_EQ(config.multicast_interfaces.at(0).port, 7);
}

TEST(Config, TakesBareWordsForTextWhereYggdrasilDoes) {
  EXPECT_EQ(config_of("GroupPassword: 123\n").group_password, "123");
  EXPECT_EQ(config_of("GroupPassword: 1.50 # cents\n").group_password, "1.50 # cents");
  EXPECT_EQ(config_of("GroupPassword: true\n").group_password, "true");
  EXPECT_EQ(config_of("IfName: 5\n").interface_name, "5");
  EXPECT_EQ(problem("{GroupPassword: 123, IfMTU: 1500}"),
            "a.conf:1: GroupPassword: found a number, expected text in quotes");
}

TEST(Config, UnderstandsWhereTheAdministrationSocketListens) {
  EXPECT_EQ(config_of("AdminListen: none").admin_listen, "none");
  EXPECT_EQ(config_of("AdminListen: \"\"").admin_listen, "none");
  EXPECT_EQ(config_of("AdminListen: localhost:9001").admin_listen, "tcp://localhost:9001");
  EXPECT_EQ(config_of("AdminListen: tcp://[::1]:9001").admin_listen, "tcp://[::1]:9001");
  const Config open = config_of("\nAdminListen: tcp://192.0.2.1:9001");
  EXPECT_EQ(open.admin_listen, "none");
  EXPECT_THAT(open.warnings,
              ElementsAre("a.conf:2: AdminListen: \"192.0.2.1\" is not a loopback address; there "
                          "will be no administration socket"));
  EXPECT_EQ(config_of("AdminListen: unix:///" + std::string(200, 'x')).admin_listen, "none");
  for (const char* bad : {"unix://", "tcp://localhost", "tcp://localhost:x", "tcp://::1:1",
                          "http://localhost:80", "9001"}) {
    EXPECT_FALSE(admin_listen_address(bad)) << bad;
  }
}

TEST(Config, ClampsAnMtuThatIsTooLarge) {
  const Config config = config_of("\nIfMTU: 70000");
  EXPECT_EQ(config.interface_mtu, 65535u);
  EXPECT_THAT(config.warnings,
              ElementsAre("a.conf:2: IfMTU is 70000; the largest possible 65535 is used"));
  EXPECT_EQ(config_of("IfMTU: 100\nIfName: none").interface_mtu, 65535u);
}

TEST(Config, LeavesOutListenersThatCannotWork) {
  const Config config =
      config_of("Listen: [\n\"tcp://[::]:1\"\n\"gopher://[::]:1?password=s3cr3t\"\n]");
  EXPECT_THAT(config.listen, ElementsAre("tcp://[::]:1"));
  ASSERT_EQ(config.warnings.size(), 1u);
  EXPECT_THAT(config.warnings[0], StartsWith("a.conf:3: Listen[1]: found \"gopher://[::]:1?"));
  EXPECT_THAT(config.warnings[0], Not(HasSubstr("s3cr3t")));
}

TEST(Config, WarnsOfUnknownAndRepeatedKeys) {
  const Config config = config_of(
      "Peer: [\n]\nIfMTU: 1300\nFirewall: {}\nifmtu: 1400\nMulticastInterfaces: [{Beakon: true}]");
  EXPECT_EQ(config.interface_mtu, 1400u);
  EXPECT_THAT(
      config.warnings,
      ElementsAre("a.conf:1: Peer is no known key and is ignored; did you mean \"Peers\"?",
                  "a.conf:4: Firewall is no known key and is ignored",
                  "a.conf:3: IfMTU is given again in line 5, which counts",
                  "a.conf:6: MulticastInterfaces[0].Beakon is no known key and is ignored; did you "
                  "mean \"Beacon\"?"));
}

// A configuration that serves Yggdrasil too may name peers of kinds that are not built yet.
TEST(Config, LeavesOutPeersThatCannotBeDialledYet) {
  const Config config = config_of("Peers: [\ntls://a:1\nquic://b:2\n]");
  EXPECT_THAT(config.peers, ElementsAre("tls://a:1"));
  EXPECT_THAT(config.warnings, ElementsAre(StartsWith("a.conf:3: Peers[1] is left out: quic://")));
}

struct Golden {
  std::string text;
  std::string error;
};

const std::string kManyLetters(70, 'p');

const Golden kGoldens[] = {
    {"5", "a.conf:1: found a number, expected an object with the keys of a configuration"},
    {"[]", "a.conf:1: found a list, expected an object with the keys of a configuration"},
    {"null", "a.conf:1: found null, expected an object with the keys of a configuration"},
    {"{\n\"IfMTU\": 1500\n",
     "a.conf:3: found the end of the file, expected '}' for the '{' in line 1"},
    {"\nIfMTU: big",
     "a.conf:2: IfMTU: found the text \"big\", expected a whole number from 1280 to 65535"},
    {"IfMTU: 1279",
     "a.conf:1: IfMTU: found the number 1279, expected a whole number from 1280 to 65535"},
    {"IfMTU: -5",
     "a.conf:1: IfMTU: found the number -5, expected a whole number from 1280 to 65535"},
    {"IfMTU: 1500.5",
     "a.conf:1: IfMTU: found the number 1500.5, expected a whole number from 1280 to 65535"},
    {"IfName: way/out",
     "a.conf:1: IfName: found the text \"way/out\", expected auto, none or an "
     "interface name of at most 15 bytes"},
    {"IfName: a%d",
     "a.conf:1: IfName: found the text \"a%d\", expected auto, none or an "
     "interface name of at most 15 bytes"},
    {"IfName: sixteen-bytes-16",
     "a.conf:1: IfName: found the text \"sixteen-bytes-16\", expected auto, "
     "none or an interface name of at most 15 bytes"},
    {"Peers: tcp://a:1",
     "a.conf:1: Peers: found the text \"tcp://a:1\", expected a list of peer URIs"},
    {"Peers: [\n\"tcp://a:1\"\n{}\n]",
     "a.conf:3: Peers[1]: found an object, expected text in quotes"},
    {"Peers: [\n\"tcp://a:1\"\n\n\"\"]",
     "a.conf:4: Peers[1]: found \"\", expected one such as tls://example.org:443"},
    {"Peers: [\"gopher://a:1\"]",
     "a.conf:1: Peers[0]: found \"gopher://a:1\" (scheme 'gopher' is unknown), expected tcp, tls "
     "or unix"},
    {"Peers: [\"tls://a:1?password=x&priority=900\"]",
     "a.conf:1: Peers[0]: found \"tls://a:1?…\" (option priority is '900'), expected a number "
     "from 0 to 255"},
    {"InterfacePeers: []",
     "a.conf:1: InterfacePeers: found a list, expected an object: interface name "
     "to list of peer URIs"},
    {"InterfacePeers: {eth0: tcp://a:1\n}",
     "a.conf:1: InterfacePeers.eth0: found the text "
     "\"tcp://a:1\", expected a list of peer URIs"},
    {"Listen: {}", "a.conf:1: Listen: found an object, expected a list of URIs to listen on"},
    {"AdminListen: nowhere",
     "a.conf:1: AdminListen: found the text \"nowhere\", expected none, "
     "unix:///path or tcp://host:port"},
    {"MulticastInterfaces: eth0",
     "a.conf:1: MulticastInterfaces: found the text \"eth0\", expected a "
     "list of objects"},
    {"MulticastInterfaces: [\neth0\n]",
     "a.conf:2: MulticastInterfaces[0]: found the text \"eth0\", "
     "expected an object"},
    {"MulticastInterfaces: [{}\n{\nPort: 65536}]",
     "a.conf:3: MulticastInterfaces[1].Port: found the "
     "number 65536, expected a whole number from 0 to 65535"},
    {"MulticastInterfaces: [{Priority: 256}]",
     "a.conf:1: MulticastInterfaces[0].Priority: found the "
     "number 256, expected a whole number from 0 to 255"},
    {"MulticastInterfaces: [{Beacon: 1}]",
     "a.conf:1: MulticastInterfaces[0].Beacon: found the number "
     "1, expected true or false"},
    {"MulticastInterfaces: [{Regex: \"(a\"}]",
     "a.conf:1: MulticastInterfaces[0].Regex: found the text "
     "\"(a\" (Unmatched ( or \\(), expected a regular expression"},
    {"MulticastInterfaces: [{Password: \"" + kManyLetters + "\"}]",
     "a.conf:1: MulticastInterfaces[0].Password: found a text of 70 bytes, expected at most 64 "
     "bytes"},
    {"AllowedPublicKeys: [\nabcd\n]",
     "a.conf:2: AllowedPublicKeys[0]: found the text \"abcd\", expected "
     "a public key of 64 hexadecimal digits"},
    {"PrivateKey: abcd",
     "a.conf:1: PrivateKey: found 4 characters, expected 128 hexadecimal digits"},
    {"PrivateKey: \"\"",
     "a.conf:1: PrivateKey: found 0 characters, expected 128 hexadecimal digits"},
    {"PrivateKey: []", "a.conf:1: PrivateKey: found a list, expected 128 hexadecimal digits"},
    {"PrivateKey: " + std::string(128, '0'),
     "a.conf:1: PrivateKey: found a key whose last 64 digits are "
     "not its public key, expected a secret key followed by its "
     "public key"},
    {"PrivateKeyPath: /nowhere/key.pem",
     "a.conf:1: PrivateKeyPath: found /nowhere/key.pem (No such file "
     "or directory), expected a readable PEM file"},
    {"PrivateKeyPath: /",
     "a.conf:1: PrivateKeyPath: found / (it is a folder), expected a readable PEM file"},
    {"Sandbox: maybe", "a.conf:1: Sandbox: found the text \"maybe\", expected true or false"},
    {"LogLookups: yes", "a.conf:1: LogLookups: found the text \"yes\", expected true or false"},
    {"MetricsListen: 9100",
     "a.conf:1: MetricsListen: found \"9100\" (the port is missing), expected none or "
     "address:port, like 127.0.0.1:9100"},
    {"MetricsListen: example.net:9100",
     "a.conf:1: MetricsListen: found \"example.net:9100\" (\"example.net\" is neither an address "
     "nor localhost), expected none or address:port, like 127.0.0.1:9100"},
    {"MetricsListen: []", "a.conf:1: MetricsListen: found a list, expected none or address:port"},
    {"AutoPeers: 3",
     "a.conf:1: AutoPeers: found the number 3, expected an object with File, Count and "
     "ReplaceAfter"},
    {"AutoPeers: {Count: 0}",
     "a.conf:1: AutoPeers.Count: found the number 0, expected a whole number from 1 to 16"},
    {"AutoPeers: {ReplaceAfter: 9}",
     "a.conf:1: AutoPeers.ReplaceAfter: found the number 9, expected a whole number from 10 to "
     "86400"},
    {"AutoPeers: {File: \"https://example.net/peers.json\"}",
     "a.conf:1: AutoPeers.File: found the URL \"https://example.net/peers.json\", expected the "
     "path of a file: download the list first"},
    {"Lookup: dhtt",
     "a.conf:1: Lookup: found the text \"dhtt\", expected auto, bloom, dht or both; did you mean "
     "\"dht\"?"},
    {"Lookup: true", "a.conf:1: Lookup: found true, expected auto, bloom, dht or both"},
    {"Lookup: [\"dht\"]", "a.conf:1: Lookup: found a list, expected auto, bloom, dht or both"},
    {"NodeInfoPrivacy: 0", "a.conf:1: NodeInfoPrivacy: found the number 0, expected true or false"},
    {"NodeInfo: []", "a.conf:1: NodeInfo: found a list, expected an object"},
    {"NodeInfo: {a: \"" + std::string(16377, 'x') + "\"}",
     "a.conf:1: NodeInfo: found 16385 bytes of JSON, expected at most 16384"},
};

TEST(Config, SaysWhatIsWrongWhereAndWhatToWriteInstead) {
  for (const Golden& golden : kGoldens) EXPECT_EQ(problem(golden.text), golden.error);
  const std::string full = "NodeInfo: {a: \"" + std::string(16376, 'x') + "\"}";
  EXPECT_EQ(problem(full + "\nNodeInfoPrivacy: true"), "no error");
  EXPECT_THAT(problem(full), StartsWith("a.conf:1: NodeInfo: found NodeInfo takes 16"));
}

TEST(Config, ReadsHowNodesAreLookedUp) {
  using routing::LookupPolicy;
  const auto lookup = [](const std::string& text) { return parse_config(text, "a.conf")->lookup; };
  EXPECT_EQ(lookup("{}"), LookupPolicy::automatic);
  EXPECT_EQ(lookup("Lookup: null"), LookupPolicy::automatic);
  EXPECT_EQ(lookup("Lookup: auto"), LookupPolicy::automatic);
  EXPECT_EQ(lookup("Lookup: Bloom"), LookupPolicy::bloom);
  EXPECT_EQ(lookup("lookup: \"dht\""), LookupPolicy::dht);
  EXPECT_EQ(lookup("{\"Lookup\": \"both\"}"), LookupPolicy::both);
}

TEST(Config, AutoPeersAreOffUnlessThereIsAList) {
  const auto config = [](const std::string& text) { return parse_config(text, "a.conf").value(); };
  EXPECT_EQ(config("{}").auto_peers, AutoPeersConfig{});
  EXPECT_EQ(config("AutoPeers: null").auto_peers, AutoPeersConfig{});
  EXPECT_EQ(config("AutoPeers: {File: \"\", Count: 5}").auto_peers, (AutoPeersConfig{"", 5, 300}));
  EXPECT_EQ(config("autopeers: {file: \"/etc/peers.json\", replaceafter: 60}").auto_peers,
            (AutoPeersConfig{"/etc/peers.json", 3, 60}));
  const auto beside = parse_config("AutoPeers: {File: \"peers.json\"}", "/etc/thicket/a.conf");
  ASSERT_TRUE(beside);
  EXPECT_EQ(beside->auto_peers.file, "/etc/thicket/peers.json");
}

TEST(Config, ReadsWhereMetricsAre) {
  const auto config = [](const std::string& text) { return parse_config(text, "a.conf").value(); };
  EXPECT_EQ(config("{}").metrics_listen, "none");
  EXPECT_EQ(config("MetricsListen: null").metrics_listen, "none");
  EXPECT_EQ(config("MetricsListen: \"\"").metrics_listen, "none");
  EXPECT_EQ(config("MetricsListen: none").metrics_listen, "none");
  const Config loopback = config("MetricsListen: localhost:9100");
  EXPECT_EQ(loopback.metrics_listen, "127.0.0.1:9100");
  EXPECT_THAT(loopback.warnings, IsEmpty());
  EXPECT_THAT(config("metricslisten: \"[::1]:9100\"").warnings, IsEmpty());
  const Config open = config("MetricsListen: \"[::]:9100\"");
  EXPECT_EQ(open.metrics_listen, "[::]:9100");
  EXPECT_THAT(open.warnings,
              ElementsAre("a.conf:1: MetricsListen: whoever reaches [::]:9100 can see this node's "
                          "peers and whom it talks to"));
}

TEST(Config, NamesTheFirstMistakeOfTheFile) {
  EXPECT_EQ(problem("NodeInfo: 5\nPrivateKey: abcd"),
            "a.conf:1: NodeInfo: found the number 5, expected an object");
}

TEST(Config, NeverShowsSecrets) {
  const std::string secret = "s3cr3tly";
  for (const std::string& text :
       {"PrivateKey: " + secret, "PrivateKey: {\"" + secret + "\": 1}", "PrivateKey " + secret,
        "IfMTU: 1500\n" + secret + std::string(60, 'x') + " y", "GroupPassword: [" + secret + "\n]",
        "GroupPassword: \"" + secret,
        "MulticastInterfaces: [{Password: \"" + secret + std::string(64, 'x') + "\"}]",
        "Peers: [\"bad://a:1?password=" + secret + "\"]",
        "Peers: [\"bad://user:" + secret + "@a:1\"]", "Peers: [\"tls://user:" + secret + "@a:1\"]",
        "Peers: [\"tls:a?password=" + secret + "\"]"}) {
    EXPECT_THAT(problem(text), Not(HasSubstr("s3"))) << text;
    EXPECT_NE(problem(text), "no error") << text;
  }
}

TEST(Config, ShowsNothingThatATerminalWouldObey) {
  const std::string error = problem("IfName: \"a\\u001b[2J\\u0007/\"");
  EXPECT_THAT(error, HasSubstr("\"a?[2J?/\""));
  EXPECT_THAT(problem("IfName: " + std::string(100000, 'x')), HasSubstr("xxx…\""));
  EXPECT_LT(problem("IfName: " + std::string(100000, 'x')).size(), 200u);
}

TEST(Config, ReadsAKeyFromItsOwnFile) {
  const TemporaryFolder folder;
  const auto key = KeyPair::from_hex(kZeroPrivateKey);
  ASSERT_TRUE(key);
  folder.write("key.pem", key->to_pem());
  folder.write("not.pem", "hello");
  const auto file = folder.write("a.conf", "PrivateKeyPath: key.pem");
  auto config = load_config(file);
  ASSERT_TRUE(config) << config.error().to_string();
  ASSERT_TRUE(config->identity);
  EXPECT_EQ(config->identity->public_key().to_hex(), kZeroPublicKey);

  config = load_config(folder.write("b.conf", "\nPrivateKeyPath: not.pem"));
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().line, 2u);
  EXPECT_THAT(config.error().found, HasSubstr("not.pem"));
}

TEST(Config, PrefersTheKeyFile) {
  const TemporaryFolder folder;
  const std::uint8_t seed[32] = {1};
  const KeyPair other = KeyPair::from_seed(seed);
  folder.write("key.pem", other.to_pem());
  const auto config =
      load_config(folder.write("a.conf", "PrivateKeyPath: key.pem\n" + zero_key_line()));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->identity->public_key(), other.public_key());
  EXPECT_THAT(config->warnings, Contains(HasSubstr("both PrivateKey and PrivateKeyPath")));
}

TEST(Config, WarnsOfAKeyThatEverybodyCanRead) {
  using std::filesystem::perms;
  const TemporaryFolder folder;
  const auto file = folder.write("a.conf", zero_key_line());
  std::filesystem::permissions(file, perms::owner_read | perms::group_read);
  EXPECT_THAT(load_config(file)->warnings, IsEmpty());
  std::filesystem::permissions(file, perms::owner_read | perms::others_read);
  EXPECT_THAT(load_config(file)->warnings, ElementsAre(HasSubstr("chmod 600")));
}

TEST(Config, SaysWhyAFileCannotBeRead) {
  const TemporaryFolder folder;
  auto config = load_config(folder.path() / "none.conf");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().to_string(),
            (folder.path() / "none.conf").string() +
                ": found No such file or directory, expected a readable "
                "configuration");
  config = load_config(folder.path());
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().found, "it is a folder");
  config = load_config("/dev/zero");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().found, "it is no regular file");
  config = load_config(folder.write("long.conf", std::string(kMaxConfigBytes + 1, ' ')));
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().found, HasSubstr("longer than"));
}

RC_GTEST_PROP(Config, SurvivesAnyMixtureOfItsParts, ()) {
  const auto piece = rc::gen::element<std::string>(
      "{", "}", "[", "]", "\n", ": ", ", ", "Peers", "PrivateKey", "IfMTU", "IfName", "NodeInfo",
      "MulticastInterfaces", "Regex", "Port", "InterfacePeers", "AdminListen", "GroupPassword",
      "AllowedPublicKeys", "\"\"", "5", "-1", "true", "null", "x", "tcp://a:1", "PrivateKeyPath",
      std::string(kZeroPrivateKey), std::string(kZeroPublicKey));
  std::string text;
  for (const auto& p : *rc::gen::container<std::vector<std::string>>(piece)) text += p;
  const auto config = parse_config(text, "a.conf");
  if (!config) RC_ASSERT(!config.error().expected.empty());
}

}  // namespace
}  // namespace thicket::node
