#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace thicket::node {

// The key of the seed of 32 zero bytes (tests/vectors/address.json).
inline constexpr std::string_view kZeroPrivateKey =
    "0000000000000000000000000000000000000000000000000000000000000000"
    "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29";
inline constexpr std::string_view kZeroPublicKey =
    "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29";
inline constexpr std::string_view kZeroAddress = "202:24ae:c219:8a4a:de94:eae2:b97e:ac87";
inline constexpr std::string_view kZeroSubnet = "302:24ae:c219:8a4a::/64";

inline std::string zero_key_line() {
  return fmt::format("PrivateKey: {}\n", kZeroPrivateKey);
}

// Every key, the way people write a yggdrasil.conf: most of it without quotes.
inline constexpr std::string_view kSampleConfig = R"({
  # Who I am.
  PrivateKey: 00000000000000000000000000000000000000000000000000000000000000003b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29

  // Friends
  Peers: [
    tls://192.0.2.1:443
    "tcp://[2001:db8::1]:9001?priority=3", /* slow */
    'tls://peer.example.net:8443?password=a%20b'
  ]
  InterfacePeers: { "eth1": [ "tcp://198.51.100.7:12345" ], wlan0: [] }
  Listen: [
    tls://[::]:0
    tcp://0.0.0.0:9001
  ]
  AdminListen: unix:///var/run/yggdrasil/yggdrasil.sock
  MulticastInterfaces: [
    {
      Regex: ^(eth|wlan)\d+$
      Beacon: true
      Listen: false
      Port: 9002 # fixed for the firewall
      Priority: 7
      Password: 12345
    }
    { "Regex": ".*", "Beacon": false, "Listen": false }
  ]
  AllowedPublicKeys: [
    8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c
  ]
  GroupPassword: correct horse battery
  IfName: ygg0
  IfMTU: 1400
  LogLookups: true
  NodeInfoPrivacy: true
  NodeInfo: {
    name: a node # not a comment
    location: { lat: 52.5, lon: 13.4 }
    contact: "x@example.net"
  }
}
)";

}  // namespace thicket::node
