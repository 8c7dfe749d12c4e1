#include "routing/record.hpp"

#include <tuple>

namespace thicket::routing {

Record Record::of(const Announce& announce) {
  return {announce.parent, announce.seq,  announce.nonce,
          announce.port,   announce.psig, announce.sig};
}

Announce Record::announce(const PublicKey& key) const {
  return {key, parent, seq, nonce, port, psig, sig};
}

bool supersedes(const Record& candidate, const Record& held) {
  if (candidate.seq != held.seq) return candidate.seq > held.seq;
  return std::tie(candidate.parent, candidate.nonce) < std::tie(held.parent, held.nonce);
}

std::optional<std::string_view> find_fault(const PublicKey& key, const Record& record,
                                           const Cryptography& cryptography) {
  if (record.port.value == 0 && record.parent != key) return "port 0 under another parent";
  const auto message = signed_bytes(key, record.parent, record.seq, record.nonce, record.port);
  if (!cryptography.verify(key, message, record.sig)) return "the node's own signature is wrong";
  const bool same_signature = record.parent == key && record.psig == record.sig;
  if (!same_signature && !cryptography.verify(record.parent, message, record.psig)) {
    return "the parent's signature is wrong";
  }
  return std::nullopt;
}

Record make_root_record(const KeyPair& identity, std::uint64_t seq, std::uint64_t nonce,
                        const Cryptography& cryptography) {
  Record record{identity.public_key(), seq, nonce, Port{0}, {}, {}};
  const auto message = signed_bytes(identity.public_key(), record.parent, seq, nonce, record.port);
  record.sig = record.psig = cryptography.sign(identity, message);
  return record;
}

}  // namespace thicket::routing
