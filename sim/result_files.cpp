#include "sim/result_files.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>

#include "sim/summary.hpp"

namespace thicket::sim {

namespace {

double milliseconds(Duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// A field of CSV: quoted if it must be (RFC 4180).
std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::string series_csv(const Results& results) {
  fmt::memory_buffer out;
  fmt::format_to(std::back_inserter(out),
                 "time_s,running_nodes,roots,right_coordinates_share,reachable_share,pings_sent,"
                 "pings_answered,control_bytes_per_node_s,traffic_bytes_per_node_s,"
                 "state_bytes_per_node,position_changes,lookups\n");
  for (const Sample& row : results.series) {
    fmt::format_to(std::back_inserter(out), "{},{},{},{},{},{},{},{},{},{},{},{}\n", row.time_s,
                   row.running, row.roots, row.right_coordinates, row.reachable, row.pings_sent,
                   row.pings_answered, row.control_bytes_per_node_s, row.traffic_bytes_per_node_s,
                   row.state_bytes_per_node, row.position_changes, row.lookups);
  }
  return fmt::to_string(out);
}

std::string pings_csv(const Results& results) {
  fmt::memory_buffer out;
  fmt::format_to(std::back_inserter(out),
                 "sent_s,from,to,possible,arrived,answered,hops,shortest_hops,one_way_ms,travel_ms,"
                 "quickest_ms,round_trip_ms,lost_by\n");
  for (const PingOutcome& ping : results.ping_outcomes) {
    fmt::format_to(std::back_inserter(out), "{},{},{},{:d},{:d},{:d},{},{},{},{},{},{},{}\n",
                   std::chrono::duration<double>(ping.sent_at).count(), ping.from, ping.to,
                   ping.possible, ping.arrived, ping.answered, ping.hops, ping.shortest_hops,
                   milliseconds(ping.one_way), milliseconds(ping.travel),
                   milliseconds(ping.quickest), milliseconds(ping.round_trip),
                   csv_field(ping.lost_by));
  }
  return fmt::to_string(out);
}

std::string stretch_csv(const Results& results) {
  // Bins in tenths; the small term puts 1.3, which floating point may hold as 1.2999…, into its
  // bin.
  std::map<std::int64_t, std::uint64_t> bins;
  for (const double stretch : results.stretch_samples) {
    ++bins[static_cast<std::int64_t>(std::floor(stretch * 10 + 1e-9))];
  }
  fmt::memory_buffer out;
  fmt::format_to(std::back_inserter(out), "stretch_hops_from,stretch_hops_below,pings,share\n");
  for (const auto& [bin, count] : bins) {
    fmt::format_to(
        std::back_inserter(out), "{:.1f},{:.1f},{},{}\n", static_cast<double>(bin) / 10,
        static_cast<double>(bin + 1) / 10, count,
        static_cast<double>(count) / static_cast<double>(results.stretch_samples.size()));
  }
  return fmt::to_string(out);
}

Result<void, std::string> write_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::path draft = path;
  draft += ".new";
  std::error_code error;
  {
    std::ofstream stream(draft, std::ios::binary | std::ios::trunc);
    stream.write(content.data(), static_cast<std::streamsize>(content.size()));
    stream.close();
    if (!stream) {
      std::filesystem::remove(draft, error);
      return failure(fmt::format("cannot write {}", draft.string()));
    }
  }
  std::filesystem::rename(draft, path, error);
  if (error) {
    std::string message = fmt::format("cannot put {} in place: {}", path.string(), error.message());
    std::filesystem::remove(draft, error);
    return failure(std::move(message));
  }
  return {};
}

Result<void, std::string> write_results(const Results& results,
                                        const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return failure(
        fmt::format("cannot make the folder {}: {}", directory.string(), error.message()));
  }
  // The summary last: where there is one, the rest is there too.
  return write_file(directory / "series.csv", series_csv(results))
      .and_then([&] { return write_file(directory / "pings.csv", pings_csv(results)); })
      .and_then([&] { return write_file(directory / "stretch.csv", stretch_csv(results)); })
      .and_then([&] { return write_file(directory / "summary.json", summary_json(results)); });
}

}  // namespace thicket::sim
