#include "node/echo_host.hpp"

#include <optional>
#include <utility>

#include "node/echo.hpp"

namespace thicket::node {

EchoHost::EchoHost(tun::MemoryDevice& device, const Address& address, AnswerHandler on_answer)
    : device_(device), address_(address), on_answer_(std::move(on_answer)) {
  device_.on_written([this](Packet packet) { received(std::move(packet)); });
}

void EchoHost::ping(const Address& to, std::size_t data_size) {
  Target& target = targets_[to];
  Echo echo;
  echo.source = address_;
  echo.destination = to;
  echo.sequence = target.next_sequence++;
  target.sent[echo.sequence % kRemembered] = Clock::now();
  device_.inject(make_echo(echo, data_size));
}

void EchoHost::received(Packet packet) {
  const std::optional<Echo> echo = parse_echo(std::as_const(packet).bytes());
  if (!echo || echo->destination != address_) return;
  if (!echo->reply) {
    turn_into_reply(packet);
    device_.inject(std::move(packet));
    return;
  }
  const auto target = targets_.find(echo->source);
  if (target == targets_.end()) return;
  Clock::time_point& sent = target->second.sent[echo->sequence % kRemembered];
  if (sent == Clock::time_point()) return;  // answered already
  on_answer_(echo->source, Clock::now() - std::exchange(sent, {}));
}

}  // namespace thicket::node
