#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>

#include "transport/limits.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::transport {

namespace {

std::string percent_encode(const std::string& text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 15];
  }
  return encoded;
}

rc::Gen<std::string> host_names() {
  return rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::string>(
                          rc::gen::elementOf(std::string("abcdefghijklmnopqrstuvwxyz-_")))),
                      [](std::string name) { return name.substr(0, 60); });
}

rc::Gen<std::string> ipv4_hosts() {
  return rc::gen::map(rc::gen::arbitrary<std::array<std::uint8_t, 4>>(), [](auto bytes) {
    return std::to_string(bytes[0]) + "." + std::to_string(bytes[1]) + "." +
           std::to_string(bytes[2]) + "." + std::to_string(bytes[3]);
  });
}

/// Any address with any of the ways to write a zone.
rc::Gen<std::string> ipv6_hosts() {
  return rc::gen::map(
      rc::gen::pair(rc::gen::container<std::string>(39, rc::gen::elementOf(std::string("0019aF"))),
                    rc::gen::element<std::string>("", "%eth0", "%25eth0", "%2525x", "%25", "%255")),
      [](auto parts) {
        for (std::size_t i = 4; i < parts.first.size(); i += 5) parts.first[i] = ':';
        return "[" + parts.first + parts.second + "]";
      });
}

rc::Gen<std::string> unix_paths() {
  return rc::gen::map(
      rc::gen::container<std::string>(rc::gen::nonZero<char>()),
      [](std::string path) { return "unix:///" + percent_encode(path.substr(0, 100)); });
}

}  // namespace

RC_GTEST_PROP(UriProperty, AnyTextGivesAUriOrAReason, (const std::string& text)) {
  const auto uri = parse_peer_uri(text);
  if (!uri) RC_ASSERT(!uri.error().message.empty());
}

RC_GTEST_PROP(UriProperty, EveryPlaceHasACanonicalFormThatStays, ()) {
  const auto text =
      *rc::gen::join(rc::gen::element(host_names(), ipv4_hosts(), ipv6_hosts(), unix_paths()));
  const bool local = text.starts_with("unix://");
  const auto uri =
      parse_peer_uri(local ? text : "TLS://" + text + ":443/?priority=7", UriUse::listen);
  RC_ASSERT(uri.has_value());
  const auto again = parse_peer_uri(uri->to_string(), UriUse::listen);
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->to_string() == uri->to_string());
  RC_ASSERT(again->host == uri->host);
  RC_ASSERT(again->zone == uri->zone);
  RC_ASSERT(again->path == uri->path);
  RC_ASSERT(again->port == uri->port);
}

RC_GTEST_PROP(UriProperty, OptionsSurviveEncoding, ()) {
  const auto host = *host_names();
  const auto port = *rc::gen::inRange(1, 65536);
  const auto priority = *rc::gen::inRange(0, 256);
  auto password = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  password.resize(std::min(password.size(), kMaxPasswordSize));
  const auto uri = parse_peer_uri("tls://" + host + ":" + std::to_string(port) +
                                  "?password=" + percent_encode(password) +
                                  "&priority=" + std::to_string(priority));
  RC_ASSERT(uri.has_value());
  RC_ASSERT(uri->host == host);
  RC_ASSERT(uri->port == port);
  RC_ASSERT(uri->password == password);
  RC_ASSERT(uri->priority == priority);
}

RC_GTEST_PROP(UriProperty, DurationsAddUp, ()) {
  const auto hours = *rc::gen::inRange<std::int64_t>(0, 1000);
  const auto minutes = *rc::gen::inRange<std::int64_t>(0, 1000);
  const auto millis = *rc::gen::inRange<std::int64_t>(0, 100000);
  const auto text =
      std::to_string(hours) + "h" + std::to_string(minutes) + "m" + std::to_string(millis) + "ms";
  const std::chrono::nanoseconds expected =
      std::chrono::hours(hours) + std::chrono::minutes(minutes) + std::chrono::milliseconds(millis);
  RC_ASSERT(parse_duration(text) == expected);
}

}  // namespace thicket::transport
