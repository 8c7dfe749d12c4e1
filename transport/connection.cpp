#include "transport/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <asio/post.hpp>
#include <utility>

#include "transport/scratch.hpp"

namespace thicket::transport {

using Status = IoResult::Status;

struct Connection::Setup {
  explicit Setup(asio::io_context& io) : deadline(io) {}
  asio::steady_timer deadline;
  HandshakeParser parser;
  std::vector<std::uint8_t> record;  // our own
  std::size_t sent = 0;              // bytes of it
};

Connection::Connection(const Context& context, ConnectionOwner& owner, UniqueFd fd,
                       std::unique_ptr<ByteStream> stream,
                       std::shared_ptr<const ConnectionTerms> terms,
                       std::vector<std::uint8_t> record, std::string uri, std::string remote)
    : context_(context),
      owner_(owner),
      descriptor_(context.io),
      stream_(std::move(stream)),
      terms_(std::move(terms)),
      setup_(std::make_unique<Setup>(context.io)) {
  setup_->record = std::move(record);
  info_.inbound = terms_->inbound;
  info_.discovered = terms_->discovered_on != 0;
  info_.uri = std::move(uri);
  info_.remote = std::move(remote);
  asio::error_code error;
  descriptor_.assign(fd.get(), error);
  if (!error) {
    fd.release();
  } else {
    unwatchable_ = std::move(fd);
  }
}

Connection::~Connection() = default;

void Connection::start() {
  if (unwatchable_.get() >= 0) {
    fail(SetupFailure{"the system cannot watch one more socket"});
    return;
  }
  setup_->deadline.expires_after(context_.setup_time);
  setup_->deadline.async_wait([self = shared_from_this()](const asio::error_code& error) {
    if (error || self->state_ == State::up || self->closed()) return;
    self->fail(HandshakeFailure{HandshakeError::timeout});
  });
  proceed();
}

void Connection::proceed() {
  if (state_ == State::securing && !secure()) return;
  if (state_ == State::greeting && !greet()) return;
  if (state_ == State::up) read_frames();
}

bool Connection::secure() {
  const IoResult result = stream_->secure();
  switch (result.status) {
    case Status::ok:
      state_ = State::greeting;
      return true;
    case Status::blocked:
      wait_to_read();
      if (stream_->wants_write()) wait_to_write();
      return false;
    case Status::closed:
      fail(HandshakeFailure{HandshakeError::silent});
      return false;
    case Status::failed:
      fail(SetupFailure{stream_->error()});
      return false;
  }
  return false;
}

void Connection::send_greeting() {
  const auto& record = setup_->record;
  while (setup_->sent < record.size() || stream_->wants_write()) {
    const iovec rest{const_cast<std::uint8_t*>(record.data()) + setup_->sent,
                     record.size() - setup_->sent};
    const IoResult result = stream_->write({&rest, 1});
    setup_->sent += result.bytes;
    bytes_sent_ += result.bytes;
    if (result.status == Status::blocked) {
      return wait_to_write();
    }
    // A peer that refuses us closes as soon as it knows why; what it said is still to be read.
    if (result.status != Status::ok) return;
  }
}

/// true: the link is up. false: wait, or it ended.
bool Connection::greet() {
  send_greeting();
  for (;;) {
    const ByteSpan scratch = read_scratch();
    const iovec buffer{scratch.data(), scratch.size()};
    const IoResult result = stream_->read({&buffer, 1});
    bytes_received_ += result.bytes;
    if (result.bytes != 0 && take_greeting(scratch.first(result.bytes))) return up();
    if (closed()) return false;
    if (result.status == Status::blocked) {
      wait_to_read();
      return false;
    }
    if (result.status == Status::closed) {
      fail(HandshakeFailure{setup_->parser.started() ? HandshakeError::truncated
                                                     : HandshakeError::silent});
      return false;
    }
    if (result.status == Status::failed) {
      fail(SetupFailure{stream_->error()});
      return false;
    }
  }
}

/// true: the record was complete, for better or worse.
bool Connection::take_greeting(ByteView bytes) {
  HandshakeParser& parser = setup_->parser;
  const auto taken = parser.feed(bytes);
  if (!taken) {
    fail(HandshakeFailure{taken.error()});
    return true;
  }
  if (!parser.complete()) return false;
  HandshakeTerms terms;
  terms.own_key = context_.own_key;
  terms.password = terms_->password;
  terms.pinned = terms_->pinned;
  const bool must_be_allowed = terms_->inbound && terms_->discovered_on == 0;
  terms.allowed = must_be_allowed ? &context_.allowed_public_keys : nullptr;
  const auto good = check_handshake(parser.record(), terms);
  if (!good) {
    fail(good.error());
    return true;
  }
  info_.peer = *parser.record().key;
  info_.priority = std::max(terms_->priority, parser.record().priority);
  // A hint: one that cannot be read is as good as none.
  auto capabilities = routing::decode_capabilities(parser.record().capabilities);
  if (capabilities) info_.capabilities = std::move(*capabilities);
  come_up(bytes.subspan(*taken));
  return true;
}

void Connection::come_up(ByteView rest) {
  std::string reason;
  const auto id = owner_.admit(*this, reason);
  if (!id) {
    fail(SetupFailure{std::move(reason)});
    return;
  }
  info_.id = *id;
  // Whatever the socket has not taken of our record goes out ahead of the frames.
  const ByteView unsent = ByteView(setup_->record).subspan(setup_->sent);
  if (!unsent.empty()) writer_.push(Packet::copy_of(unsent, 0));
  setup_.reset();
  state_ = State::up;
  up_since_ = std::chrono::steady_clock::now();
  info_.setup_time = up_since_ - begun;
  // The observer may close the link at once, or have others read into the scratch buffer.
  const Packet early = Packet::copy_of(rest, 0);
  owner_.connection_up(*this);
  if (!up() || early.empty()) return;
  owner_.heard(*this);
  const auto done = reader_.hand_over(early.bytes(), *this);
  if (!done && up()) close(routing::describe(done.error()));
  if (up()) owner_.batch_done(*this);
}

void Connection::read_frames() {
  std::size_t total = 0;
  IoResult result{Status::ok, 0};
  while (result.status == Status::ok && total < kReadBudget) {
    result = reader_.read(*stream_);
    total += result.bytes;
    if (result.bytes != 0 && !hand_over(result.bytes)) return;
  }
  if (total != 0) owner_.batch_done(*this);
  if (!up()) return;
  if (result.status == Status::closed || result.status == Status::failed) {
    close(end_reason(result.status));
  } else if (result.status == Status::blocked) {
    wait_to_read();
    if (stream_->wants_write()) wait_to_write();
  } else {
    continue_reading();
  }
}

/// false: the connection ended.
bool Connection::hand_over(std::size_t bytes) {
  bytes_received_ += bytes;
  owner_.heard(*this);
  if (!up()) return false;
  const auto done = reader_.hand_over(*this);
  if (!done && up()) {
    owner_.batch_done(*this);
    close(routing::describe(done.error()));
  }
  return up();
}

bool Connection::take_body(Packet body) {
  owner_.take_frame(*this, std::move(body));
  return up();
}

void Connection::write_frames() {
  if (!up() || writing_) return;
  std::size_t total = 0;
  while (total < kWriteBudget) {
    while (writer_.wants_more()) {
      auto frame = owner_.next_frame(*this);
      if (!up()) return;
      if (!frame) break;
      writer_.push(std::move(*frame));
    }
    if (writer_.empty() && !stream_->wants_write()) return;
    const IoResult result = writer_.write(*stream_);
    bytes_sent_ += result.bytes;
    total += result.bytes;
    if (result.status == Status::closed || result.status == Status::failed) {
      close(end_reason(result.status));
      return;
    }
    if (result.status == Status::blocked) {
      wait_to_write();
      return;
    }
  }
  owner_.want_turn(*this);
}

void Connection::wait_to_read() {
  if (reading_ || closed()) return;
  reading_ = true;
  descriptor_.async_wait(asio::posix::descriptor_base::wait_read,
                         [self = shared_from_this()](const asio::error_code& error) {
                           self->reading_ = false;
                           if (!error && !self->closed()) self->proceed();
                         });
}

void Connection::wait_to_write() {
  if (writing_ || closed()) return;
  writing_ = true;
  descriptor_.async_wait(asio::posix::descriptor_base::wait_write,
                         [self = shared_from_this()](const asio::error_code& error) {
                           self->writing_ = false;
                           if (error || self->closed()) return;
                           if (self->up()) {
                             self->write_frames();
                           } else {
                             self->proceed();
                           }
                         });
}

/// The read budget is used up: others first, then on, without asking the kernel.
void Connection::continue_reading() {
  if (reading_ || closed()) return;
  reading_ = true;
  asio::post(context_.io, [self = shared_from_this()] {
    self->reading_ = false;
    if (self->up()) self->read_frames();
  });
}

std::string Connection::end_reason(IoResult::Status status) const {
  return status == Status::closed ? "the peer closed the connection" : stream_->error();
}

void Connection::fail(const HandshakeFailure& failure) {
  fail(SetupFailure{failure.to_string(), failure.error == HandshakeError::ourselves});
}

void Connection::fail(SetupFailure failure) {
  end(state_, failure);
}

void Connection::close(std::string_view reason) {
  end(state_, SetupFailure{std::string(reason)});
}

void Connection::end(State before, const SetupFailure& failure) {
  if (before == State::closed) return;
  const auto self = shared_from_this();  // the owner lets go of us in the callback
  state_ = State::closed;
  setup_.reset();
  stream_->finish();
  asio::error_code ignored;
  descriptor_.close(ignored);
  if (before == State::up) {
    owner_.connection_down(*this, failure.reason);
  } else {
    owner_.setup_failed(*this, failure);
  }
}

std::chrono::steady_clock::duration Connection::uptime() const {
  return std::chrono::steady_clock::now() - up_since_;
}

}  // namespace thicket::transport
