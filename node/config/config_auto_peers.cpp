#include "node/config/config_auto_peers.hpp"

#include <fmt/format.h>

namespace thicket::node {

namespace {

Checked<void> read_file_name(AutoPeersConfig& config, const ConfigValue& value) {
  if (value.is_null()) return {};
  const auto text = value.text("the path of a list of peers");
  if (!text) return failure(text.error());
  if (text->find("://") != std::string::npos) {
    return failure(value.wrong(fmt::format("the URL \"{}\"", *text),
                               "the path of a file: download the list first"));
  }
  config.file.clear();
  if (!text->empty()) config.file = value.file.parent_path() / *text;
  return {};
}

Checked<void> read_number(std::uint32_t& number, const ConfigValue& value, std::uint32_t least,
                          std::uint32_t most) {
  if (value.is_null()) return {};
  const auto read = value.integer(least, most);
  if (!read) return failure(read.error());
  number = static_cast<std::uint32_t>(*read);
  return {};
}

Checked<void> read_count(AutoPeersConfig& config, const ConfigValue& value) {
  return read_number(config.count, value, 1, kMaxAutoPeers);
}

Checked<void> read_replace_after(AutoPeersConfig& config, const ConfigValue& value) {
  return read_number(config.replace_after, value, kMinReplaceAfter, kMaxReplaceAfter);
}

constexpr ConfigField<AutoPeersConfig> kFields[] = {
    {"File", read_file_name},
    {"Count", read_count},
    {"ReplaceAfter", read_replace_after},
};

}  // namespace

std::span<const ConfigField<AutoPeersConfig>> auto_peers_fields() {
  return kFields;
}

}  // namespace thicket::node
