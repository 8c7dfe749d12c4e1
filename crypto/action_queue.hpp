#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace thicket::crypto {

/// A first-in first-out queue that stops allocating once it has seen its usual length: its owner
/// drains it after every call, so that it mostly holds one element.
template <class T>
class ActionQueue {
 public:
  void push(T action) { actions_.push_back(std::move(action)); }

  std::optional<T> pop() {
    if (taken_ == actions_.size()) return std::nullopt;
    std::optional<T> action(std::move(actions_[taken_++]));
    if (taken_ == actions_.size()) {
      actions_.clear();
      taken_ = 0;
    }
    return action;
  }

 private:
  std::vector<T> actions_;
  std::size_t taken_ = 0;
};

}  // namespace thicket::crypto
