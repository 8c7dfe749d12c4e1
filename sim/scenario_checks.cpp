#include "sim/scenario_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "routing/policy.hpp"
#include "sim/zipf_distribution.hpp"

namespace thicket::sim {

namespace {

/// Beyond what any sum of times reaches that makes sense; keeps sums from overflowing.
constexpr Duration kLongestActivity = std::chrono::hours(24 * 365 * 10);

Duration times(Duration time, std::uint64_t count) {
  if (time.count() == 0 || count == 0) return {};
  const auto most = static_cast<std::uint64_t>(kLongestActivity.count() / time.count());
  return count > most ? kLongestActivity : time * static_cast<std::int64_t>(count);
}

Duration end_of(const Scenario& scenario, const Pace& pace) {
  return pace.from + times(round_length(scenario, pace), pace.rounds.value_or(1));
}

bool has_unlimited(const Scenario& scenario) {
  return (scenario.mobility && !scenario.mobility->steps) ||
         (scenario.churn && !scenario.churn->until) || !scenario.adversaries.empty();
}

std::string source_fault(const Scenario& scenario) {
  const int sources = int{scenario.topology.has_value()} + int{scenario.graph.has_value()} +
                      int{scenario.mobility.has_value()};
  if (sources != 1) {
    return fmt::format("found {} of \"topology\", \"graph\" and \"mobility\", expected one",
                       sources);
  }
  if (scenario.graph && scenario.graph->file.empty()) {
    return "graph.file: found none, expected the name of a file";
  }
  return {};
}

std::string time_fault(const Scenario& scenario) {
  if (const auto& churn = scenario.churn; churn && churn->until && *churn->until < churn->from) {
    return "churn.until_s: found an earlier time than from_s, expected a later one";
  }
  const auto& partition = scenario.partition;
  if (partition && partition->heal_at && *partition->heal_at < partition->at) {
    return "partition.heal_at_s: found an earlier time than at_s, expected a later one";
  }
  for (std::size_t i = 0; i < scenario.link_failures.size(); ++i) {
    const LinkFailure& failure = scenario.link_failures[i];
    if (failure.times > 1 && failure.every == Duration{}) {
      return fmt::format("link_failures[{}].every_s: found 0, expected more if it happens {} times",
                         i, failure.times);
    }
  }
  if (scenario.duration) return {};
  const bool any = scenario.warm_up.until_converged || activity_length(scenario) > Duration{} ||
                   scenario.warm_up.idle > Duration{} || scenario.cool_down > Duration{};
  if (!any || (has_unlimited(scenario) && activity_length(scenario) == Duration{})) {
    return "duration_s: found none, expected one, as nothing else says when the run ends";
  }
  return {};
}

}  // namespace

std::string find_fault(const Scenario& scenario) {
  if (auto fault = source_fault(scenario); !fault.empty()) return fault;
  if (!routing::policy_by_name(scenario.policy)) {
    return fmt::format("policy: found \"{}\", expected thicket or yggdrasil-0.5", scenario.policy);
  }
  if (scenario.traffic && !ZipfDistribution::supports(scenario.traffic->zipf_exponent_permille)) {
    return "traffic.zipf_exponent: expected 0, 0.5, 1, 1.5 or 2";
  }
  return time_fault(scenario);
}

Duration round_length(const Scenario& scenario, const Pace& pace) {
  if (pace.over) return *pace.over;
  return scenario.mobility ? scenario.mobility->step_interval : Duration(std::chrono::seconds(20));
}

Duration activity_length(const Scenario& scenario) {
  Duration end{};
  const auto reach = [&end](Duration time) { end = std::max(end, time); };
  if (const auto& growth = scenario.growth) reach(growth->over);
  if (const auto& churn = scenario.churn) reach(churn->until.value_or(Duration{}));
  if (const auto& partition = scenario.partition) {
    reach(partition->heal_at.value_or(partition->at));
  }
  for (const LinkFailure& failure : scenario.link_failures) {
    reach(failure.at + times(failure.every, failure.times - 1) +
          failure.restore_after.value_or(Duration{}));
  }
  if (const auto& loss = scenario.root_loss) {
    reach(loss->at + loss->return_after.value_or(Duration{}));
  }
  if (const auto& takeover = scenario.root_takeover) {
    reach(takeover->at + takeover->leave_after.value_or(Duration{}) +
          takeover->return_after.value_or(Duration{}));
  }
  if (const auto& mobility = scenario.mobility; mobility && mobility->steps) {
    reach(times(mobility->step_interval, *mobility->steps));
  }
  if (const auto& traffic = scenario.traffic) {
    reach(end_of(scenario, traffic->pace) + traffic->timeout);
  }
  if (const auto& lookups = scenario.lookups) reach(end_of(scenario, lookups->pace));
  return end;
}

}  // namespace thicket::sim
