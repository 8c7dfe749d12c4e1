#include "transport/peer_uri.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "transport/limits.hpp"

namespace thicket::transport {

namespace {

using Kind = UriError::Kind;

template <class... Args>
tl::unexpected<UriError> refuse(Kind kind, fmt::format_string<Args...> text, Args&&... args) {
  return tl::unexpected<UriError>(UriError{kind, fmt::format(text, std::forward<Args>(args)...)});
}

struct SchemeName {
  std::string_view name;
  Scheme scheme;
  bool supported;
};

constexpr std::array<SchemeName, 8> kSchemes{{{"tcp", Scheme::tcp, true},
                                              {"tls", Scheme::tls, true},
                                              {"unix", Scheme::unix_socket, true},
                                              {"quic", Scheme::quic, false},
                                              {"ws", Scheme::ws, false},
                                              {"wss", Scheme::wss, false},
                                              {"socks", Scheme::socks, false},
                                              {"sockstls", Scheme::sockstls, false}}};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// The address in the form that the operating system prints; nullopt: not one.
std::optional<std::string> normalised(int family, const std::string& text) {
  std::array<unsigned char, 16> address{};
  std::array<char, INET6_ADDRSTRLEN> printed{};
  if (::inet_pton(family, text.c_str(), address.data()) != 1) return std::nullopt;
  if (::inet_ntop(family, address.data(), printed.data(), printed.size()) == nullptr) {
    return std::nullopt;
  }
  return std::string(printed.data());
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/// Of what the kernel allows, what is seen: a URI may come from strangers, and goes into the log.
bool is_zone_character(char c) {
  return c > ' ' && c < 0x7f && std::string_view("/?#[]").find(c) == std::string_view::npos;
}

bool looks_like_ipv4(std::string_view host) {
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

Result<void, UriError> parse_ipv6(PeerUri& uri, std::string_view inside) {
  const auto percent = inside.find('%');
  std::string_view zone;
  if (percent != std::string_view::npos) {
    zone = inside.substr(percent + 1);
    // RFC 6874 writes the % of a zone as %25; people and multicast code write it plain.
    if (zone.size() > 2 && zone.starts_with("25")) zone.remove_prefix(2);
    if (zone.empty() || zone.size() > 63 ||
        !std::all_of(zone.begin(), zone.end(), is_zone_character)) {
      return refuse(Kind::bad_host,
                    "'{}' is no zone: expected the name of an interface, as in "
                    "[fe80::1%eth0]",
                    zone);
    }
  }
  const auto address = normalised(AF_INET6, std::string(inside.substr(0, percent)));
  if (!address) {
    return refuse(Kind::bad_host, "'{}' is no IPv6 address: expected one such as [2001:db8::1]",
                  inside);
  }
  uri.host = *address;
  uri.zone = std::string(zone);
  return {};
}

Result<void, UriError> parse_name(PeerUri& uri, std::string_view host, UriUse use) {
  if (host.empty()) {
    if (use == UriUse::listen) {
      uri.host = "::";
      return {};
    }
    return refuse(Kind::bad_host,
                  "there is no host: expected a host name, an IPv4 address or an "
                  "[IPv6 address]");
  }
  if (host.find(':') != std::string_view::npos) {
    return refuse(Kind::bad_host,
                  "'{}' has more than one colon: write an IPv6 address in "
                  "brackets, as in [2001:db8::1]:9001",
                  host);
  }
  const std::string name = lower_case(host);
  if (looks_like_ipv4(name)) {
    const auto address = normalised(AF_INET, name);
    if (!address) {
      return refuse(Kind::bad_host, "'{}' is no IPv4 address: expected four numbers from 0 to 255",
                    host);
    }
    uri.host = *address;
    return {};
  }
  if (name.size() > 253 || !std::all_of(name.begin(), name.end(), is_name_character)) {
    return refuse(Kind::bad_host,
                  "'{}' is no host name: expected letters, digits, '-', '_' and "
                  "'.', at most 253 in all",
                  host);
  }
  uri.host = name;
  return {};
}

Result<void, UriError> parse_port(PeerUri& uri, std::string_view text, UriUse use) {
  const auto port = parse_number<std::uint16_t>(text);
  if (!port || (*port == 0 && use == UriUse::dial)) {
    return refuse(Kind::bad_port, "'{}' is no port: expected a number from {} to 65535", text,
                  use == UriUse::dial ? 1 : 0);
  }
  uri.port = *port;
  return {};
}

Result<void, UriError> parse_authority(PeerUri& uri, std::string_view text, UriUse use) {
  const std::string_view authority = text.substr(0, text.find('/'));
  const std::string_view path = text.substr(authority.size());
  if (path.size() > 1) {
    return refuse(Kind::not_a_uri, "{}:// takes no path, found '{}'", to_string(uri.scheme), path);
  }
  if (authority.find('@') != std::string_view::npos) {
    return refuse(Kind::bad_host, "{}:// takes no user name: give a link password as ?password=",
                  to_string(uri.scheme));
  }
  const bool bracketed = authority.starts_with('[');
  const auto bracket = authority.find(']');
  if (bracketed && bracket == std::string_view::npos) {
    return refuse(Kind::bad_host, "'{}' has no closing bracket", authority);
  }
  const auto colon = bracketed ? bracket + 1 : authority.rfind(':');
  if (colon >= authority.size() || authority[colon] != ':') {
    return refuse(Kind::bad_port, "'{}' names no port: expected host:port", authority);
  }
  const auto host = bracketed ? parse_ipv6(uri, authority.substr(1, bracket - 1))
                              : parse_name(uri, authority.substr(0, colon), use);
  if (!host) return host;
  return parse_port(uri, authority.substr(colon + 1), use);
}

Result<void, UriError> parse_unix_path(PeerUri& uri, std::string_view text) {
  const auto path = percent_decode(text, false);
  if (!path) {
    return refuse(Kind::bad_host, "'{}' has a '%' without two hexadecimal digits after it", text);
  }
  if (!path->starts_with('/') || path->find('\0') != std::string::npos) {
    return refuse(Kind::bad_host, "'{}' is no socket path: expected unix:///absolute/path", text);
  }
  if (path->size() >= sizeof(sockaddr_un::sun_path)) {
    return refuse(Kind::bad_host, "the socket path has {} bytes: expected at most {}", path->size(),
                  sizeof(sockaddr_un::sun_path) - 1);
  }
  uri.path = *path;
  return {};
}

Result<void, UriError> set_key(PeerUri& uri, const std::string& value) {
  const auto key = PublicKey::from_hex(value);
  if (!key) {
    return refuse(Kind::bad_option,
                  "option key is '{}': expected a public key, 64 hexadecimal "
                  "digits",
                  value);
  }
  uri.keys.push_back(*key);
  return {};
}

Result<void, UriError> set_priority(PeerUri& uri, const std::string& value) {
  const auto priority = parse_number<std::uint8_t>(value);
  if (!priority) {
    return refuse(Kind::bad_option, "option priority is '{}': expected a number from 0 to 255",
                  value);
  }
  uri.priority = *priority;
  return {};
}

Result<void, UriError> set_password(PeerUri& uri, const std::string& value) {
  if (value.size() > kMaxPasswordSize) {
    return refuse(Kind::bad_option, "option password has {} bytes: expected at most {}",
                  value.size(), kMaxPasswordSize);
  }
  uri.password = value;
  return {};
}

Result<void, UriError> set_max_backoff(PeerUri& uri, const std::string& value) {
  const auto duration = parse_duration(value);
  if (!duration || *duration < kMinMaxBackoff) {
    return refuse(Kind::bad_option,
                  "option maxbackoff is '{}': expected a duration of at least "
                  "5s, such as 30s or 1m30s",
                  value);
  }
  uri.max_backoff = std::chrono::duration_cast<std::chrono::milliseconds>(*duration);
  return {};
}

Result<void, UriError> set_sni(PeerUri& uri, const std::string& value) {
  const bool clean = std::all_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
  });
  if (value.empty() || value.size() > kMaxServerNameSize || !clean) {
    return refuse(Kind::bad_option, "option sni is '{}': expected a host name of at most {} bytes",
                  value, kMaxServerNameSize);
  }
  uri.sni = value;
  return {};
}

struct Option {
  std::string_view name;
  bool repeatable;
  Result<void, UriError> (*set)(PeerUri&, const std::string&);
};

constexpr std::array<Option, 5> kOptions{{{"key", true, set_key},
                                          {"priority", false, set_priority},
                                          {"password", false, set_password},
                                          {"maxbackoff", false, set_max_backoff},
                                          {"sni", false, set_sni}}};

Result<void, UriError> parse_option(PeerUri& uri, std::string_view pair,
                                    std::array<bool, kOptions.size()>& seen) {
  const auto equals = pair.find('=');
  const auto name = percent_decode(pair.substr(0, equals), true);
  const auto value =
      percent_decode(equals == pair.npos ? std::string_view() : pair.substr(equals + 1), true);
  if (!name || !value) {
    return refuse(Kind::bad_option,
                  "option '{}' has a '%' without two hexadecimal digits after "
                  "it: write a percent sign as %25",
                  pair.substr(0, equals));
  }
  for (std::size_t i = 0; i < kOptions.size(); ++i) {
    if (*name != kOptions[i].name) continue;
    if (seen[i] && !kOptions[i].repeatable) {
      return refuse(Kind::bad_option, "option {} is given twice: expected once", *name);
    }
    seen[i] = true;
    return kOptions[i].set(uri, *value);
  }
  return {};
}

Result<void, UriError> parse_query(PeerUri& uri, std::string_view query) {
  std::array<bool, kOptions.size()> seen{};
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    if (auto option = parse_option(uri, pair, seen); !option) return option;
  }
  return {};
}

Result<Scheme, UriError> parse_scheme(std::string_view name) {
  const std::string lower = lower_case(name);
  for (const SchemeName& known : kSchemes) {
    if (lower != known.name) continue;
    if (known.supported) return known.scheme;
    return refuse(Kind::unsupported_scheme,
                  "{}:// is not supported yet: use tcp://, tls:// or "
                  "unix://",
                  lower);
  }
  return refuse(Kind::unknown_scheme, "scheme '{}' is unknown: expected tcp, tls or unix", name);
}

}  // namespace

