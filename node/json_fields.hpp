#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

// Reading what another program sent, which may be anything, to show it to people.
namespace thicket::node {

/// displayable() ASCII of the first `most` bytes, for where the terminal is not known.
std::string printable(std::string_view text, std::size_t most = 80);

/// The member `name` of `object`; null if there is none, or `object` is no object.
const nlohmann::json& field(const nlohmann::json& object, const char* name);
/// The same if it is a string, printable; else `otherwise`.
std::string field_text(const nlohmann::json& object, const char* name,
                       std::string_view otherwise = "?");
/// The same as it came, for what makes it displayable itself: a Table.
std::string field_string(const nlohmann::json& object, const char* name,
                         std::string_view otherwise = "?");
/// The elements of the list that it is; of anything else none.
const nlohmann::json& field_list(const nlohmann::json& object, const char* name);
/// Its whole numbers with spaces between, '?' for other elements: the ports of a path.
std::string field_numbers(const nlohmann::json& object, const char* name);
/// The same if it is a number of at least 0.
std::optional<double> field_number(const nlohmann::json& object, const char* name);
/// The same as a whole number; 0 if it is none.
std::uint64_t field_count(const nlohmann::json& object, const char* name);
/// Whether it is true.
bool field_flag(const nlohmann::json& object, const char* name);

}  // namespace thicket::node
