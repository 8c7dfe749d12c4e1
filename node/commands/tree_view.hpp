#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>

#include "node/commands/terminal.hpp"

namespace thicket::node {

/// Who is who in a tree, by keys in hexadecimal.
struct TreeMarks {
  std::string self;
  std::set<std::string> peers;
};

/// What getTree answered, drawn: each node under its parent, by address, the root first. Takes any
/// answer, with loops and nodes of unknown parents.
std::string tree_view(const nlohmann::json& answer, const TreeMarks& marks,
                      const Terminal& terminal);

}  // namespace thicket::node
