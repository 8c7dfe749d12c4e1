#include "node/config/generated_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "node/config/config.hpp"
#include "node/config/hjson.hpp"
#include "node/sample_config.hpp"

namespace thicket::node {
namespace {

constexpr std::string_view kAdmin = "unix:///run/thicket.sock";

KeyPair zero_key() {
  return std::move(KeyPair::from_hex(kZeroPrivateKey).value());
}

TEST(GeneratedConfig, IsReadBackWithTheDefaults) {
  for (const std::string& text :
       {config_as_hjson(zero_key(), kAdmin), config_as_json(zero_key(), kAdmin)}) {
    const auto config = parse_config(text, "new.conf");
    ASSERT_TRUE(config) << config.error().to_string();
    ASSERT_TRUE(config->identity);
    EXPECT_EQ(config->identity->public_key().to_hex(), kZeroPublicKey);
    EXPECT_EQ(config->admin_listen, kAdmin);
    EXPECT_THAT(config->peers, ::testing::IsEmpty());
    EXPECT_THAT(config->listen, ::testing::IsEmpty());
    EXPECT_EQ(config->interface_name, "auto");
    EXPECT_EQ(config->interface_mtu, 65535u);
    EXPECT_EQ(config->lookup, routing::LookupPolicy::automatic);
    EXPECT_EQ(config->node_info_json, "{}");
    ASSERT_EQ(config->multicast_interfaces.size(), 1u);
    EXPECT_EQ(config->multicast_interfaces[0].regex, ".*");
    EXPECT_TRUE(config->multicast_interfaces[0].beacon);
    EXPECT_TRUE(config->multicast_interfaces[0].listen);
    EXPECT_THAT(config->warnings, ::testing::IsEmpty());
  }
}

TEST(GeneratedConfig, SaysTheSameInHjsonAndJson) {
  const auto hjson = parse_hjson(config_as_hjson(zero_key(), kAdmin));
  ASSERT_TRUE(hjson);
  EXPECT_EQ(to_json(*hjson), nlohmann::json::parse(config_as_json(zero_key(), kAdmin)));
}

TEST(GeneratedConfig, CopesWithAPathThatIsNoText) {
  EXPECT_TRUE(parse_config(config_as_hjson(zero_key(), "unix:///\xff\"\n/x"), "new.conf"));
  EXPECT_TRUE(parse_config(config_as_json(zero_key(), "unix:///\xff\"\n/x"), "new.conf"));
}

}  // namespace
}  // namespace thicket::node
