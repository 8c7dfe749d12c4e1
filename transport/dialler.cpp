#include "transport/dialler.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace thicket::transport {

Dialler::Dialler(asio::io_context& io, Owner& owner, Random& random, const Timings& timings,
                 PeerUri uri, std::string interface, std::shared_ptr<const ConnectionTerms> terms,
                 Redial redial)
    : io_(io),
      owner_(owner),
      random_(random),
      timings_(timings),
      uri_(std::move(uri)),
      name_(uri_.to_string()),
      interface_(std::move(interface)),
      terms_(std::move(terms)),
      redial_(redial),
      timer_(io) {}

void Dialler::start() {
  begin_round();
}

void Dialler::stop() {
  stopped_ = true;
  timer_.cancel();
  attempt_.reset();
  lookup_.cancel();
}

void Dialler::begin_round() {
  failure_.clear();
  if (uri_.scheme == Scheme::unix_socket || uri_.host_is_address()) {
    const auto address = numeric_address(uri_);
    if (address) {
      try_addresses(std::vector<SocketAddress>{*address});
    } else {
      try_addresses(failure(address.error()));
    }
    return;
  }
  lookup_.start(io_, uri_.host, uri_.port, [weak = weak_from_this()](Addresses addresses) {
    if (const auto self = weak.lock(); self && !self->stopped_) {
      self->try_addresses(std::move(addresses));
    }
  });
}

void Dialler::try_addresses(Addresses addresses) {
  addresses_.clear();
  next_address_ = 0;
  if (addresses) {
    addresses_ = std::move(*addresses);
    failure_ = fmt::format("the host {} has no address", uri_.host);
  } else {
    failure_ = addresses.error();
  }
  try_next();
}

void Dialler::try_next() {
  while (!stopped_ && !attempt_ && !connection_) {
    if (next_address_ == addresses_.size()) {
      end_round();
      return;
    }
    const SocketAddress address = addresses_[next_address_++];
    const std::string_view unusable = why_unusable(address);
    if (!unusable.empty()) {
      note_failure(address, fmt::format("the address {}", unusable));
    } else {
      try_address(address);
    }
  }
}

void Dialler::try_address(const SocketAddress& address) {
  attempt_began_ = Clock::now();
  auto fd = start_connect(address, interface_);
  if (!fd) {
    note_failure(address, fd.error());
    return;
  }
  attempt_.emplace(io_);
  asio::error_code error;
  attempt_->assign(fd->get(), error);
  if (error) {
    attempt_.reset();
    note_failure(address, error.message());
    return;
  }
  fd->release();
  // Readiness and time-out can both be on their way: the second one finds another number.
  const unsigned number = ++attempt_number_;
  attempt_->async_wait(asio::posix::descriptor_base::wait_write,
                       [weak = weak_from_this(), address, number](const asio::error_code& failed) {
                         const auto self = weak.lock();
                         if (self && !failed && self->is_attempt(number)) self->connected(address);
                       });
  timer_.expires_after(timings_.connect);
  timer_.async_wait([weak = weak_from_this(), address, number](const asio::error_code& cancelled) {
    const auto self = weak.lock();
    if (!self || cancelled || !self->is_attempt(number)) return;
    self->attempt_.reset();
    self->note_failure(address, "no answer to our attempts to connect");
    self->try_next();
  });
}

void Dialler::connected(const SocketAddress& address) {
  timer_.cancel();
  UniqueFd fd(attempt_->release());
  attempt_.reset();
  const auto result = connect_result(fd.get());
  if (!result) {
    note_failure(address, result.error());
    try_next();
    return;
  }
  connection_ = owner_.make_connection(*this, std::move(fd), address);
  const auto connection = connection_;
  connection->start();
}

void Dialler::setup_failed(const SetupFailure& failed) {
  if (!connection_) return;
  connection_.reset();
  if (stopped_) return;
  if (failed.ourselves) {
    stop();
    remember(failed.reason);
    owner_.dial_failed(*this, failed.reason + "; not trying again");
    if (redial_ == Redial::never) owner_.dialler_done(*this);
    return;
  }
  failure_ = failed.reason;
  try_next();
}

void Dialler::went_down(std::string_view reason, Clock::duration uptime) {
  connection_.reset();
  remember(reason);
  if (stopped_) return;
  if (redial_ == Redial::never) {
    finish();
    return;
  }
  doublings_ = uptime >= timings_.stable ? 0 : std::min(doublings_, kShortLivedDoublings);
  redial_later();
}

void Dialler::note_failure(const SocketAddress& address, std::string_view reason) {
  const bool named = addresses_.size() > 1 || !uri_.host_is_address();
  failure_ = named && uri_.scheme != Scheme::unix_socket
                 ? fmt::format("{}: {}", address.to_string(), reason)
                 : std::string(reason);
}

void Dialler::end_round() {
  const std::string reason =
      addresses_.size() > 1
          ? fmt::format("none of {} addresses works, lastly {}", addresses_.size(), failure_)
          : failure_;
  remember(reason);
  if (redial_ == Redial::never) {
    owner_.dial_failed(*this, reason + "; its next beacon gets another try");
    finish();
    return;
  }
  redial_later();
  owner_.dial_failed(*this, reason + "; trying again");
}

void Dialler::finish() {
  stop();
  owner_.dialler_done(*this);
}

void Dialler::remember(std::string_view error) {
  last_error_ = error;
  last_error_at_ = Clock::now();
}

std::chrono::milliseconds Dialler::next_delay() {
  const auto longest = uri_.max_backoff.value_or(timings_.max_backoff);
  auto delay = std::min(timings_.first_backoff, longest);
  for (unsigned i = 0; i < doublings_ && delay < longest; ++i) delay = std::min(delay * 2, longest);
  if (delay < longest) ++doublings_;
  // Up to a quarter less, so that peers of a node that restarts do not all come back at once.
  const auto jitter = static_cast<std::uint64_t>(delay.count() / 4) + 1;
  return delay - std::chrono::milliseconds(random_.below(jitter));
}

void Dialler::redial_later() {
  timer_.expires_after(next_delay());
  timer_.async_wait([weak = weak_from_this()](const asio::error_code& cancelled) {
    const auto self = weak.lock();
    if (!self || self->stopped_ || cancelled) return;
    self->begin_round();
  });
}

}  // namespace thicket::transport
