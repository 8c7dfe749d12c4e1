#include "routing/bloom_filter.hpp"

#include "crypto/invariant.hpp"

using thicket::ByteView;
using thicket::routing::BloomFilter;

// Whatever decodes has one canonical form, no longer than what came, and means the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView wire(data, size);
  const auto filter = BloomFilter::decode(wire);
  if (!filter) return 0;
  INVARIANT(size <= BloomFilter::kMaxWireSize);
  const auto canonical = filter->encode();
  INVARIANT(canonical.size() <= size);
  INVARIANT(BloomFilter::decode(canonical) == filter);

  BloomFilter merged;
  merged.merge(*filter);
  INVARIANT(merged == *filter);
  INVARIANT(merged.includes(*filter));
  INVARIANT(merged.empty() == (merged.ones() == 0));
  return 0;
}
