#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "node/commands/terminal.hpp"
#include "node/public_peers/peer_survey.hpp"

// What 'thicket peers suggest' shows.
namespace thicket::node {

/// The best peers in a table, then those to take as lines of a configuration.
std::string suggest_view(const std::vector<SurveyedPeer>& peers, std::size_t count,
                         const Terminal& terminal);
/// {listed, tried, answered, suggested: [uri], peers: [{uri, region, suggested, tries, failed, and
/// key, handshake (seconds) if it answered, else reason}]}, best first.
nlohmann::json suggest_json(const std::vector<SurveyedPeer>& peers, std::size_t count);

}  // namespace thicket::node
