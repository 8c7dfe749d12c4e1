#include "routing/dht/message.hpp"

#include <algorithm>
#include <exception>
#include <msgpack.hpp>
#include <utility>

#include "crypto/invariant.hpp"
#include "routing/dht/limits.hpp"

// The only file that knows MessagePack.
namespace thicket::routing::dht {

namespace {

// --- writing -------------------------------------------------------------------------------------

/// Where msgpack-c writes to.
struct Sink {
  std::vector<std::uint8_t> bytes;
  Sink() {
    bytes.reserve(512);
    bytes.push_back(kPayloadType);
  }
  void write(const char* data, std::size_t size) {
    const auto* from = reinterpret_cast<const std::uint8_t*>(data);
    bytes.insert(bytes.end(), from, from + size);
  }
};
using Packer = msgpack::packer<Sink>;

void put(Packer& out, ByteView bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  out.pack_bin(size);
  out.pack_bin_body(reinterpret_cast<const char*>(bytes.data()), size);
}

/// A missing record is an empty binary.
void put(Packer& out, const std::optional<PathRecord>& record) {
  put(out, record ? record->encode() : std::vector<std::uint8_t>());
}

void put(Packer& out, const std::vector<PathRecord>& records) {
  out.pack_array(static_cast<std::uint32_t>(records.size()));
  for (const PathRecord& record : records) put(out, record.encode());
}

struct PutBody {
  Packer& out;
  void operator()(const Ping&) const {}
  void operator()(const Pong&) const {}
  void operator()(const Find& find) const {
    put(out, find.target.bytes);
    out.pack_uint8(find.hops_left);
    put(out, find.origin);
    if (find.newer_than != 0) out.pack_uint64(find.newer_than);
  }
  void operator()(const Found& found) const { put(out, found.records); }
  void operator()(const Store& store) const {
    put(out, store.record);
    out.pack_uint8(store.hops_left);
  }
  void operator()(const Stored&) const {}
  void operator()(const Neighbours& neighbours) const { put(out, neighbours.id.bytes); }
  void operator()(const Contacts& contacts) const { put(out, contacts.records); }
};

/// Elements of each kind, without the padding.
constexpr std::array<std::uint32_t, std::variant_size_v<Body>> kElementsOfKind{3, 3, 6, 4,
                                                                               5, 3, 4, 4};

std::uint32_t elements_of(const Body& body) {
  const auto* find = std::get_if<Find>(&body);
  return kElementsOfKind[body.index()] + (find != nullptr && find->newer_than != 0 ? 1 : 0);
}

std::vector<std::uint8_t> encode_padded(const Datagram& datagram,
                                        std::optional<std::size_t> padding) {
  Sink sink;
  Packer out(sink);
  const std::size_t kind = datagram.body.index();
  out.pack_array(elements_of(datagram.body) + (padding ? 1 : 0));
  out.pack_uint8(static_cast<std::uint8_t>(kind));
  put(out, datagram.txid);
  put(out, datagram.sender);
  std::visit(PutBody{out}, datagram.body);
  if (padding) put(out, std::vector<std::uint8_t>(*padding));
  return std::move(sink.bytes);
}

// --- reading -------------------------------------------------------------------------------------

/// Takes elements one after the other. After the first that is wrong it yields empty values.
class Reader {
 public:
  explicit Reader(const msgpack::object_array& elements) : elements_(elements) {}

  std::uint64_t number(std::uint64_t max) {
    const msgpack::object* element = next();
    if (element == nullptr || element->type != msgpack::type::POSITIVE_INTEGER ||
        element->via.u64 > max) {
      return fail(std::uint64_t{0});
    }
    return element->via.u64;
  }

  /// A number that may follow; 0: the next element is none.
  std::uint64_t number_if_any() {
    const bool there = !failed_ && at_ < elements_.size &&
                       elements_.ptr[at_].type == msgpack::type::POSITIVE_INTEGER;
    return there ? elements_.ptr[at_++].via.u64 : 0;
  }

  template <std::size_t size>
  std::array<std::uint8_t, size> fixed() {
    std::array<std::uint8_t, size> result{};
    const msgpack::object* element = next();
    if (element == nullptr || element->type != msgpack::type::BIN ||
        element->via.bin.size != size) {
      return fail(result);
    }
    std::ranges::copy(view_of(*element), result.begin());
    return result;
  }

  std::optional<PathRecord> record() {
    const msgpack::object* element = next();
    if (element == nullptr || element->type != msgpack::type::BIN) {
      return fail(std::optional<PathRecord>());
    }
    if (element->via.bin.size == 0) return std::nullopt;
    return record_in(*element);
  }

  std::vector<PathRecord> records() {
    std::vector<PathRecord> result;
    const msgpack::object* element = next();
    if (element == nullptr || element->type != msgpack::type::ARRAY ||
        element->via.array.size > limits::kRecordsPerDatagram) {
      return fail(std::move(result));
    }
    for (std::uint32_t i = 0; i < element->via.array.size; ++i) {
      const msgpack::object& item = element->via.array.ptr[i];
      auto record = item.type == msgpack::type::BIN ? record_in(item) : std::nullopt;
      if (!record) return fail(std::vector<PathRecord>());
      result.push_back(std::move(*record));
    }
    return result;
  }

  bool failed() const { return failed_; }

