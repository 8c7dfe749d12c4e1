#include "node/admin/request_argument.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace thicket::node {

using nlohmann::json;

const json* argument(const json& arguments, const char* name) {
  const auto found = arguments.find(name);
  return found == arguments.end() || found->is_null() ? nullptr : &*found;
}

Result<double, std::string> number_argument(const json& arguments, const char* name,
                                            double otherwise, double least, double most) {
  const json* value = argument(arguments, name);
  if (value == nullptr) return otherwise;
  const double given = value->is_number() ? value->get<double>() : least - 1;
  if (given >= least && given <= most) return given;
  return failure(fmt::format("{}: expected a number from {:.16g} to {:.16g}", name, least, most));
}

}  // namespace thicket::node
