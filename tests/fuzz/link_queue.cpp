#include "routing/link_queue.hpp"

#include <chrono>
#include <cstring>
#include <map>
#include <utility>

#include "crypto/invariant.hpp"

using namespace thicket;
using namespace thicket::routing;

namespace {

PublicKey key(int number) {
  PublicKey key;
  key.bytes[0] = static_cast<std::uint8_t>(number);
  return key;
}

using FlowName = std::pair<int, int>;

struct Fuzzed {
  LinkQueue queue{{400000, 20000, std::chrono::milliseconds(5), std::chrono::milliseconds(20)}};
  Instant now{};
  std::uint32_t pushed = 0;
  std::uint64_t popped = 0;
  std::map<std::uint32_t, FlowName> flow_of;
  std::map<FlowName, std::uint32_t> newest;

  void push(std::uint8_t flow, std::uint8_t size) {
    Packet packet(4 + std::size_t{size} * size * 2, 0);
    ++pushed;
    std::memcpy(packet.data(), &pushed, sizeof pushed);
    flow_of[pushed] = {flow >> 4, flow & 15};
    queue.push_traffic(now, key(flow >> 4), key(flow & 15), std::move(packet));
  }

  bool pop() {
    const auto packet = queue.pop(now);
    if (!packet) return false;
    if (packet->size() < 4) return true;  // a protocol frame
    std::uint32_t number = 0;
    std::memcpy(&number, packet->data(), sizeof number);
    std::uint32_t& last = newest[flow_of.at(number)];
    INVARIANT(last < number);
    last = number;
    ++popped;
    return true;
  }
};

}  // namespace

// Each step takes three bytes: what to do, the flow, the size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Fuzzed fuzzed;
  for (; size >= 3; data += 3, size -= 3) {
    fuzzed.now += std::chrono::milliseconds(data[0] >> 4);
    switch (data[0] & 3) {
      case 0:
        fuzzed.pop();
        break;
      case 1:
        (void)fuzzed.queue.push_control(Packet(1, 8));
        break;
      default:
        fuzzed.push(data[1], data[2]);
    }
    // Not after every step: it takes longer than the step.
    if ((data[0] & 0x0c) == 0) fuzzed.queue.check_invariants();
  }
  fuzzed.queue.check_invariants();
  while (fuzzed.pop()) {
  }
  INVARIANT(fuzzed.queue.empty());
  INVARIANT(fuzzed.popped + fuzzed.queue.dropped_frames() == fuzzed.pushed);
  return 0;
}
