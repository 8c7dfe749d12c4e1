#include <benchmark/benchmark.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "routing/bloom_filter.hpp"
#include "routing/frame.hpp"
#include "routing/link_queue.hpp"

namespace thicket::routing {
namespace {

PublicKey key(std::uint8_t number) {
  PublicKey key;
  key.bytes[0] = number;
  return key;
}

Path path_of(std::size_t hops) {
  return Path(hops, Port{3});
}

Packet traffic_frame(std::size_t hops) {
  const auto path = encode_path(path_of(hops));
  Traffic header;
  header.path = PathView(path);
  header.from = PathView(path);
  header.watermark = 2 * hops;
  Packet packet(1400);
  prepend_traffic_header(packet, header);
  return packet;
}

// What a relay does to a frame, but for choosing the link.
void forward(benchmark::State& state) {
  Packet body = traffic_frame(static_cast<std::size_t>(state.range(0)));
  const Path own = path_of(2);
  for (auto _ : state) {
    const auto frame = decode_traffic(body.bytes());
    benchmark::DoNotOptimize(tree_distance(frame->path, own));
    set_watermark(body, frame->watermark_field, frame->watermark);
    const std::size_t size = body.size();
    prepend_length(body);
    body.pop_front(body.size() - size);
  }
}
BENCHMARK(forward)->Arg(4)->Arg(10)->Arg(40);

void decode_any(benchmark::State& state) {
  const Packet body = traffic_frame(10);
  for (auto _ : state) benchmark::DoNotOptimize(decode_frame(body.bytes()));
}
BENCHMARK(decode_any);

void distance_to_a_peer(benchmark::State& state) {
  const auto wire = encode_path(path_of(10));
  const Path peer = path_of(8);
  for (auto _ : state) benchmark::DoNotOptimize(tree_distance(PathView(wire), peer));
}
BENCHMARK(distance_to_a_peer);

void filter_lookup(benchmark::State& state) {
  BloomFilter filter;
  const auto positions = BloomFilter::positions(LookupKey());
  filter.add(positions);
  for (auto _ : state) benchmark::DoNotOptimize(filter.may_contain(positions));
}
BENCHMARK(filter_lookup);

void filter_positions(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(BloomFilter::positions(LookupKey()));
}
BENCHMARK(filter_positions);

// Push and pop with as many flows waiting.
void queue(benchmark::State& state) {
  LinkQueue queue({64 << 20, 1 << 20});
  const auto flows = static_cast<std::uint8_t>(state.range(0));
  for (int round = 0; round < 4; ++round) {
    for (std::uint8_t i = 0; i < flows; ++i) {
      queue.push_traffic(Instant(), key(i), key(0), Packet(1400));
    }
  }
  std::uint8_t next = 0;
  Packet frame(1400);
  for (auto _ : state) {
    queue.push_traffic(Instant(), key(next), key(0), std::move(frame));
    next = static_cast<std::uint8_t>(next + 1 < flows ? next + 1 : 0);
    frame = std::move(*queue.pop(Instant()));
  }
}
BENCHMARK(queue)->Arg(0)->Arg(1)->Arg(10)->Arg(200);

}  // namespace
}  // namespace thicket::routing
