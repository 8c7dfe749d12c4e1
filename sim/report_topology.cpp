#include "sim/report_topology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "sim/figure.hpp"
#include "sim/html.hpp"

namespace thicket::sim {

namespace {

constexpr double kSize = 720;
constexpr double kMargin = 24;
constexpr std::uint32_t kDepthColours = 8;
// Beyond this, the links that are not in the tree would hide it.
constexpr std::size_t kMostWithAllLinks = 2000;

std::vector<DrawnPlace> places_of(const std::vector<DrawnNode>& nodes) {
  double left = nodes[0].x, right = left, low = nodes[0].y, high = low;
  for (const DrawnNode& node : nodes) {
    left = std::min(left, node.x);
    right = std::max(right, node.x);
    low = std::min(low, node.y);
    high = std::max(high, node.y);
  }
  const double extent = std::max({right - left, high - low, 1e-9});
  std::vector<DrawnPlace> out;
  for (const DrawnNode& node : nodes) {
    // In the middle along the shorter side; north is up.
    out.push_back(
        {0.5 + (node.x - (left + right) / 2) / extent, 0.5 - (node.y - (low + high) / 2) / extent});
  }
  return out;
}

/// The trees that nodes form, and how they share a circle.
struct Forest {
  std::vector<std::size_t> roots;
  std::vector<std::vector<std::size_t>> children;
  std::vector<std::size_t> order;  // parents before children; only what hangs on a root
  std::vector<std::size_t> level;  // below the root
  std::vector<double> leaves;
  std::size_t levels = 0;
};

Forest forest_of(const std::vector<DrawnNode>& nodes) {
  Forest forest;
  forest.children.resize(nodes.size());
  forest.level.resize(nodes.size());
  forest.leaves.resize(nodes.size());
  std::map<std::uint32_t, std::size_t> place_of;
  for (std::size_t i = 0; i < nodes.size(); ++i) place_of[nodes[i].index] = i;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].root) {
      forest.roots.push_back(i);
    } else if (nodes[i].parent >= 0) {
      const auto parent = place_of.find(static_cast<std::uint32_t>(nodes[i].parent));
      if (parent != place_of.end()) forest.children[parent->second].push_back(i);
    }
  }
  forest.order = forest.roots;
  for (std::size_t at = 0; at < forest.order.size(); ++at) {
    const std::size_t node = forest.order[at];
    forest.levels = std::max(forest.levels, forest.level[node]);
    for (const std::size_t child : forest.children[node]) {
      forest.level[child] = forest.level[node] + 1;
      forest.order.push_back(child);
    }
  }
  for (std::size_t at = forest.order.size(); at-- > 0;) {
    const std::size_t node = forest.order[at];
    double sum = 0;
    for (const std::size_t child : forest.children[node]) sum += forest.leaves[child];
    forest.leaves[node] = std::max(sum, 1.0);
  }
  return forest;
}

std::vector<DrawnPlace> rings_of(const std::vector<DrawnNode>& nodes) {
  const Forest forest = forest_of(nodes);
  std::vector<DrawnPlace> out(nodes.size());
  const bool several = forest.roots.size() > 1;
  const bool loose = forest.order.size() < nodes.size();
  const double rings = std::max(
      1.0, static_cast<double>(forest.levels) + (several ? 1.0 : 0.0) + (loose ? 1.0 : 0.0));
  const auto put = [&](std::size_t node, double turn, double ring) {
    const double angle = 2 * std::numbers::pi * turn;
    out[node] = {0.5 + 0.5 * ring / rings * std::sin(angle),
                 0.5 - 0.5 * ring / rings * std::cos(angle)};
  };
  std::vector<double> from(nodes.size());  // where a node's sector begins, in turns
  double leaves = 0;
  for (const std::size_t root : forest.roots) leaves += forest.leaves[root];
  double next = 0;
  for (const std::size_t root : forest.roots) {
    from[root] = next;
    next += forest.leaves[root] / leaves;
  }
  std::vector<bool> placed(nodes.size());
  for (const std::size_t node : forest.order) {
    const double ring = static_cast<double>(forest.level[node]) + (several ? 1.0 : 0.0);
    put(node, from[node] + forest.leaves[node] / leaves / 2, ring);
    placed[node] = true;
    double begin = from[node];
    for (const std::size_t child : forest.children[node]) {
      from[child] = begin;
      begin += forest.leaves[child] / leaves;
    }
  }
  const double count = static_cast<double>(nodes.size() - forest.order.size());
  double turn = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (placed[i]) continue;
    put(i, turn / count, rings);
    turn += 1;
  }
  return out;
}

std::string point(const DrawnPlace& place) {
  return svg_number(kMargin + (kSize - 2 * kMargin) * place.x) + " " +
         svg_number(kMargin + (kSize - 2 * kMargin) * place.y);
}

