#include <gtest/gtest.h>
#include <sodium.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "routing/frame.hpp"
#include "routing/uvarint.hpp"
#include "routing/wire_bytes.hpp"

namespace thicket::routing {
namespace {

using nlohmann::json;
using test::Bytes;

json frames() {
  std::ifstream file(THICKET_SOURCE_DIR "/tests/vectors/frames.json");
  return json::parse(file)["frames"];
}

PublicKey key_from(const json& hex) {
  return test::fixed_from_hex<PublicKey>(hex);
}

Signature signature_from(const json& hex) {
  return test::fixed_from_hex<Signature>(hex);
}

Path path_from(const json& ports) {
  Path path;
  for (const json& port : ports) path.push_back(Port{port.get<std::uint64_t>()});
  return path;
}

bool verifies(const PublicKey& signer, ByteView message, const Signature& signature) {
  return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                     signer.bytes.data()) == 0;
}

/// Compares the fields of a decoded frame with what the vector says they are.
struct Expect {
  const json& vector;
  const json& fields;
  ByteView body;

  void number(std::uint64_t value, const char* name) const {
    EXPECT_EQ(value, fields[name].get<std::uint64_t>()) << name;
  }
  void key(const PublicKey& value, const char* name) const {
    EXPECT_EQ(value, key_from(fields[name])) << name;
  }
  void signature(const Signature& value, const char* name) const {
    EXPECT_EQ(value, signature_from(fields[name])) << name;
  }
  void path(const PathView& value, const char* name) const {
    EXPECT_EQ(value.to_path(), path_from(fields[name])) << name;
  }

  void operator()(const Dummy&) const { ADD_FAILURE() << "there is no vector of this type"; }
  void operator()(const Keepalive&) const { EXPECT_EQ(body.size(), 1u); }
  void operator()(const SigReq& frame) const {
    number(frame.seq, "seq");
    number(frame.nonce, "nonce");
  }
  void operator()(const SigRes& frame) const {
    number(frame.seq, "seq");
    number(frame.nonce, "nonce");
    number(frame.port.value, "port");
    signature(frame.psig, "psig");
    const PublicKey requester = key_from(vector["requester"]);
    const PublicKey responder = key_from(vector["responder"]);
    const Bytes message = signed_bytes(requester, responder, frame.seq, frame.nonce, frame.port);
    EXPECT_TRUE(verifies(responder, message, frame.psig));
  }
  void operator()(const Announce& frame) const {
    key(frame.key, "key");
    key(frame.parent, "parent");
    number(frame.seq, "seq");
    number(frame.nonce, "nonce");
    number(frame.port.value, "port");
    signature(frame.psig, "psig");
    signature(frame.sig, "sig");
    const Bytes message = signed_bytes(frame.key, frame.parent, frame.seq, frame.nonce, frame.port);
    EXPECT_TRUE(verifies(frame.parent, message, frame.psig));
    EXPECT_TRUE(verifies(frame.key, message, frame.sig));
  }
  void operator()(const BloomFrame& frame) const {
    EXPECT_EQ(frame.filter.encode(), test::unhex(fields["filter"].get<std::string>()));
  }
  void operator()(const PathLookup& frame) const {
    key(frame.source, "source");
    key(frame.dest, "dest");
    path(frame.from, "from");
  }
  void operator()(const PathNotify& frame) const {
    path(frame.path, "path");
    number(frame.watermark, "watermark");
    key(frame.source, "source");
    key(frame.dest, "dest");
    number(frame.seq, "seq");
    path(frame.coords, "coords");
    signature(frame.sig, "sig");
    EXPECT_TRUE(verifies(frame.source, signed_bytes(frame.seq, frame.coords), frame.sig));
  }
  void operator()(const PathBroken& frame) const {
    path(frame.path, "path");
    number(frame.watermark, "watermark");
    key(frame.source, "source");
    key(frame.dest, "dest");
  }
  void operator()(const Traffic& frame) const {
    path(frame.path, "path");
    path(frame.from, "from");
    key(frame.source, "source");
    key(frame.dest, "dest");
    number(frame.watermark, "watermark");
    EXPECT_EQ(test::to_bytes(body.subspan(frame.payload_offset)),
              test::unhex(fields["payload"].get<std::string>()));
  }
};

struct Reencode {
  ByteView body;

  template <class FrameOfOneType>
  Packet operator()(const FrameOfOneType& frame) const {
    return encode(frame);
  }
  Packet operator()(const Traffic& frame) const {
    Packet packet = Packet::copy_of(body.subspan(frame.payload_offset));
    prepend_traffic_header(packet, frame);
    return packet;
  }
};

TEST(FrameVectors, DecodeToTheFieldsAndEncodeToTheBytes) {
  std::map<std::string, int> seen;
  for (const json& vector : frames()) {
    SCOPED_TRACE(vector.dump());
    const Bytes wire = test::unhex(vector["wire"].get<std::string>());
    const auto length = decode_length(wire);
    ASSERT_TRUE(length && *length);
    ASSERT_EQ((*length)->prefix_size + (*length)->body_size, wire.size());

    const test::ExactBuffer body(ByteView(wire).subspan((*length)->prefix_size));
    EXPECT_EQ(static_cast<int>(*peek_type(body.view())), vector["fields"]["type"].get<int>());
    const auto frame = decode_frame(body.view());
    ASSERT_TRUE(frame) << describe(frame.error());
    EXPECT_EQ(frame->index(), vector["fields"]["type"].get<std::size_t>());
    std::visit(Expect{vector, vector["fields"], body.view()}, *frame);

    Packet again = std::visit(Reencode{body.view()}, *frame);
    prepend_length(again);
    EXPECT_EQ(test::to_bytes(again), wire);
    ++seen[vector["name"]];
  }
  EXPECT_EQ(seen.size(), 9u) << "every type but dummy";
}

}  // namespace
}  // namespace thicket::routing
