#pragma once

#include <string>
#include <utility>
#include <vector>

#include "crypto/result.hpp"
#include "sim/scenario.hpp"

namespace cxxopts {
class Options;
class ParseResult;
}  // namespace cxxopts

namespace thicket::sim {

/// Adds the options that say what is run: --scenario, those of a graph, --seed (unless `seeds`,
/// which adds --seeds), --duration, --crypto, --policy and --set.
void add_run_options(cxxopts::Options& options, bool seeds = false);

/// "key=value" of every --set, in their order, split at the first "=". Fails with a sentence.
Result<Overrides, std::string> settings_of(const cxxopts::ParseResult& parsed);

/// What the options ask for, with `overrides` on top of it. Fails with a sentence.
Result<Scenario, std::string> scenario_of(const cxxopts::ParseResult& parsed,
                                          const Overrides& overrides);

/// Whether there is such an option, as text; "" if not.
std::string option_text(const cxxopts::ParseResult& parsed, const std::string& name);

}  // namespace thicket::sim
