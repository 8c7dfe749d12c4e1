#include "sim/scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "sim/number_text.hpp"
#include "sim/scenario_checks.hpp"
#include "sim/scenario_fields.hpp"

namespace thicket::sim {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr std::string_view kSmall = R"({"topology": {"nodes": 5}, "duration_s": 10})";

std::string error_of(std::string_view json, const Overrides& overrides = {}) {
  const auto scenario = parse_scenario(json, "test.json", overrides);
  return scenario ? "" : scenario.error();
}

Scenario scenario_of(std::string_view json, const Overrides& overrides = {}) {
  const auto scenario = parse_scenario(json, "test.json", overrides);
  if (!scenario) throw std::runtime_error(scenario.error());
  return *scenario;
}

std::string quoted(std::size_t length) {
  std::string text = "\"";
  text.append(length, 'a');
  return text += '"';
}

/// Every key with its limits and, as a scenario writes it, its default.
class KeyLister {
 public:
  struct Key {
    std::string path;
    std::string too_low{};  ///< JSON that is out of range; empty: there is no such value
    std::string too_high{};
  };
  explicit KeyLister(std::string path, std::vector<Key>& keys)
      : path_(std::move(path)), keys_(keys) {}

  void text(std::string_view name, const std::string&, std::size_t most) {
    keys_.push_back({path_ + std::string(name), "5", quoted(most + 1)});
  }
  void flag(std::string_view name, bool) { keys_.push_back({path_ + std::string(name), "0", "1"}); }
  void range(std::string_view name, const DurationRange&, Unit unit) { decimal(name, 0, unit); }
  template <class T>
  void whole(std::string_view name, const T&, std::uint64_t least, std::uint64_t most) {
    keys_.push_back({path_ + std::string(name), least == 0 ? "-1" : std::to_string(least - 1),
                     most == UINT64_MAX ? "1e30" : std::to_string(most + 1)});
  }
  template <class T>
  void decimal(std::string_view name, const T&, Unit unit) {
    keys_.push_back({path_ + std::string(name), format_decimal(unit.least - 1, unit.decimals),
                     format_decimal(unit.most + 1, unit.decimals)});
  }
  template <class T, class Words>
  void choice(std::string_view name, const T&, const Words&) {
    keys_.push_back({path_ + std::string(name), "\"wrong\"", "7"});
  }
  template <class T>
  void part(std::string_view name, T&) {
    T value;
    enter(std::string(name), value);
  }
  template <class T>
  void part(std::string_view name, std::optional<T>&) {
    T value;
    enter(std::string(name), value);
  }
  template <class T>
  void list(std::string_view name, std::vector<T>&, std::size_t) {
    T value;
    enter(std::string(name) + ".0", value);
  }

 private:
  template <class T>
  void enter(const std::string& name, T& value) {
    keys_.push_back({path_ + name, "5", "\"text\""});
    KeyLister inner(path_ + name + ".", keys_);
    visit_fields(inner, value);
  }
  std::string path_;
  std::vector<Key>& keys_;
};

std::vector<KeyLister::Key> all_keys() {
  std::vector<KeyLister::Key> keys;
  Scenario scenario;
  KeyLister lister("", keys);
  visit_fields(lister, scenario);
  return keys;
}

/// "adversaries[0].kind" of the override's "adversaries.0.kind".
std::string with_index(const std::string& path, std::string_view index) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '.' && path[i + 1] == '0') {
      out += index;
      ++i;
    } else {
      out += path[i];
    }
  }
  return out;
}

TEST(ScenarioTest, EveryKeyRefusesWhatIsOutOfRangeAndSaysWhere) {
  const auto keys = all_keys();
  EXPECT_GT(keys.size(), 100u);
  for (const auto& key : keys) {
    const std::string shown = with_index(key.path, "[0]");
    for (const std::string& value : {key.too_low, key.too_high}) {
      const std::string error = error_of("{}", {{key.path, value}});
      EXPECT_THAT(error, testing::StartsWith("test.json: " + shown + ": found ")) << value;
      EXPECT_THAT(error, HasSubstr("expected ")) << key.path;
    }
  }
}

