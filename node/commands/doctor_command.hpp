#pragma once

#include <string>
#include <vector>

#include "node/commands/command.hpp"
#include "node/commands/doctor_findings.hpp"
#include "node/commands/terminal.hpp"

namespace thicket::node {

void declare_doctor(cxxopts::Options& options);
/// `doctor`: looks at the running node and its machine, and says what is wrong and what to do.
int doctor_command(const Command& command, const Arguments& arguments);

/// The findings, in lines that fit unless there is a word that does not.
std::string doctor_report(const std::vector<Finding>& findings, const Terminal& terminal);
/// What the command ends with.
int doctor_status(const std::vector<Finding>& findings);

}  // namespace thicket::node
