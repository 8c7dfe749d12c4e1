#include "routing/capabilities.hpp"

#include <algorithm>
#include <msgpack.hpp>
#include <optional>

namespace thicket::routing {

namespace {

constexpr std::string_view kVersionKey = "v";
constexpr std::string_view kAgentKey = "agent";
constexpr std::string_view kCapsKey = "caps";
constexpr std::string_view kSeenKey = "seen";
constexpr std::string_view kDht = "dht";

/// Where msgpack-c writes to.
struct Sink {
  std::vector<std::uint8_t> bytes;
  Sink() { bytes.reserve(256); }
  void write(const char* data, std::size_t size) {
    const auto* from = reinterpret_cast<const std::uint8_t*>(data);
    bytes.insert(bytes.end(), from, from + size);
  }
};
using Packer = msgpack::packer<Sink>;

void put(Packer& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  out.pack_str(size);
  out.pack_str_body(text.data(), size);
}

std::optional<std::string_view> text_of(const msgpack::object& value) {
  if (value.type != msgpack::type::STR) return std::nullopt;
  return std::string_view(value.via.str.ptr, value.via.str.size);
}

bool read_text(const msgpack::object& value, std::size_t size_max, std::string& target) {
  const auto text = text_of(value);
  if (text) target = printable(*text, size_max);
  return text.has_value();
}

bool read_caps(const msgpack::object& value, Capabilities& out) {
  if (value.type != msgpack::type::ARRAY) return false;
  out.dht = false;
  for (std::uint32_t i = 0; i < value.via.array.size; ++i) {
    if (text_of(value.via.array.ptr[i]) == kDht) out.dht = true;
  }
  return true;
}

/// False: a known key has a value of the wrong type.
bool read_entry(const msgpack::object_kv& entry, bool& has_version, Capabilities& out) {
  const auto key = text_of(entry.key);
  if (key == kVersionKey) {
    if (entry.val.type != msgpack::type::POSITIVE_INTEGER) return false;
    out.version = entry.val.via.u64;
    has_version = true;
    return true;
  }
  if (key == kAgentKey) return read_text(entry.val, limits::kAgentBytes, out.agent);
  if (key == kSeenKey) return read_text(entry.val, limits::kSeenBytes, out.seen);
  if (key == kCapsKey) return read_caps(entry.val, out);
  return true;
}

Result<Capabilities, CapabilitiesError> read_map(const msgpack::object& object) {
  if (object.type != msgpack::type::MAP) return failure(CapabilitiesError::malformed);
  Capabilities out;
  bool has_version = false;
  for (std::uint32_t i = 0; i < object.via.map.size; ++i) {
    if (!read_entry(object.via.map.ptr[i], has_version, out)) {
      return failure(CapabilitiesError::bad_field);
    }
  }
  if (!has_version) return failure(CapabilitiesError::bad_field);
  return out;
}

bool refer_to_input(msgpack::type::object_type, std::size_t, void*) {
  return true;
}

}  // namespace

std::vector<std::string_view> Capabilities::names() const {
  std::vector<std::string_view> list;
  if (dht) list.push_back(kDht);
  return list;
}

std::string printable(std::string_view text, std::size_t size_max) {
  std::string out(text.substr(0, size_max));
  std::ranges::replace_if(
      out, [](char letter) { return letter < 0x20 || letter > 0x7e; }, '?');
  return out;
}

Result<Capabilities, CapabilitiesError> decode_capabilities(ByteView body) {
  if (body.size() > limits::kCapabilitiesBytes) return failure(CapabilitiesError::too_long);
  const msgpack::unpack_limit limit(limits::kCapabilitiesElements, limits::kCapabilitiesElements,
                                    limits::kCapabilitiesBytes, limits::kCapabilitiesBytes,
                                    limits::kCapabilitiesBytes, limits::kCapabilitiesDepth);
  const auto* data = reinterpret_cast<const char*>(body.data());
  try {
    msgpack::zone zone;
    std::size_t offset = 0;
    bool referred = false;
    const msgpack::object object =
        msgpack::unpack(zone, data, body.size(), offset, referred, refer_to_input, nullptr, limit);
    if (offset != body.size()) return failure(CapabilitiesError::malformed);
    return read_map(object);
  } catch (const msgpack::unpack_error&) {
    return failure(CapabilitiesError::malformed);
  }
}

std::vector<std::uint8_t> encode_capabilities(const Capabilities& capabilities) {
  const std::string agent = printable(capabilities.agent, limits::kAgentBytes);
  const std::string seen = printable(capabilities.seen, limits::kSeenBytes);
  const auto names = capabilities.names();
  Sink sink;
  Packer out(sink);
  out.pack_map(2 + (agent.empty() ? 0U : 1U) + (seen.empty() ? 0U : 1U));
  put(out, kVersionKey);
  out.pack_uint64(capabilities.version);
  if (!agent.empty()) {
    put(out, kAgentKey);
    put(out, agent);
  }
  put(out, kCapsKey);
  out.pack_array(static_cast<std::uint32_t>(names.size()));
  for (const std::string_view name : names) put(out, name);
  if (!seen.empty()) {
    put(out, kSeenKey);
    put(out, seen);
  }
  return std::move(sink.bytes);
}

std::string_view describe(CapabilitiesError error) {
  switch (error) {
    case CapabilitiesError::too_long:
      return "capabilities too long";
    case CapabilitiesError::malformed:
      return "capabilities are not one bounded MessagePack map";
    case CapabilitiesError::bad_field:
      return "capabilities without a version, or with a bad field";
  }
  return "unknown capabilities error";
}

}  // namespace thicket::routing