 private:
  static ByteView view_of(const msgpack::object& bin) {
    return {reinterpret_cast<const std::uint8_t*>(bin.via.bin.ptr), bin.via.bin.size};
  }

  std::optional<PathRecord> record_in(const msgpack::object& bin) {
    auto record = PathRecord::decode(view_of(bin));
    if (!record) return fail(std::optional<PathRecord>());
    return std::move(*record);
  }

  const msgpack::object* next() {
    if (failed_ || at_ == elements_.size) return nullptr;
    return &elements_.ptr[at_++];
  }

  template <class Value>
  Value fail(Value value) {
    failed_ = true;
    return value;
  }

  const msgpack::object_array& elements_;
  std::uint32_t at_ = 0;
  bool failed_ = false;
};

Body read_body(Reader& in, std::uint64_t kind) {
  switch (kind) {
    case 0:
      return Ping{};
    case 1:
      return Pong{};
    case 2: {
      Find find;
      find.target = {in.fixed<32>()};
      find.hops_left = static_cast<std::uint8_t>(in.number(0xff));
      find.origin = in.record();
      find.newer_than = in.number_if_any();
      return find;
    }
    case 3:
      return Found{in.records()};
    case 4: {
      Store store;
      store.record = in.record();
      store.hops_left = static_cast<std::uint8_t>(in.number(0xff));
      return store;
    }
    case 5:
      return Stored{};
    case 6:
      return Neighbours{{in.fixed<32>()}};
    default:
      return Contacts{in.records()};
  }
}

Result<Datagram, MessageError> read_datagram(const msgpack::object& object) {
  if (object.type != msgpack::type::ARRAY) return failure(MessageError::malformed);
  Reader in(object.via.array);
  const std::uint64_t kind = in.number(~std::uint64_t{0});
  if (in.failed()) return failure(MessageError::bad_field);
  if (kind >= std::variant_size_v<Body>) return failure(MessageError::unknown_kind);
  Datagram datagram;
  datagram.txid = in.fixed<8>();
  datagram.sender = in.record();
  datagram.body = read_body(in, kind);
  if (in.failed()) return failure(MessageError::bad_field);
  return datagram;
}

bool refer_to_input(msgpack::type::object_type, std::size_t, void*) {
  return true;
}

}  // namespace

Result<Datagram, MessageError> decode_datagram(ByteView payload) {
  if (payload.empty() || payload[0] != kPayloadType) return failure(MessageError::not_ours);
  if (payload.size() > limits::kDatagramBytes) return failure(MessageError::too_long);
  const msgpack::unpack_limit limit(limits::kElements, limits::kElements, limits::kPaddingBytes,
                                    limits::kPaddingBytes, limits::kPaddingBytes, limits::kDepth);
  const auto* data = reinterpret_cast<const char*>(payload.data());
  try {
    msgpack::zone zone;
    std::size_t offset = 1;
    bool referred = false;
    const msgpack::object object = msgpack::unpack(zone, data, payload.size(), offset, referred,
                                                   refer_to_input, nullptr, limit);
    if (offset != payload.size()) return failure(MessageError::malformed);
    return read_datagram(object);
  } catch (const msgpack::unpack_error&) {
    return failure(MessageError::malformed);
  }
}

std::vector<std::uint8_t> encode_datagram(const Datagram& datagram, std::size_t size_min) {
  std::vector<std::uint8_t> bytes = encode_padded(datagram, std::nullopt);
  if (bytes.size() >= size_min) return bytes;
  // The head of the padding is two bytes, or three for more than 255 of padding: no padding is 258
  // bytes long with its head, so that 259 are taken.
  const std::size_t missing = size_min - bytes.size();
  const std::size_t head = missing > 0xff + 3 ? 3 : 2;
  const std::size_t padding = missing > head ? missing - head : 0;
  return encode_padded(datagram, std::min(padding, limits::kPaddingBytes));
}

std::optional<std::vector<std::uint8_t>> encode_reply(Datagram reply, std::size_t request_size) {
  auto bytes = encode_padded(reply, std::nullopt);
  if (bytes.size() > request_size && reply.sender) {
    reply.sender.reset();
    bytes = encode_padded(reply, std::nullopt);
  }
  std::vector<PathRecord>* records = nullptr;
  if (auto* found = std::get_if<Found>(&reply.body)) records = &found->records;
  if (auto* contacts = std::get_if<Contacts>(&reply.body)) records = &contacts->records;
  while (bytes.size() > request_size && records != nullptr && !records->empty()) {
    records->pop_back();
    bytes = encode_padded(reply, std::nullopt);
  }
  if (bytes.size() > request_size) return std::nullopt;
  return bytes;
}

std::size_t room_for_record(const PathRecord& record) {
  return record.encoded_size() + (record.encoded_size() > 0xff ? 3 : 2);
}

std::string_view describe(MessageError error) {
  switch (error) {
    case MessageError::too_long:
      return "datagram too long";
    case MessageError::not_ours:
      return "not a datagram of the DHT";
    case MessageError::malformed:
      return "datagram is not one bounded MessagePack value";
    case MessageError::unknown_kind:
      return "datagram of an unknown kind";
    case MessageError::bad_field:
      return "datagram with a bad field";
  }
  return "unknown datagram error";
}

}  // namespace thicket::routing::dht