TEST(ScenarioTest, EveryKeyIsDocumented) {
  std::ifstream file(std::string(THICKET_SOURCE_DIR) + "/sim/scenarios/README.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const auto& key : all_keys()) {
    const std::string name = with_index(key.path, "[]");
    EXPECT_THAT(text.str(), HasSubstr("| `" + name + "` |"));
  }
}

TEST(ScenarioTest, DefaultsAreThoseOfTheStruct) {
  Scenario expected;
  expected.topology = TopologyOptions{};
  expected.topology->nodes = 5;
  expected.duration = 10s;
  EXPECT_EQ(scenario_of(kSmall), expected);
  EXPECT_EQ(scenario_of(kSmall).links.latency.low, 10ms);
  EXPECT_EQ(scenario_of(kSmall).traffic, std::nullopt);
}

TEST(ScenarioTest, ReadsValuesInTheirUnits) {
  const Scenario scenario = scenario_of(R"({
    "topology": {"kind": "grid", "nodes": 9, "degree": 2.5}, "duration_s": 0.25, "seed": 18446744073709551615,
    "links": {"latency_ms": [0.5, 20], "bandwidth_mbit": 1.5, "loss": 0.01},
    "traffic": {"pings": 7, "pairs": "zipf", "zipf_exponent": 1.5, "spacing": "even"},
    "adversaries": [{"kind": "lookup_flooder", "per_second": 0.5}, {"where": "root", "share": 0.25}],
    "churn": {"how": "stop"}})");
  EXPECT_EQ(scenario.topology->kind, TopologyKind::grid);
  EXPECT_EQ(scenario.topology->degree_permille, 2500u);
  EXPECT_EQ(scenario.duration, Duration(250ms));
  EXPECT_EQ(scenario.seed, UINT64_MAX);
  EXPECT_EQ(scenario.links.latency, (DurationRange{500us, 20ms}));
  EXPECT_EQ(scenario.links.bits_per_second, 1'500'000u);
  EXPECT_EQ(scenario.links.loss_ppm, 10'000u);
  EXPECT_EQ(scenario.traffic->pace.count, 7u);
  EXPECT_TRUE(scenario.traffic->zipf);
  EXPECT_EQ(scenario.traffic->zipf_exponent_permille, 1500u);
  EXPECT_TRUE(scenario.traffic->pace.evenly);
  ASSERT_EQ(scenario.adversaries.size(), 2u);
  EXPECT_EQ(scenario.adversaries[0].kind, Adversary::Kind::lookup_flooder);
  EXPECT_EQ(scenario.adversaries[0].per_1000_s, 500u);
  EXPECT_EQ(scenario.adversaries[1].where, Adversary::Where::root);
  EXPECT_EQ(scenario.adversaries[1].share_ppm, 250'000u);
  EXPECT_FALSE(scenario.churn->crash);
}

TEST(ScenarioTest, ErrorsSayWhatWasFoundAndWhatIsExpected) {
  EXPECT_EQ(error_of(R"({"topologie": {}})"),
            "test.json: \"topologie\": there is no such key: did you mean \"topology\"?");
  EXPECT_THAT(error_of(R"({"churn": {"share": 2}})"),
              HasSubstr("churn.share: found 2, expected a number from 0.000001 to 1"));
  EXPECT_THAT(error_of("{\n\"seed\": 1,\n}"), HasSubstr("test.json:3: expected JSON"));
  EXPECT_THAT(error_of(R"({"seed": 1, "seed": 2})"), HasSubstr("\"seed\" is given twice"));
  EXPECT_THAT(error_of("[]"), HasSubstr("found a list of 0, expected an object"));
  EXPECT_THAT(error_of("{}"), HasSubstr("found 0 of \"topology\", \"graph\" and \"mobility\""));
  EXPECT_THAT(error_of(R"({"topology": {}, "mobility": {}})"), HasSubstr("found 2 of"));
  EXPECT_THAT(error_of(R"({"topology": {}})"), HasSubstr("duration_s: found none"));
  EXPECT_THAT(error_of(kSmall, {{"policy", "best"}}), HasSubstr("policy: found \"best\""));
  EXPECT_THAT(error_of(kSmall, {{"links.latency_ms", "[5, 1]"}}), HasSubstr("lower end first"));
  EXPECT_THAT(error_of(kSmall, {{"traffic.zipf_exponent", "0.7"}}), HasSubstr("0, 0.5, 1"));
  EXPECT_THAT(error_of(kSmall, {{"partition", R"({"at_s": 9, "heal_at_s": 3})"}}),
              HasSubstr("partition.heal_at_s"));
  EXPECT_THAT(error_of(std::string(kMaxScenarioBytes + 1, ' ')), HasSubstr("expected at most"));
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "[";
  EXPECT_THAT(error_of(deep), HasSubstr("nests more than"));
}

TEST(ScenarioTest, OverridesComeBeforeTheCheck) {
  EXPECT_EQ(scenario_of(kSmall, {{"topology.nodes", "100"}}).topology->nodes, 100u);
  EXPECT_EQ(scenario_of(kSmall, {{"topology.kind", "ring"}}).topology->kind, TopologyKind::ring);
  EXPECT_EQ(scenario_of(kSmall, {{"adversaries.0.kind", "lookup_flooder"}}).adversaries.size(), 1u);
  EXPECT_EQ(scenario_of(kSmall, {{"churn", "{}"}, {"churn", "null"}}).churn, std::nullopt);
  const Scenario other = scenario_of(kSmall, {{"graph.file", "city.edges"}});
  EXPECT_EQ(other.topology.has_value(), false);
  EXPECT_EQ(other.graph->file, "city.edges");
  EXPECT_THAT(error_of(kSmall, {{"topology..nodes", "1"}}), HasSubstr("is no key"));
  EXPECT_THAT(error_of(kSmall, {{"adversaries.3.kind", "x"}}), HasSubstr("there is no \"3\""));
}

TEST(ScenarioTest, EveryReadyMadeScenarioSurvivesBeingWritten) {
  EXPECT_EQ(scenario_names().size(), 12u);
  for (const std::string_view name : scenario_names()) {
    const auto scenario = find_scenario(std::string(name));
    ASSERT_TRUE(scenario) << scenario.error();
    EXPECT_EQ(scenario->name, name);
    EXPECT_FALSE(scenario->description.empty());
    const std::string json = to_json(*scenario);
    EXPECT_EQ(to_json(scenario_of(json)), json);
  }
  EXPECT_THAT(find_scenario("chrun").error(), HasSubstr("churn"));
}

TEST(ScenarioTest, EveryTimeSurvivesBeingWritten) {
  for (std::int64_t ns = 1; ns < kLongestTime.count() / 3; ns = ns * 3 + 7) {
    Scenario scenario = scenario_of(kSmall);
    scenario.cool_down = Duration(ns);
    scenario.links.latency = {Duration(1'000 + ns % 7'000'000),
                              Duration(8'000'000 + ns % 50'000'000)};
    const std::string json = to_json(scenario);
    EXPECT_EQ(scenario_of(json).cool_down, scenario.cool_down) << ns;
  }
}

TEST(ScenarioTest, KnowsWhenAllHasHappened) {
  EXPECT_EQ(activity_length(find_scenario("partition").value()), 155s);
  EXPECT_EQ(activity_length(find_scenario("mobility-30s-10m").value()), 935s);
  EXPECT_EQ(activity_length(scenario_for(TopologyOptions{})), 25s);
}

}  // namespace
}  // namespace thicket::sim
