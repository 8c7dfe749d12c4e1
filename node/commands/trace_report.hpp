#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "node/commands/terminal.hpp"

namespace thicket::node {

// What `thicket trace` shows of the answers of the administration requests `trace` and `ping`.
// Answers may be anything: what is missing in them is left out.

/// Whom the packet is for, and the head of the table.
std::string trace_heading(const nlohmann::json& first_step, const Terminal& terminal);
/// The hop `number` that a step (an answer of `trace`) leads to, and its round trip (of `ping`).
std::string trace_line(std::size_t number, const nlohmann::json& step, const nlohmann::json& ping,
                       const Terminal& terminal);
/// That the hop `number`, and those after it, are not known, and why.
std::string trace_gap(std::size_t number, const nlohmann::json& step);
/// The target itself, at the other end of a gap.
std::string trace_far_end(const nlohmann::json& step, const nlohmann::json& ping,
                          const Terminal& terminal);
/// The hop as JSON.
nlohmann::json trace_hop(const nlohmann::json& step, const nlohmann::json& ping);

}  // namespace thicket::node
