#include "node/commands/trace_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "node/display_text.hpp"
#include "node/json_fields.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;

constexpr std::size_t kAddressWidth = 39;
// What else a row takes, with a note of 8 columns.
constexpr std::size_t kRestWidth = 33;

/// A row is written as soon as its hop is known: widths do not depend on what comes later.
std::string row(std::string_view number, std::string_view node, std::string_view far,
                std::string_view time, std::string_view note, const Terminal& terminal) {
  const std::size_t room =
      terminal.width == 0
          ? kAddressWidth
          : std::clamp<std::size_t>(terminal.width, kRestWidth + 1, kRestWidth + kAddressWidth) -
                kRestWidth;
  std::string out = fmt::format("{:>3}  {:<{}}  {:>4}  {:>10}", number,
                                shortened(node, room, false), room, far, time);
  if (!note.empty()) out += fmt::format("  {}", note);
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

std::string round_trip(const json& ping) {
  const auto time = field_number(ping, "time");
  return time ? fmt::format("{:.2f} ms", *time / 1e6) : "*";
}

std::string distance(const json& node) {
  const auto far = field_number(node, "distance");
  return far ? fmt::format("{:.0f}", *far) : "?";
}

std::string note_of(const json& step) {
  if (field_flag(step, "certain")) return "";
  const std::uint64_t nearer = field_count(step, "nearer");
  return nearer > 1 ? fmt::format("1 of {}", nearer) : "likely";
}

}  // namespace

std::string trace_heading(const json& first_step, const Terminal& terminal) {
  const json& target = field(first_step, "target");
  const json& here = field(first_step, "at");
  const std::string far = distance(here);
  return fmt::format("trace to {}, {} link{} away in the tree\nkey {}\n",
                     field_text(target, "address"), far, far == "1" ? "" : "s",
                     field_text(target, "key")) +
         terminal.styled(row("#", "NODE", "FAR", "ROUND TRIP", "", terminal), Style::title) + "\n";
}

std::string trace_line(std::size_t number, const json& step, const json& ping,
                       const Terminal& terminal) {
  const json& next = field(step, "next");
  return row(fmt::format("{}", number), field_text(next, "address"), distance(next),
             round_trip(ping), note_of(step), terminal) +
         "\n";
}

std::string trace_gap(std::size_t number, const json& step) {
  const bool silent = field_text(step, "result") == "no answer";
  return fmt::format("{:>3}  *  {}\n", number,
                     silent ? "it does not tell its peers" : "no nearer peer found");
}

std::string trace_far_end(const json& step, const json& ping, const Terminal& terminal) {
  return row("*", field_text(field(step, "target"), "address"), "0", round_trip(ping), "",
             terminal) +
         "\n";
}

json trace_hop(const json& step, const json& ping) {
  json hop = field(step, "next").is_object() ? field(step, "next") : json::object();
  for (const char* name : {"certain", "peers", "located", "nearer"}) {
    if (const json& value = field(step, name); !value.is_null()) hop[name] = value;
  }
  if (const std::uint64_t time = field_count(ping, "time"); time != 0) hop["time"] = time;
  return hop;
}

}  // namespace thicket::node
