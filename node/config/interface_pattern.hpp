#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "crypto/result.hpp"

namespace thicket::node {

/// A regular expression for names of network interfaces, as MulticastInterfaces holds them. Of the
/// RE2 syntax that Yggdrasil takes it knows what POSIX has, \d \D \w \W \s \S \b, (?:…), lazy
/// repetition and a leading (?i).
class InterfacePattern {
 public:
  /// The error is one sentence.
  static Result<InterfacePattern, std::string> compile(std::string_view regex);
  InterfacePattern(InterfacePattern&&) noexcept;
  InterfacePattern& operator=(InterfacePattern&&) noexcept;
  ~InterfacePattern();

  /// Whether it matches anywhere within `name`.
  bool matches(const std::string& name) const;

 private:
  struct Compiled;
  explicit InterfacePattern(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace thicket::node
