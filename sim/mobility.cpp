#include "sim/mobility.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "sim/cell_grid.hpp"
#include "sim/graph_components.hpp"

namespace thicket::sim {

namespace {

/// `value` as if [0, side] had mirrors at both ends.
std::int64_t reflect(std::int64_t value, std::int64_t side) {
  value %= 2 * side;
  if (value < 0) value += 2 * side;
  return value <= side ? value : 2 * side - value;
}

Position draw_position(const Mobility& options, Prng& random) {
  const auto bound = static_cast<std::uint64_t>(options.area_mm) + 1;
  const auto x = static_cast<std::int64_t>(random.below(bound));
  const auto y = static_cast<std::int64_t>(random.below(bound));
  return {x, y};
}

}  // namespace

LinkProperties draw_link(const LinkOptions& options, Prng& random) {
  LinkProperties properties;
  properties.latency = random.uniform(options.latency.low, options.latency.high);
  properties.jitter = options.jitter;
  properties.bits_per_second = options.bits_per_second;
  properties.loss_per_million = options.loss_ppm;
  properties.set_up = random.uniform(options.set_up.low, options.set_up.high);
  properties.redial = options.redial;
  return properties;
}

std::vector<Edge> links_in_range(const Mobility& options, const std::vector<Position>& positions) {
  std::vector<Edge> edges = radio_links(positions, options.range_mm);
  if (options.max_links == 0 || edges.size() <= options.max_links) return edges;
  std::ranges::sort(edges, {}, [&positions](const Edge& edge) {
    return std::tuple(squared_distance(positions[edge.a], positions[edge.b]), edge.a, edge.b);
  });
  edges.resize(options.max_links);
  return edges;
}

Position step_from(Position from, const Mobility& options, Prng& random) {
  // A point of a ring is in any direction with the same likelihood. Integers alone: the same on any
  // machine.
  constexpr std::int64_t kRadius = 1 << 20;
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::uint64_t square = 0;
  do {
    x = static_cast<std::int64_t>(random.below(2 * kRadius + 1)) - kRadius;
    y = static_cast<std::int64_t>(random.below(2 * kRadius + 1)) - kRadius;
    square = static_cast<std::uint64_t>(x * x + y * y);
  } while (square > kRadius * kRadius || square < kRadius * kRadius / 16);
  const auto length = static_cast<std::int64_t>(integer_sqrt(square));
  return {reflect(from.x_mm + x * options.step_mm / length, options.area_mm),
          reflect(from.y_mm + y * options.step_mm / length, options.area_mm)};
}

MobilityProcess::MobilityProcess(Simulation& simulation, LinkOutages& outages,
                                 const Mobility& options, const LinkOptions& links, Prng random)
    : simulation_(simulation),
      outages_(outages),
      options_(options),
      link_options_(links),
      random_(random) {}

Result<void, std::string> MobilityProcess::place(std::size_t nodes) {
  constexpr int kTries = 10'000;
  for (int i = 0; i < kTries; ++i) {
    positions_.clear();
    while (positions_.size() < nodes) positions_.push_back(draw_position(options_, random_));
    Graph graph;
    graph.nodes = nodes;
    graph.edges = links_in_range(options_, positions_);
    if (options_.connected && components(graph).count() > 1) continue;
    update_links();
    return {};
  }
  return failure(
      fmt::format("mobility: found no places for {} nodes with which they are all "
                  "connected, expected a longer range_m or a higher max_links",
                  nodes));
}

void MobilityProcess::begin(Instant end) {
  end_ = end;
  simulation_.after(options_.step_interval, [this] { step(); });
}

void MobilityProcess::step() {
  if (simulation_.now().steady >= end_) return;
  if (options_.steps && steps_made_ >= *options_.steps) return;
  ++steps_made_;
  for (Position& position : positions_) position = step_from(position, options_, random_);
  update_links();
  simulation_.after(options_.step_interval, [this] { step(); });
}

void MobilityProcess::update_links() {
  std::set<Ends> wanted;
  for (const Edge& edge : links_in_range(options_, positions_)) wanted.emplace(edge.a, edge.b);
  for (const Ends& ends : in_range_) {
    if (wanted.contains(ends)) continue;
    outages_.fail(links_.at(ends), options_.silent ? Outage::lose : Outage::cut);
  }
  for (const Ends& ends : wanted) {
    if (!in_range_.contains(ends)) appear(ends);
  }
  in_range_ = std::move(wanted);
}

void MobilityProcess::appear(const Ends& ends) {
  const auto found = links_.find(ends);
  if (found == links_.end()) {
    links_[ends] = simulation_.add_link(ends.first, ends.second, draw_link(link_options_, random_));
    return;
  }
  LinkProperties properties = simulation_.link(found->second).properties;
  properties.set_up = random_.uniform(link_options_.set_up.low, link_options_.set_up.high);
  simulation_.set_properties(found->second, properties);
  outages_.mend(found->second);
}

}  // namespace thicket::sim
