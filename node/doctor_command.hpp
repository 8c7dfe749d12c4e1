#pragma once

#include <string>
#include <vector>

#include "node/command.hpp"
#include "node/doctor_findings.hpp"

namespace thicket::node {

void declare_doctor(cxxopts::Options& options);
/// `doctor`: looks at the running node and its machine, and says what is wrong and what to do.
int doctor_command(const Command& command, const Arguments& arguments);

/// The findings in lines of at most `width` columns.
std::string doctor_report(const std::vector<Finding>& findings, std::size_t width = 80);
/// What the command ends with.
int doctor_status(const std::vector<Finding>& findings);

}  // namespace thicket::node
