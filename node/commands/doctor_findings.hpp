#pragma once

#include <string>
#include <vector>

#include "node/commands/doctor_facts.hpp"

namespace thicket::node {

enum class Verdict {
  ok,
  skipped,  ///< it could not be looked at
  warning,  ///< it works, but not as well as it could
  problem,  ///< something does not work
};
/// "ok", "skipped", "warning" or "problem".
const char* name_of(Verdict verdict);

/// One thing that was looked at.
struct Finding {
  std::string subject;  ///< a word
  Verdict verdict = Verdict::ok;
  std::string what;    ///< half a sentence
  std::string advice;  ///< what to do; empty: nothing
};

/// Everything that the facts tell, in the order in which people look.
std::vector<Finding> diagnose(const Facts& facts);

// Its two halves.
std::vector<Finding> diagnose_node(const Facts& facts);
std::vector<Finding> diagnose_host(const Facts& facts);

}  // namespace thicket::node