std::string_view to_string(Scheme scheme) {
  for (const SchemeName& known : kSchemes) {
    if (known.scheme == scheme) return known.name;
  }
  return "unknown";
}

bool PeerUri::host_is_address() const {
  return host.find(':') != std::string::npos || (!host.empty() && looks_like_ipv4(host));
}

std::string PeerUri::to_string() const {
  const std::string_view name = transport::to_string(scheme);
  if (scheme == Scheme::unix_socket) {
    std::string escaped;
    for (const char c : path) {
      const bool plain = static_cast<unsigned char>(c) > 0x20 && c != '%' && c != '?' && c != '#';
      escaped += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return fmt::format("{}://{}", name, escaped);
  }
  if (host.find(':') == std::string::npos) return fmt::format("{}://{}:{}", name, host, port);
  // A zone whose name starts with "25" would read as an escaped percent sign.
  const std::string_view mark = zone.empty() ? "" : zone.starts_with("25") ? "%25" : "%";
  return fmt::format("{}://[{}{}{}]:{}", name, host, mark, zone, port);
}

Result<PeerUri, UriError> parse_peer_uri(std::string_view text, UriUse use) {
  if (text.size() > kMaxUriSize) {
    return refuse(Kind::not_a_uri, "the URI has {} bytes: expected at most {}", text.size(),
                  kMaxUriSize);
  }
  const auto separator = text.find("://");
  if (separator == std::string_view::npos || separator == 0) {
    return refuse(Kind::not_a_uri,
                  "'{}' is no peer URI: expected one such as "
                  "tls://example.org:443",
                  text);
  }
  const auto scheme = parse_scheme(text.substr(0, separator));
  if (!scheme) return tl::unexpected(scheme.error());
  if (text.find('#') != std::string_view::npos) {
    return refuse(Kind::not_a_uri,
                  "'#' has no meaning in a peer URI: in an option, write it as "
                  "%23");
  }
  PeerUri uri;
  uri.scheme = *scheme;
  std::string_view rest = text.substr(separator + 3);
  const auto question = rest.find('?');
  const std::string_view query = question == rest.npos ? "" : rest.substr(question + 1);
  rest = rest.substr(0, question);
  const auto place = uri.scheme == Scheme::unix_socket ? parse_unix_path(uri, rest)
                                                       : parse_authority(uri, rest, use);
  if (!place) return tl::unexpected(place.error());
  const auto options = parse_query(uri, query);
  if (!options) return tl::unexpected(options.error());
  return uri;
}

}  // namespace thicket::transport
