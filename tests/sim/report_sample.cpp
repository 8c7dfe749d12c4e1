// Prints the report of a made-up run, for report_check.py: report_sample NODES [places]
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "sim/prng.hpp"
#include "sim/report_page.hpp"
#include "sim/sample_results.hpp"

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  auto results =
      thicket::sim::sample_results(static_cast<std::uint32_t>(std::strtoul(argv[1], nullptr, 10)));
  if (argc > 2) {
    thicket::sim::Prng prng(1);
    for (auto& node : results.drawn_nodes) {
      node.x = static_cast<double>(prng.below(1000));
      node.y = static_cast<double>(prng.below(600));
    }
  }
  const std::string page = thicket::sim::report_page(
      results,
      R"({"scenario": "<b>churn</b>", "seed": 42, "trace_hash": "0123456789abcdef",)"
      R"("delivery": 0.968, "converged_s": 75.5, "round_trip_ms_p95": 140, "rss_bytes": 123456789})");
  return std::fwrite(page.data(), 1, page.size(), stdout) == page.size() ? 0 : 1;
}
