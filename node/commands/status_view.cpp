#include "node/commands/status_view.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "node/display_text.hpp"
#include "node/json_fields.hpp"
#include "node/privileges/protections.hpp"
#include "node/units.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;

class Page {
 public:
  explicit Page(const Terminal& terminal) : terminal_(terminal) {}

  void heading(std::string_view text) {
    out_ += terminal_.styled(displayable(text, terminal_.utf8), Style::title) + "\n\n";
  }
  /// A line "  Name        value", cut where the terminal ends.
  void line(std::string_view name, std::string_view value, Style style = Style::plain) {
    constexpr std::size_t kNames = 14;
    std::string text = displayable(value, terminal_.utf8);
    if (terminal_.width != 0) text = shortened(text, terminal_.width - kNames, terminal_.utf8);
    out_ += fmt::format("  {:<12}", name) + terminal_.styled(text, style) + "\n";
  }
  /// A sentence of its own, however long: it says what to do.
  void sentence(std::string_view text, Style style) {
    out_ += "    " + terminal_.styled(displayable(text, terminal_.utf8), style) + "\n";
  }
  std::string take() { return std::move(out_); }

 private:
  const Terminal& terminal_;
  std::string out_;
};

std::string name_in(const json& node, const char* role) {
  const std::string key = field_string(field(node, role), "key", "");
  const bool is_self = !key.empty() && key == field_string(node, "key", "");
  return is_self ? "this node" : field_string(field(node, role), "address");
}

std::string coordinates_in(const json& node) {
  return fmt::format("[{}], {} below the root", field_numbers(node, "coordinates"),
                     field_list(node, "coordinates").size());
}

std::string interface_in(const json& node) {
  const json& tun = field(node, "tun");
  if (!field_flag(tun, "enabled")) return "none: this node only relays";
  return fmt::format("{}, MTU {}", field_string(tun, "name"), field_count(tun, "mtu"));
}

std::string traffic_in(const json& status) {
  const StatusRates rates = rates_in(status);
  const json& traffic = field(status, "traffic");
  return fmt::format(
      "in {} ({}), out {} ({})", bytes_text(field_number(traffic, "bytes_recvd").value_or(0)),
      rate_text(rates.in), bytes_text(field_number(traffic, "bytes_sent").value_or(0)),
      rate_text(rates.out));
}

std::string lookups_in(const json& status) {
  const json& lookups = field(status, "lookups");
  const std::string policy = field_string(lookups, "lookup");
  if (!field_flag(lookups, "enabled")) return fmt::format("{}, not in the DHT", policy);
  if (!field_flag(lookups, "joined"))
    return fmt::format("{}, no other node of the DHT known", policy);
  const std::uint64_t records = field_count(lookups, "records");
  const std::uint64_t nodes = field_count(lookups, "estimated_nodes");
  const std::string size = nodes > 1 ? fmt::format(" of about {} nodes", nodes) : std::string();
  return fmt::format("{}, in the DHT{}, {} record{} kept", policy, size, records,
                     records == 1 ? "" : "s");
}

}  // namespace

StatusRates rates_in(const json& status) {
  StatusRates rates;
  for (const json& peer : field_list(field(status, "peers"), "shown")) {
    rates.in += field_number(peer, "rate_recvd").value_or(0);
    rates.out += field_number(peer, "rate_sent").value_or(0);
  }
  return rates;
}

std::string status_view(const json& status, const Terminal& terminal) {
  const json& node = field(status, "node");
  const json& peers = field(status, "peers");
  Page page(terminal);
  page.heading(fmt::format("{} {}, up {}", field_string(node, "build_name"),
                           field_string(node, "build_version"),
                           duration_text(field_number(node, "uptime").value_or(0))));
  page.line("Address", field_string(node, "address"));
  page.line("Subnet", field_string(node, "subnet"));
  page.line("Key", field_string(node, "key"));
  page.line("Interface", interface_in(node));
  page.line("Root", name_in(node, "root"));
  page.line("Parent", name_in(node, "parent"));
  page.line("Coordinates", coordinates_in(node));
  page.line("Peers",
            fmt::format("{} of {} up", field_count(peers, "up"), field_count(peers, "total")));
  page.line("Sessions", fmt::format("{}", field_count(field(status, "sessions"), "total")));
  page.line("Traffic", traffic_in(status));
  page.line("Lookups", lookups_in(status));
  const json& protections = field(status, "protections");
  if (protections.is_object()) page.line("Runs as", protections_text(protections));
  const json& health = field(status, "health");
  if (field_flag(health, "healthy")) {
    page.line("Health", "good", Style::good);
  } else {
    page.line("Health", "not good; 'thicket doctor' looks closer", Style::bad);
    for (const json& problem : field_list(health, "problems")) {
      page.sentence(field_string(problem, "reason"), Style::bad);
    }
  }
  return page.take();
}

}  // namespace thicket::node
