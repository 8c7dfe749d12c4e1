#include "routing/dht/path_record.hpp"

#include <algorithm>
#include <utility>

#include "routing/dht/limits.hpp"
#include "routing/frame.hpp"
#include "routing/frame_reader.hpp"
#include "routing/uvarint.hpp"

namespace thicket::routing::dht {

std::size_t PathRecord::encoded_size() const {
  return PublicKey::kSize + uvarint_size(seq) + coords.size() + Signature::kSize;
}

void PathRecord::append_to(std::vector<std::uint8_t>& out) const {
  out.insert(out.end(), key.bytes.begin(), key.bytes.end());
  append_uvarint(out, seq);
  out.insert(out.end(), coords.begin(), coords.end());
  out.insert(out.end(), sig.bytes.begin(), sig.bytes.end());
}

std::vector<std::uint8_t> PathRecord::encode() const {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(encoded_size());
  append_to(bytes);
  return bytes;
}

Result<PathRecord, RecordError> PathRecord::decode(ByteView bytes) {
  FrameReader in(bytes, 0);
  PathRecord record;
  record.key = in.fixed<PublicKey>();
  record.seq = in.uvarint();
  const PathView path = in.path();
  record.sig = in.fixed<Signature>();
  if (in.finish()) return failure(RecordError::malformed);
  if (path.wire().size() > limits::kPathBytes) return failure(RecordError::path_too_long);
  record.coords.assign(path.wire().begin(), path.wire().end());
  if (record.encoded_size() != bytes.size()) return failure(RecordError::malformed);
  if (encode_path(path.to_path()) != record.coords) return failure(RecordError::malformed);
  return record;
}

std::optional<RecordError> check_age(const PathRecord& record, std::uint64_t unix_seconds) {
  // Differences, not sums: a seq may be any number.
  if (record.seq > unix_seconds) {
    const bool far = record.seq - unix_seconds > limits::kRecordFutureSeconds;
    return far ? std::optional(RecordError::in_future) : std::nullopt;
  }
  if (unix_seconds - record.seq > limits::kRecordAgeSeconds) return RecordError::too_old;
  return std::nullopt;
}

std::optional<RecordError> check(const PathRecord& record, std::uint64_t unix_seconds,
                                 const Cryptography& cryptography) {
  if (const auto error = check_age(record, unix_seconds)) return error;
  const auto message = signed_bytes(record.seq, record.path());
  if (!cryptography.verify(record.key, message, record.sig)) return RecordError::forged;
  return std::nullopt;
}

PathRecord make_record(const KeyPair& identity, std::uint64_t seq, std::vector<std::uint8_t> coords,
                       const Cryptography& cryptography) {
  PathRecord record;
  record.key = identity.public_key();
  record.seq = seq;
  record.coords = std::move(coords);
  record.sig = cryptography.sign(identity, signed_bytes(seq, record.path()));
  return record;
}

std::string_view describe(RecordError error) {
  switch (error) {
    case RecordError::malformed:
      return "malformed record";
    case RecordError::path_too_long:
      return "record with too long a path";
    case RecordError::too_old:
      return "record older than 30 minutes";
    case RecordError::in_future:
      return "record from the future";
    case RecordError::forged:
      return "record with a bad signature";
  }
  return "unknown record error";
}

}  // namespace thicket::routing::dht
