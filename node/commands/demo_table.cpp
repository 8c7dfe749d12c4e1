#include "node/commands/demo_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "crypto/address.hpp"

namespace thicket::node {
namespace {

constexpr std::size_t kNodes = DemoMesh::kNodes;

char letter(std::size_t node) {
  return static_cast<char>('A' + node);
}

double milliseconds(DemoMesh::Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

std::string cell(const DemoMesh& mesh, std::size_t from, std::size_t to) {
  if (from == to) return "-";
  const auto& last = mesh.pair(from, to).last;
  return last ? fmt::format("{:.2f} ms", milliseconds(*last)) : "...";
}

}  // namespace

std::string demo_introduction(const DemoMesh& mesh) {
  std::string text =
      fmt::format("{} nodes in one process, linked over TCP on loopback: A-B-C-D-E-A and {}-{}\n\n",
                  kNodes, letter(DemoMesh::kChordFrom), letter(DemoMesh::kChordTo));
  for (std::size_t node = 0; node < kNodes; ++node) {
    text += fmt::format("  {}  {}\n", letter(node), Address::of(mesh.key(node)).to_string());
  }
  return text + "\n";
}

std::string demo_table(const DemoMesh& mesh) {
  std::string text = "  ping, from \\ to";
  for (std::size_t to = 0; to < kNodes; ++to) text += fmt::format("{:>11}", letter(to));
  text += "\n";
  for (std::size_t from = 0; from < kNodes; ++from) {
    text += fmt::format("  {:<15}", letter(from));
    for (std::size_t to = 0; to < kNodes; ++to) text += fmt::format("{:>11}", cell(mesh, from, to));
    text += "\n";
  }
  return text;
}

std::string demo_summary(const DemoMesh& mesh) {
  constexpr std::size_t kPairs = kNodes * (kNodes - 1);
  std::vector<double> trips;
  double slowest_start = 0;
  for (std::size_t from = 0; from < kNodes; ++from) {
    for (std::size_t to = 0; to < kNodes; ++to) {
      const DemoMesh::Pair& pair = mesh.pair(from, to);
      if (!pair.last || !pair.first_after) continue;
      trips.push_back(milliseconds(*pair.last));
      slowest_start = std::max(slowest_start, milliseconds(*pair.first_after));
    }
  }
  if (mesh.answered_pairs() < kPairs) {
    return fmt::format("\nonly {} of {} pairs answered\n", mesh.answered_pairs(), kPairs);
  }
  std::sort(trips.begin(), trips.end());
  return fmt::format(
      "\nall {} pairs answered, the last of them {:.0f} ms after the start; median round trip "
      "{:.2f} ms\n",
      kPairs, slowest_start, trips[trips.size() / 2]);
}

}  // namespace thicket::node