std::string links_of(const Results& results, const std::map<std::uint32_t, DrawnPlace>& places,
                     bool tree, double radius) {
  std::string path;
  for (const DrawnLink& link : results.drawn_links) {
    const auto a = places.find(link.a);
    const auto b = places.find(link.b);
    if (link.tree != tree || a == places.end() || b == places.end()) continue;
    path += fmt::format("M{}L{}", point(a->second), point(b->second));
  }
  if (path.empty()) return {};
  // Among small nodes, wide links would cover them.
  const double width =
      tree ? std::clamp(radius * 0.3, 0.5, 1.8) : std::clamp(radius * 0.12, 0.4, 0.9);
  return fmt::format("<path class=\"{}\" stroke-width=\"{}\" d=\"{}\"/>\n", tree ? "tree" : "link",
                     svg_number(width), path);
}

std::string node_svg(const DrawnNode& node, const DrawnPlace& place, double radius) {
  std::string tip = fmt::format("node {}", node.index);
  if (!node.running) {
    tip += "\nnot running";
  } else if (node.root) {
    tip += "\nroot of its tree";
  } else {
    tip += fmt::format("\ndepth {}", node.depth);
    if (node.parent >= 0) tip += fmt::format("\nparent {}", node.parent);
  }
  const std::string kind =
      !node.running ? "off" : fmt::format("d{}", std::min(node.depth, kDepthColours - 1));
  const std::string at = point(place);
  const std::size_t space = at.find(' ');
  return fmt::format("<circle class=\"node {}{}\" cx=\"{}\" cy=\"{}\" r=\"{}\" data-tip=\"{}\"/>\n",
                     kind, node.root && node.running ? " root" : "", at.substr(0, space),
                     at.substr(space + 1),
                     svg_number(node.root && node.running ? radius * 1.8 + 2 : radius), tip);
}

std::string legend_of(const Results& results, bool all_links) {
  std::uint32_t deepest = 0;
  bool off = false;
  for (const DrawnNode& node : results.drawn_nodes) {
    if (node.running) deepest = std::max(deepest, node.depth);
    off = off || !node.running;
  }
  std::string out = "<ul class=\"legend\"><li><i class=\"d0 rootmark\"></i>root</li>";
  for (std::uint32_t depth = 1; depth <= std::min(deepest, kDepthColours - 1); ++depth) {
    out += fmt::format("<li><i class=\"d{} round\"></i>depth {}{}</li>", depth, depth,
                       depth == kDepthColours - 1 && deepest > depth ? " and more" : "");
  }
  if (off) out += "<li><i class=\"off round\"></i>not running</li>";
  out += "<li><i class=\"treemark\"></i>tree link</li>";
  if (all_links) out += "<li><i class=\"linkmark\"></i>other link</li>";
  return out + "</ul>";
}

}  // namespace

std::vector<DrawnPlace> lay_out(const std::vector<DrawnNode>& nodes) {
  const bool has_places =
      std::ranges::any_of(nodes, [](const DrawnNode& node) { return node.x != 0 || node.y != 0; });
  return has_places ? places_of(nodes) : rings_of(nodes);
}

std::string topology_html(const Results& results) {
  const auto& nodes = results.drawn_nodes;
  std::string out =
      "<figure class=\"card wide\" id=\"topology\">\n<figcaption><h3>The network at the end</h3>";
  if (nodes.empty()) {
    return out + fmt::format(
                     "</figcaption><p class=\"nothing\">Not drawn: {} nodes are too many to tell "
                     "them apart.</p></figure>\n",
                     readable(static_cast<double>(results.nodes), FigureUnit::count));
  }
  const bool all_links = nodes.size() <= kMostWithAllLinks;
  out += fmt::format(
      "<p>Every node is a point, coloured by its depth in the spanning tree. Point at one to see "
      "its number.{}</p>{}</figcaption>\n",
      all_links ? ""
                : " Only links of the tree are drawn: with so many nodes the others would hide it.",
      legend_of(results, all_links));

  const std::vector<DrawnPlace> where = lay_out(nodes);
  std::map<std::uint32_t, DrawnPlace> places;
  for (std::size_t i = 0; i < nodes.size(); ++i) places[nodes[i].index] = where[i];
  const double radius = std::clamp(110 / std::sqrt(static_cast<double>(nodes.size())), 1.6, 9.0);
  out += fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"The network\">\n", kSize,
                     kSize);
  if (all_links) out += links_of(results, places, false, radius);
  out += links_of(results, places, true, radius);
  for (const bool roots : {false, true}) {  // roots on top
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i].root == roots) out += node_svg(nodes[i], where[i], radius);
    }
  }
  return out + "</svg>\n</figure>\n";
}

}  // namespace thicket::sim
