#pragma once

#include <rapidcheck.h>

#include <optional>
#include <utility>
#include <vector>

#include "routing/dht/message.hpp"
#include "routing/wire_generators.hpp"

namespace thicket::routing::dht::test {

/// Well-formed, with a path of any shape that fits; the signature is noise.
inline rc::Gen<PathRecord> any_record() {
  return rc::gen::map(
      rc::gen::tuple(routing::test::any_fixed<PublicKey>(), routing::test::any_number(),
                     routing::test::any_path(), routing::test::any_fixed<Signature>()),
      [](const auto& parts) {
        PathRecord record;
        record.key = std::get<0>(parts);
        record.seq = std::get<1>(parts);
        Path path = std::get<2>(parts);
        if (path.size() > 90) path.resize(90);
        record.coords = encode_path(path);
        record.sig = std::get<3>(parts);
        return record;
      });
}

inline rc::Gen<std::optional<PathRecord>> maybe_record() {
  return rc::gen::oneOf(rc::gen::just(std::optional<PathRecord>()),
                        rc::gen::map(any_record(), [](const PathRecord& record) {
                          return std::optional<PathRecord>(record);
                        }));
}

inline rc::Gen<std::vector<PathRecord>> few_records() {
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, 5), [](std::size_t count) {
    return rc::gen::container<std::vector<PathRecord>>(count, any_record());
  });
}

inline rc::Gen<Identifier> any_identifier() {
  return routing::test::any_fixed<Identifier>();
}

inline rc::Gen<Body> any_body() {
  using rc::gen::map;
  const auto hops = rc::gen::arbitrary<std::uint8_t>();
  return rc::gen::oneOf(
      rc::gen::just(Body(Ping{})), rc::gen::just(Body(Pong{})), rc::gen::just(Body(Stored{})),
      map(rc::gen::tuple(any_identifier(), hops, maybe_record(), routing::test::any_number()),
          [](const auto& p) {
            return Body(Find{std::get<0>(p), std::get<1>(p), std::get<2>(p), std::get<3>(p)});
          }),
      map(few_records(), [](const auto& records) { return Body(Found{records}); }),
      map(rc::gen::pair(maybe_record(), hops),
          [](const auto& p) {
            return Body(Store{p.first, p.second});
          }),
      map(any_identifier(), [](const auto& id) { return Body(Neighbours{id}); }),
      map(few_records(), [](const auto& records) { return Body(Contacts{records}); }));
}

inline rc::Gen<Datagram> any_datagram() {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::arbitrary<std::uint64_t>(), maybe_record(), any_body()),
      [](const auto& parts) {
        Datagram datagram;
        for (std::size_t i = 0; i < 8; ++i) {
          datagram.txid[i] = static_cast<std::uint8_t>(std::get<0>(parts) >> (8 * i));
        }
        datagram.sender = std::get<1>(parts);
        datagram.body = std::get<2>(parts);
        return datagram;
      });
}

}  // namespace thicket::routing::dht::test
