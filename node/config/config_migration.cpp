#include "node/config/config_migration.hpp"

#include <fmt/format.h>

#include <utility>

namespace thicket::node {

namespace {

void take_key(Migration& migration, std::vector<std::string>& keys, Random& random) {
  std::erase(keys, "PrivateKeyPath");
  if (!migration.config.private_key_path.empty()) {
    migration.changed.push_back(
        fmt::format("PrivateKeyPath: the key in {} is written into the new file, as PrivateKey",
                    std::exchange(migration.config.private_key_path, {}).string()));
    std::erase(keys, "PrivateKey");
  }
  if (migration.config.identity) return;
  std::erase(keys, "PrivateKey");
  migration.config.identity = KeyPair::generate(random);
  migration.changed.push_back("PrivateKey: there was none; the node gets a new address");
}

/// Two daemons cannot share a socket, and the folder of Yggdrasil's goes when that is removed.
void move_socket(Migration& migration, std::vector<std::string>& keys, std::string_view listen) {
  std::string& ours = migration.config.admin_listen;
  const bool given = std::erase(keys, "AdminListen") != 0;
  if (given && ours.find("yggdrasil") == std::string::npos) {
    migration.kept.emplace_back("AdminListen");
    return;
  }
  migration.changed.push_back(
      fmt::format("AdminListen: {} instead of {}; for yggdrasilctl add -endpoint={}", listen,
                  given ? ours : "Yggdrasil's own", listen));
  ours = listen;
}

}  // namespace

Result<Migration, std::vector<ConfigError>> migrate_config(const std::filesystem::path& file,
                                                           std::string_view admin_listen,
                                                           Random& random) {
  CheckedConfig checked = check_config_file(file);
  if (!checked.errors.empty()) return failure(std::move(checked.errors));
  Migration migration;
  migration.config = std::move(checked.config);
  migration.left_out = std::exchange(migration.config.warnings, {});
  std::vector<std::string> keys = std::move(checked.keys);
  take_key(migration, keys, random);
  move_socket(migration, keys, admin_listen);
  migration.kept.insert(migration.kept.begin(), keys.begin(), keys.end());
  return migration;
}

}  // namespace thicket::node
