#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "node/build_info.hpp"
#include "node/commands/doctor_command.hpp"
#include "node/commands/doctor_findings.hpp"
#include "node/commands/exit_code.hpp"
#include "node/run_program.hpp"
#include "node/sample_config.hpp"

namespace thicket::node {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// --- what the system says ------------------------------------------------------------------------

TEST(DoctorSystem, FindsRoutesOfTheMesh) {
  constexpr std::string_view kRoutes =
      "02000000000000000000000000000000 07 00000000000000000000000000000000 00 "
      "00000000000000000000000000000000 00000100 00000001 00000000 00000001     tun0\n"
      "02000000000000000000000000000000 08 00000000000000000000000000000000 00 "
      "00000000000000000000000000000000 00000100 00000001 00000000 00000001     tun1\n"
      "02000000000000000000000000000000 07 00000000000000000000000000000000 00 "
      "00000000000000000000000000000000 00000100 00000001 00000000 00000201     lo\n"
      "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
      "00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n"
      "02000000000000000000000000000000 07 short\n";
  EXPECT_THAT(mesh_routes_in(kRoutes), ElementsAre("tun0"));
  EXPECT_THAT(mesh_routes_in(""), IsEmpty());
}

TEST(DoctorSystem, FindsPortsThatAreListenedAt) {
  constexpr std::string_view kSockets =
      "  sl  local_address                         remote_address                        st tx\n"
      "   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0\n"
      "   1: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0\n"
      "   2: 00000000000000000000000000000000:0017 00000000000000000000000000000000:0000 01 0\n"
      "   3: 0100A8C0:0050 00000000:0000 0A 0\n"
      "   4: AA000002000000000000000000000000:0051 00000000000000000000000000000000:0000 0A 0\n"
      "   5: x 0 0A\n"
      "   6: 0:xyz 0 0A\n";
  EXPECT_THAT(listening_ports_in(kSockets, false), ElementsAre(0x16, 0x50, 0x51, 0x1f90));
  EXPECT_THAT(listening_ports_in(kSockets, true), ElementsAre(0x51, 0x1f90));
}

// --- what follows from it ------------------------------------------------------------------------

class Diagnosis : public ::testing::Test {
 protected:
  /// A node and a machine with which all is well.
  Diagnosis() {
    facts.socket = "unix:///run/thicket.sock";
    facts.config.emplace();
    NodeFacts& node = facts.node;
    node.answers = true;
    node.build_name = build_name();
    node.build_version = build_version();
    node.address = kZeroAddress;
    node.tun = true;
    node.tun_name = "tun0";
    node.tun_mtu = 65535;
    node.peers = {peer("tls://192.0.2.1:1", "a"), peer("tls://192.0.2.2:1", "b")};
    SystemFacts& system = facts.system;
    system.root = true;
    system.tun_device = true;
    system.interfaces = {{"tun0", node.address, true, 65535}};
    system.mesh_routes = {"tun0"};
    system.unix_seconds = 1'800'000'000;
    system.clock_synchronised = true;
    system.filters_input = true;
    system.socket_mode = 0660;
  }
  static PeerFact peer(std::string uri, std::string key) {
    PeerFact fact;
    fact.host = uri.substr(6, uri.rfind(':') - 6);
    fact.uri = std::move(uri);
    fact.key = std::move(key);
    fact.up = true;
    fact.latency_ms = 20;
    fact.build = "yggdrasil 0.5.12";
    return fact;
  }
  Finding of(const std::string& subject) const {
    for (const Finding& finding : diagnose(facts)) {
      if (finding.subject == subject) return finding;
    }
    return {subject, Verdict::skipped, "not looked at", ""};
  }
  /// Expects a verdict with advice, and everything else to be well.
  void expect(const std::string& subject, Verdict verdict, const std::string& what,
              const std::string& advice) const {
    const Finding finding = of(subject);
    EXPECT_STREQ(name_of(finding.verdict), name_of(verdict)) << subject;
    EXPECT_THAT(finding.what, HasSubstr(what));
    EXPECT_THAT(finding.advice, HasSubstr(advice));
    for (const Finding& other : diagnose(facts)) {
      if (other.subject == subject) continue;
      EXPECT_STREQ(name_of(other.verdict), "ok") << other.subject;
    }
    const int status = verdict == Verdict::problem   ? kExitProblems
                       : verdict == Verdict::warning ? kExitWarnings
                                                     : kExitOk;
    EXPECT_EQ(doctor_status(diagnose(facts)), status);
  }
  Facts facts;
};

TEST_F(Diagnosis, TellsWithWhichPrivilegesTheNodeRuns) {
  EXPECT_EQ(of("privileges").verdict, Verdict::skipped);  // it did not say
  facts.node.user = "nobody";
  facts.node.protections = "nobody; sandbox: seccomp";
  facts.node.sandboxed = true;
  EXPECT_EQ(of("privileges").what, "it runs as nobody; sandbox: seccomp");
  facts.node.root = true;
  EXPECT_THAT(of("privileges").what, HasSubstr("thicket run --user NAME"));
  EXPECT_EQ(of("privileges").verdict, Verdict::ok);
  facts.node.sandboxed = false;
  expect("privileges", Verdict::warning, "it runs as nobody", "Landlock");
  facts.config->sandbox = false;
  EXPECT_EQ(of("privileges").verdict, Verdict::ok);
}

TEST_F(Diagnosis, AllIsWell) {
  for (const Finding& finding : diagnose(facts)) {
    EXPECT_STREQ(name_of(finding.verdict), "ok") << finding.subject << ": " << finding.what;
  }
  EXPECT_EQ(doctor_status(diagnose(facts)), kExitOk);
  EXPECT_THAT(doctor_report(diagnose(facts), {}), HasSubstr("\n\nAll is well.\n"));
  EXPECT_EQ(of("versions").what, "peers run yggdrasil 0.5.12 x2");
  EXPECT_EQ(of("peers").what, "2 of 2 up");
}

TEST_F(Diagnosis, ANodeThatDoesNotAnswer) {
  facts.node = {};
  facts.node.silence = "unix:///run/thicket.sock: Connection refused";
  expect("node", Verdict::problem, "Connection refused", "thicket run");
  EXPECT_EQ(of("peers").what, "not looked at");
  facts.node.silence = "unix:///run/thicket.sock: Permission denied";
  expect("node", Verdict::problem, "Permission denied", "group");
}

TEST_F(Diagnosis, ASocketThatIsOpenToAll) {
  facts.system.socket_mode = 0666;
  expect("node", Verdict::warning, "mode 666", "chmod");
  facts.system.socket_mode.reset();
  facts.socket = "tcp://127.0.0.1:9001";
  expect("node", Verdict::warning, "everybody", "AdminListen");
}

TEST_F(Diagnosis, PeersThatAreMissing) {
  facts.node.peers[1].up = false;
  facts.node.peers[1].last_error = "connection refused";
  EXPECT_EQ(of("peers").verdict, Verdict::warning);
  EXPECT_EQ(of("peers").what, "1 of 2 up; tls://192.0.2.2:1: connection refused");
  EXPECT_THAT(of("diversity").what, HasSubstr("one peer only"));
  facts.node.peers[0].up = false;
  expect("peers", Verdict::problem, "0 of 2 up; tls://192.0.2.1:1: not connected yet", "firewall");
  facts.node.peers.clear();
  expect("peers", Verdict::problem, "none", "Peers");
}

TEST_F(Diagnosis, PeersThatAreOneNodeOrOnOneHost) {
  facts.node.peers[1].host = facts.node.peers[0].host;
  expect("diversity", Verdict::warning, "all 2 peers are on one host, 192.0.2.1", "elsewhere");
  facts.node.peers[1].key = "a";
  expect("diversity", Verdict::warning, "more than one link to the node", "keep the best");
}

TEST_F(Diagnosis, PeersThatAreFar) {
  facts.node.peers[0].latency_ms = 900;
  EXPECT_EQ(of("latency").verdict, Verdict::ok) << "the other one is near";
  facts.node.peers[1].latency_ms = 600;
  expect("latency", Verdict::warning, "600.0 to 900.0 ms", "nearer");
}

TEST_F(Diagnosis, VersionsThatDiffer) {
  facts.node.peers[0].build = "yggdrasil 0.4.7";
  expect("versions", Verdict::warning, "peers run yggdrasil 0.4.7, yggdrasil 0.5.12", "update");
  facts.node.peers[0].build = "thicket 0.0.1";
  expect("versions", Verdict::warning, "thicket 0.0.1", "update");
  facts.node.peers[0].build = "something of their own";
  EXPECT_EQ(of("versions").verdict, Verdict::ok);
  facts.node.build_version = "0.0.1";
  expect("versions", Verdict::warning, "the node runs 0.0.1", "start the node again");
  facts.node.build_version = build_version();
  for (PeerFact& peer : facts.node.peers) peer.build.clear();
  expect("versions", Verdict::skipped, "no peer says", "");
}

TEST_F(Diagnosis, AnInterfaceThatIsNotAsItShouldBe) {
  facts.system.interfaces[0].up = false;
  expect("tun", Verdict::problem, "tun0 is down", "ip link set tun0 up");
  facts.system.interfaces[0].up = true;
  facts.system.interfaces[0].mtu = 1400;
  expect("mtu", Verdict::warning, "tun0 has 1400, the node 65535", "IfMTU");
  facts.system.interfaces[0].mtu = 1000;
  expect("mtu", Verdict::problem, "1000", "mtu 65535");
  facts.system.interfaces.clear();
  expect("tun", Verdict::problem, "does not have the address", "start the node again");
}

TEST_F(Diagnosis, NoInterface) {
  facts.node.tun = false;
  expect("tun", Verdict::problem, "only relays", "CAP_NET_ADMIN");
  facts.system.tun_device = false;
  expect("tun", Verdict::problem, "no /dev/net/tun", "modprobe tun");
  facts.config->interface_name = "none";
  expect("tun", Verdict::ok, "as configured", "");
}

TEST_F(Diagnosis, RoutesThatLeadElsewhere) {
  facts.system.mesh_routes = {"tun0", "tun1"};
  expect("routes", Verdict::warning, "tun0, tun1", "one node");
  facts.system.mesh_routes = {"eth0"};
  expect("routes", Verdict::problem, "not routed to tun0 but to eth0", "200::/7 dev tun0");
}

TEST_F(Diagnosis, ListenersThatAreNotThere) {
  facts.config->listen = {"tls://0.0.0.0:443?password=x", "tcp://[::]:80", "tcp://0.0.0.0:0"};
  facts.system.tcp_ports = {443};
  expect("listeners", Verdict::problem, "nobody listens at port 80", "log");
  facts.system.tcp_ports = {80, 443};
  expect("listeners", Verdict::ok, "at port 443, 80", "");
  facts.node = {};
  EXPECT_EQ(of("listeners").verdict, Verdict::warning);
  EXPECT_THAT(of("listeners").what, HasSubstr("another program listens at port 443, 80"));
  facts.config.reset();
  EXPECT_EQ(of("listeners").verdict, Verdict::skipped);
}

TEST_F(Diagnosis, ServicesThatAreOpenToTheMesh) {
  facts.system.mesh_ports = {22, 80};
  expect("firewall", Verdict::ok, "rules filter", "");
  facts.system.filters_input = false;
  expect("firewall", Verdict::warning, "the whole mesh can reach TCP port 22, 80", "iifname tun0");
  facts.system.filters_input.reset();
  facts.system.firewall_tool = true;
  expect("firewall", Verdict::skipped, "to root only", "as root");
  facts.system.mesh_ports.clear();
  expect("firewall", Verdict::ok, "no service", "");
}

TEST_F(Diagnosis, AClockThatIsWrong) {
  facts.system.clock_synchronised = false;
  expect("clock", Verdict::warning, "not synchronised", "set-ntp");
  facts.node.newest_path = facts.system.unix_seconds + 3600;
  expect("clock", Verdict::warning, "3600 s ahead", "NTP");
  facts.system.unix_seconds = 1'000'000;
  expect("clock", Verdict::problem, "far behind", "NTP");
}

TEST_F(Diagnosis, TheReportFitsTheTerminal) {
  facts.system.mesh_ports = {22, 80};
  facts.system.filters_input = false;
  facts.system.mesh_routes.clear();
  const std::string report = doctor_report(diagnose(facts), {});
  std::istringstream lines(report);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  EXPECT_THAT(report, HasSubstr("\nproblem   routes      200::/7 is not routed to tun0\n"
                                "                      -> ip -6 route add 200::/7 dev tun0\n"));
  EXPECT_THAT(report, HasSubstr("\n\n1 problem, 1 warning.\n"));
  EXPECT_THAT(doctor_report(diagnose(facts), {.width = 40}),
              HasSubstr("\nproblem   routes\n"
                        "  200::/7 is not routed to tun0\n"
                        "  -> ip -6 route add 200::/7 dev tun0\n"));
}

// --- from the command line -----------------------------------------------------------------------

TEST(DoctorCommand, WorksWithoutANode) {
  const TemporaryFolder folder;
  const std::string uri = "unix://" + (folder.path() / "none.sock").string();
  const auto text = run_program({"doctor", "--socket", uri});
  EXPECT_EQ(text.status, kExitProblems);
  EXPECT_EQ(text.errors, "");
  EXPECT_THAT(text.output, StartsWith("problem   node        no answer: "));
  const auto result = run_program({"doctor", "--json", "--socket", uri});
  const auto answer = nlohmann::json::parse(result.output);
  EXPECT_GE(answer["problems"], 1);
  EXPECT_EQ(answer["findings"][0]["subject"], "node");
  EXPECT_EQ(answer["findings"][0]["verdict"], "problem");
  EXPECT_THAT(answer["findings"][0]["advice"], HasSubstr("thicket run"));
}

TEST(DoctorCommand, ExplainsWhatIsWrong) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_program({"doctor", "x"}).status, kExitUsage);
  EXPECT_EQ(run_program({"doctor", "--socket", "unix:///x", "--config", "x"}).status, kExitUsage);
  EXPECT_EQ(run_program({"doctor", "--config", folder.path() / "x"}).status, kExitBadConfig);
}

}  // namespace
}  // namespace thicket::node
