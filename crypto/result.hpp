#pragma once

#include <tl/expected.hpp>

namespace thicket {

/// A value, or the reason why there is none. To become std::expected with C++23.
template <class T, class E>
using Result = tl::expected<T, E>;

/// Makes the failed state of a Result: `return failure(Error::truncated);`
template <class E>
tl::unexpected<std::decay_t<E>> failure(E&& error) {
  return tl::unexpected<std::decay_t<E>>(std::forward<E>(error));
}

}  // namespace thicket
