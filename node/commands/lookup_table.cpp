#include "node/commands/lookup_table.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "node/commands/table.hpp"
#include "node/display_text.hpp"
#include "node/json_fields.hpp"
#include "node/units.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;

std::string milliseconds(const json& object) {
  return fmt::format("{:.2f}", static_cast<double>(field_count(object, "time")) / 1e6);
}

/// The ports of a path, in lines that fit, those after the first indented.
std::string ports(const json& answer, std::size_t indent, const Terminal& terminal) {
  const std::string numbers = field_numbers(answer, "path");
  return numbers.empty() ? "(the root)" : wrapped(numbers, indent, terminal.text_width());
}

std::vector<Cell> row_of(std::size_t index, const json& step) {
  const json& nearer = field(step, "nearer");
  const std::string said = field_text(step, "answer");
  const std::string answer = said == "nearer"  ? fmt::format("{} nearer", nearer.size())
                             : said == "holds" ? std::string("has it")
                                               : said;
  const std::string who = index == 0 ? "this node" : field_text(step, "address");
  const std::string time = index == 0 ? std::string("-") : milliseconds(step);
  return {{fmt::format("{}", index)},
          {who},
          {fmt::format("{}", field_count(step, "distance"))},
          {fmt::format("{}", field_count(step, "shared_digits"))},
          {answer},
          {time}};
}

std::string dht_part(const json& answer, const Terminal& terminal) {
  const json& dht = field(answer, "dht");
  static const json none = json::array();
  const json& given = field(answer, "steps");
  const json& steps = given.is_array() ? given : none;
  const std::size_t asked = steps.empty() ? 0 : steps.size() - 1;
  std::string result = field_text(dht, "result");
  if (result == "nobody to ask") {
    return "DHT: this node knows nobody who takes part\n";
  }
  std::string out = fmt::format("DHT: {} after {}, {} ms\n", result, count_text(asked, "step"),
                                milliseconds(dht));
  Table table({{.title = "#", .right = true},
               {.title = "ASKED"},
               {.title = "FAR", .right = true, .dispensable = 1},
               {.title = "ALIKE", .right = true, .dispensable = 1},
               {.title = "ANSWER"},
               {.title = "MS", .right = true}});
  for (std::size_t i = 0; i < steps.size(); ++i) table.add(row_of(i, steps[i]));
  return out + table.render(terminal, 2);
}

std::string bloom_part(const json& answer) {
  const json& bloom = field(answer, "bloom");
  const std::uint64_t asked = field_count(bloom, "asked");
  if (asked == 0) return "Bloom filters: no peer's filter claims it\n";
  if (!field_flag(bloom, "answered")) {
    return fmt::format("Bloom filters: {} asked, no answer\n", count_text(asked, "peer"));
  }
  return fmt::format("Bloom filters: {} asked, answered after {} ms\n", count_text(asked, "peer"),
                     milliseconds(bloom));
}

std::string known_part(const json& answer) {
  const json& known = field(answer, "known");
  if (!known.is_object()) return "Paths in use: none\n";
  return fmt::format("Paths in use: one, told {} s ago\n", field_count(known, "age"));
}

std::string conclusion(const json& answer, const Terminal& terminal) {
  if (!field_flag(answer, "found")) return "\nNot found.\n";
  const std::string way = field_text(answer, "way");
  const bool held = field(field(answer, "dht"), "held").is_object();
  std::string out = way == "own"     ? "\nThis is the node itself.\n"
                    : way == "known" ? "\nFound: a path to it was known already.\n"
                    : way == "bloom" ? "\nFound by the bloom filters.\n"
                    : held           ? "\nFound: this node holds its record for the DHT.\n"
                                     : "\nFound by the DHT.\n";
  out += fmt::format("  Key      {}\n  Address  {}\n", field_text(answer, "key"),
                     field_text(answer, "address"));
  out += fmt::format("  Path     {}\n", ports(answer, 11, terminal));
  out += fmt::format("  Record   {} s old\n", field_count(answer, "age"));
  return out;
}

}  // namespace

std::string lookup_table(std::string_view target, const json& answer, const Terminal& terminal) {
  if (field_text(answer, "way") == "own") return conclusion(answer, terminal).substr(1);
  return fmt::format("Looking for {}\n\n", target) + dht_part(answer, terminal) +
         bloom_part(answer) + known_part(answer) + conclusion(answer, terminal);
}

}  // namespace thicket::node
