#include "sim/world.hpp"

#include <algorithm>
#include <numeric>

#include "routing/policy.hpp"
#include "sim/adversaries.hpp"
#include "sim/graph_options.hpp"
#include "sim/growth.hpp"
#include "sim/root_loss.hpp"
#include "sim/root_takeover.hpp"
#include "sim/scenario_checks.hpp"

namespace thicket::sim {

namespace {

/// What has randomness of its own, so that no part of a scenario disturbs another.
enum Stream : std::uint64_t {
  kWorld = 0x776f726c64,  // apart from the simulation's own streams
  kKeys,
  kLinks,
  kUsurper,
  kGrowth,
  kMobility,
  kChurn,
  kPartition,
  kTraffic,
  kTrafficPairs,
  kLookups,
  kLookupPairs,
  kLinkFailures,
  kAdversaries = kLinkFailures + 1'000'000,
};

SimulationOptions options_for(const Scenario& scenario) {
  SimulationOptions options;
  options.seed = scenario.seed;
  options.cryptography = scenario.cryptography;
  if (const auto policy = routing::policy_by_name(scenario.policy)) {
    options.router.policy = *policy;
  }
  options.invariant_interval = scenario.invariant_interval;
  return options;
}

/// Identities in random order, but for the lowest, which comes last.
std::vector<KeyPair> identities_with_lowest_last(std::size_t count, const Prng& random) {
  std::vector<KeyPair> identities;
  for (std::size_t i = 0; i < count; ++i) {
    Prng own = random.fork(i);
    identities.push_back(KeyPair::generate(own));
  }
  const auto lowest = std::ranges::min_element(
      identities, [](const auto& a, const auto& b) { return a.public_key() < b.public_key(); });
  if (lowest != identities.end() - 1) std::swap(*lowest, identities.back());
  return identities;
}

}  // namespace

World::World(const Scenario& scenario)
    : scenario_(scenario), simulation_(options_for(scenario)), outages_(simulation_) {}

Prng World::stream(std::uint64_t label) const {
  return Prng(scenario_.seed).fork(kWorld).fork(label);
}

Result<std::unique_ptr<World>, std::string> World::build(const Scenario& scenario) {
  if (auto fault = find_fault(scenario); !fault.empty()) return failure(fault);
  std::unique_ptr<World> world(new World(scenario));
  if (const auto built = world->build_network(); !built) return failure(built.error());
  const bool by_place = scenario.partition && scenario.partition->by == Partition::By::place;
  if (by_place && world->positions().empty()) {
    return failure(
        std::string("partition.by: found \"place\", but nodes of this network have "
                    "none: expected \"region\", \"random\" or \"subtree\""));
  }
  return world;
}

Result<void, std::string> World::build_network() {
  if (scenario_.mobility) {
    ordinary_nodes_ = scenario_.mobility->nodes;
    add_nodes(ordinary_nodes_);
    mobility_.emplace(simulation_, outages_, *scenario_.mobility, scenario_.links,
                      stream(kMobility));
    return mobility_->place(simulation_.nodes());
  }
  GraphOptions source;
  source.topology = scenario_.topology;
  if (scenario_.graph) {
    source.file = scenario_.graph->file;
    source.largest_component = scenario_.graph->largest_component;
  }
  auto graph = make_graph(source, scenario_.seed);
  if (!graph) return failure(graph.error());
  ordinary_nodes_ = graph->nodes;
  positions_ = std::move(graph->positions);
  add_nodes(ordinary_nodes_);
  add_links(*graph);
  return {};
}

void World::add_nodes(std::size_t nodes) {
  if (!scenario_.root_takeover) {
    for (std::size_t i = 0; i < nodes; ++i) simulation_.add_node();
    return;
  }
  for (KeyPair& identity : identities_with_lowest_last(nodes + 1, stream(kKeys))) {
    simulation_.add_node(std::move(identity));
  }
}

void World::add_links(const Graph& graph) {
  Prng random = stream(kLinks);
  for (const Edge& edge : graph.edges) {
    LinkProperties properties = draw_link(scenario_.links, random);
    if (edge.latency) properties.latency = *edge.latency;
    simulation_.add_link(edge.a, edge.b, properties);
  }
  if (usurper()) link_usurper();
}

void World::link_usurper() {
  Prng random = stream(kUsurper);
  std::vector<NodeIndex> peers(ordinary_nodes_);
  std::iota(peers.begin(), peers.end(), NodeIndex{0});
  random.shuffle(std::span(peers));
  peers.resize(std::min(peers.size(), scenario_.root_takeover->links));
  for (const NodeIndex peer : peers) {
    simulation_.add_link(peer, *usurper(), draw_link(scenario_.links, random));
  }
  // Somewhere among its peers, so that it can be drawn.
  if (!positions_.empty() && !peers.empty()) positions_.push_back(positions_[peers.front()]);
}

const std::vector<Position>& World::positions() const {
  return mobility_ ? mobility_->positions() : positions_;
}

std::string World::topology() const {
  if (scenario_.mobility) return "mobility";
  if (scenario_.graph) return scenario_.graph->file;
  return std::string(name_of(scenario_.topology->kind));
}

std::optional<NodeIndex> World::usurper() const {
  if (!scenario_.root_takeover) return std::nullopt;
  return static_cast<NodeIndex>(ordinary_nodes_);
}

void World::start() {
  Growth at_once{Duration{}, ordinary_nodes_, false};
  grow(simulation_, scenario_.growth.value_or(at_once), ordinary_nodes_, stream(kGrowth));
}

void World::begin(Instant end, std::function<void(NodeIndex, NodeIndex)> ping) {
  if (mobility_) mobility_->begin(end);
  if (scenario_.churn) {
    churn_.emplace(simulation_, *scenario_.churn, ordinary_nodes_, stream(kChurn));
    churn_->begin(end);
  }
  if (scenario_.partition) {
    partition_.emplace(simulation_, outages_, *scenario_.partition, positions(),
                       stream(kPartition));
    partition_->begin(end);
  }
  for (std::size_t i = 0; i < scenario_.link_failures.size(); ++i) {
    link_failures_.emplace_back(simulation_, outages_, scenario_.link_failures[i],
                                stream(kLinkFailures + i));
    link_failures_.back().begin(end);
  }
  if (scenario_.root_loss) plan_root_loss(simulation_, *scenario_.root_loss, end);
  if (scenario_.root_takeover) {
    plan_root_takeover(simulation_, *scenario_.root_takeover, *usurper(), stream(kUsurper), end);
  }
  for (std::size_t i = 0; i < scenario_.adversaries.size(); ++i) {
    plan_adversaries(simulation_, scenario_.adversaries[i], ordinary_nodes_,
                     stream(kAdversaries + i), end);
  }
  begin_traffic(end, std::move(ping));
}

void World::begin_traffic(Instant end, std::function<void(NodeIndex, NodeIndex)> ping) {
  const bool endless = scenario_.duration.has_value() || scenario_.mobility.has_value();
  if (const auto& traffic = scenario_.traffic) {
    const auto exponent =
        traffic->zipf ? std::optional(traffic->zipf_exponent_permille) : std::nullopt;
    traffic_.emplace(simulation_, traffic->pace, round_length(scenario_, traffic->pace),
                     PairSource(simulation_, ordinary_nodes_, exponent, stream(kTrafficPairs)),
                     stream(kTraffic), std::move(ping));
    traffic_->begin(std::max(end - traffic->timeout, simulation_.now().steady), endless);
  }
  if (const auto& lookups = scenario_.lookups) {
    lookups_.emplace(simulation_, lookups->pace, round_length(scenario_, lookups->pace),
                     PairSource(simulation_, ordinary_nodes_, std::nullopt, stream(kLookupPairs)),
                     stream(kLookups), [this](NodeIndex from, NodeIndex to) {
                       simulation_.lookup(from, simulation_.key(to));
                     });
    lookups_->begin(end, endless);
  }
}

}  // namespace thicket::sim
