#include "node/commands/doctor_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cxxopts.hpp>
#include <nlohmann/json.hpp>

#include "node/commands/admin_options.hpp"
#include "node/commands/exit_code.hpp"
#include "node/commands/json_output.hpp"
#include "node/commands/wait_notice.hpp"
#include "node/config/state_directory.hpp"
#include "node/display_text.hpp"
#include "node/json_fields.hpp"
#include "node/units.hpp"

namespace thicket::node {
namespace {

using nlohmann::json;

// Below so many columns, what was found gets lines of its own.
constexpr std::size_t kNarrow = 60;

std::size_t count_of(const std::vector<Finding>& findings, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(findings, verdict, &Finding::verdict));
}

json json_of(const std::vector<Finding>& findings) {
  json list = json::array();
  for (const Finding& finding : findings) {
    json entry = {{"subject", finding.subject},
                  {"verdict", name_of(finding.verdict)},
                  {"what", finding.what}};
    if (!finding.advice.empty()) entry["advice"] = finding.advice;
    list.push_back(std::move(entry));
  }
  return {{"findings", std::move(list)},
          {"warnings", count_of(findings, Verdict::warning)},
          {"problems", count_of(findings, Verdict::problem)}};
}

/// The configuration that the node most probably runs with.
void read_config(Facts& facts, const std::optional<std::string>& named,
                 const Environment& environment) {
  const std::filesystem::path file =
      named ? std::filesystem::path(*named) : default_config_file(environment);
  if (file.empty()) return;
  auto config = load_config(file);
  if (!config) return;
  facts.config_file = file.string();
  facts.config = std::move(*config);
}

}  // namespace

void declare_doctor(cxxopts::Options& options) {
  declare_admin_options(options);
}

std::string doctor_report(const std::vector<Finding>& findings, const Terminal& terminal) {
  const std::size_t width = terminal.text_width();
  const bool narrow = width < kNarrow;
  const std::size_t indent = narrow ? 2 : 22;
  std::string out;
  for (const Finding& finding : findings) {
    std::string head = fmt::format("{:<9} {:<11} ", name_of(finding.verdict), finding.subject);
    if (narrow)
      head = fmt::format("{:<9} {}\n{:{}}", name_of(finding.verdict), finding.subject, "", indent);
    out += head + wrapped(finding.what, indent, width) + "\n";
    if (finding.advice.empty() || finding.verdict == Verdict::ok) continue;
    out.append(indent, ' ');
    out += wrapped("-> " + finding.advice, indent + 3, width) + "\n";
  }
  const std::size_t problems = count_of(findings, Verdict::problem);
  const std::size_t warnings = count_of(findings, Verdict::warning);
  if (problems + warnings == 0) return out + "\nAll is well.\n";
  return out + fmt::format("\n{}, {}.\n", count_text(problems, "problem"),
                           count_text(warnings, "warning"));
}

int doctor_status(const std::vector<Finding>& findings) {
  if (count_of(findings, Verdict::problem) != 0) return kExitProblems;
  return count_of(findings, Verdict::warning) != 0 ? kExitWarnings : kExitOk;
}

int doctor_command(const Command& command, const Arguments& arguments) {
  const auto named = option_value(arguments, "socket");
  const auto config = option_value(arguments, "config");
  if (named && config) {
    return usage_error(command.name, "--config and --socket both name the socket; give one");
  }
  const Environment environment = Environment::of_process();
  Facts facts;
  const auto socket = find_admin_socket(named, config, environment);
  if (socket) {
    facts.socket = printable(*socket, 200);
    const WaitNotice notice("asking the node");
    facts.node = ask_node(*socket);
  } else if (socket.error().kind == AdminClientError::Kind::bad_config) {
    return admin_failed(command, socket.error());
  } else {
    facts.node.silence = printable(socket.error().message, 200);
  }
  if (!named) read_config(facts, config, environment);
  facts.system = ask_system(socket.value_or(""));
  const std::vector<Finding> findings = diagnose(facts);
  const bool as_json = has_option(arguments, "json");
  const int printed = print(as_json ? json_output(json_of(findings), true)
                                    : doctor_report(findings, Terminal::of_standard_output()));
  return printed == kExitOk ? doctor_status(findings) : printed;
}

}  // namespace thicket::node
