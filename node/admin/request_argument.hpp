#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "crypto/result.hpp"

// The arguments of administration requests.
namespace thicket::node {

/// Null if it is not there, or is null.
const nlohmann::json* argument(const nlohmann::json& arguments, const char* name);

/// A number within bounds if it is there; the error is one sentence.
Result<double, std::string> number_argument(const nlohmann::json& arguments, const char* name,
                                            double otherwise, double least, double most);

}  // namespace thicket::node
