#pragma once

#include <string_view>

namespace thicket::node {

/// Says on standard error, while it lives, what is waited for; then takes that back. Says nothing
/// unless somebody looks: standard error is a terminal, and not a dumb one.
class WaitNotice {
 public:
  /// `text` is one short line of ASCII.
  explicit WaitNotice(std::string_view text);
  ~WaitNotice();
  WaitNotice(const WaitNotice&) = delete;
  WaitNotice& operator=(const WaitNotice&) = delete;

 private:
  bool shown_;
};

}  // namespace thicket::node
