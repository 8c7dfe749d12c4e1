#include "node/commands/ping_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "node/json_fields.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;

double milliseconds(double nanoseconds) {
  return nanoseconds / 1e6;
}

/// How the node was found, if it had to be.
std::string connecting(const json& answer) {
  const auto lookup = field_number(answer, "lookup_time");
  const auto session = field_number(answer, "session_time");
  if (!lookup && !session) return "";
  std::string out = fmt::format("key {}", field_text(answer, "key"));
  if (lookup) out += fmt::format("\npath found in {:.2f} ms", milliseconds(*lookup));
  if (session) {
    out +=
        fmt::format("{}session set up in {:.2f} ms", lookup ? ", " : "\n", milliseconds(*session));
  }
  return out + "\n";
}

double share_lost(std::uint64_t sent, std::uint64_t answered) {
  if (sent == 0) return 0;
  return 100 * static_cast<double>(sent - answered) / static_cast<double>(sent);
}

}  // namespace

void PingReport::Times::add(double time) {
  least = count == 0 ? time : std::min(least, time);
  most = std::max(most, time);
  sum += time;
  squares += time * time;
  ++count;
}

double PingReport::Times::mean() const {
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

double PingReport::Times::deviation() const {
  if (count == 0) return 0;
  return std::sqrt(std::max(0.0, squares / static_cast<double>(count) - mean() * mean()));
}

PingReport::PingReport(std::string_view target, std::uint64_t data_size)
    : target_(printable(target)), data_size_(data_size) {}

std::string PingReport::heading() const {
  return fmt::format("PING {} with {} bytes of data\n", target_, data_size_);
}

std::string PingReport::add(std::uint64_t sequence, const json& answer) {
  ++sent_;
  std::string out = connecting(answer);
  const auto time = field_number(answer, "time");
  if (!field_flag(answer, "answered") || !time) {
    return out + fmt::format("{}: seq={}\n", field_text(answer, "result", "no answer"), sequence);
  }
  times_.add(milliseconds(*time));
  const bool by_host = field_text(answer, "way") == "icmp";
  if (by_host) ++by_host_;
  return out + fmt::format("{}: seq={} time={:.2f} ms ({})\n", field_text(answer, "address"),
                           sequence, milliseconds(*time), by_host ? "ICMPv6 echo" : "node");
}

std::string PingReport::summary(Duration took) const {
  std::string out = fmt::format(
      "\n--- {} ping statistics ---\n"
      "{} packets transmitted, {} received, {:.3g}% packet loss, time {:.0f} ms\n",
      target_, sent_, answered(), share_lost(sent_, answered()),
      milliseconds(static_cast<double>(took.count())));
  if (answered() == 0) return out;
  out += fmt::format("rtt min/avg/max/mdev = {:.3f}/{:.3f}/{:.3f}/{:.3f} ms\n", times_.least,
                     times_.mean(), times_.most, times_.deviation());
  if (by_host_ == answered()) return out + "answered by the host there, to ICMPv6 echo\n";
  if (by_host_ == 0) {
    return out + "answered by the node itself; --icmp asks its host\n";
  }
  return out + fmt::format("{} answers by the host, to ICMPv6 echo, {} by the node itself\n",
                           by_host_, answered() - by_host_);
}

json PingReport::summary_json(Duration took) const {
  json out = {{"target", target_},
              {"transmitted", sent_},
              {"received", answered()},
              {"received_icmp", by_host_},
              {"loss_percent", share_lost(sent_, answered())},
              {"time", took.count()}};
  if (answered() != 0) {
    // Nanoseconds, as everywhere.
    const auto whole = [](double time) { return static_cast<std::uint64_t>(time * 1e6); };
    out["rtt_min"] = whole(times_.least);
    out["rtt_avg"] = whole(times_.mean());
    out["rtt_max"] = whole(times_.most);
    out["rtt_mdev"] = whole(times_.deviation());
  }
  return out;
}

}  // namespace thicket::node
