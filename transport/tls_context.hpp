#pragma once

#include <memory>
#include <string>

#include "crypto/key_pair.hpp"
#include "crypto/result.hpp"

struct ssl_ctx_st;

namespace thicket::transport {

/// What all TLS links of a node share: a self-signed certificate with the node's key, and the
/// settings of wire.md §10. Certificates are not verified: the handshake of §2 authenticates. Made
/// when the first TLS link or listener appears, for it takes memory.
class TlsContext {
 public:
  static Result<std::unique_ptr<TlsContext>, std::string> make(const KeyPair& identity);

  ssl_ctx_st* get() const { return context_.get(); }

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  using Handle = std::unique_ptr<ssl_ctx_st, Free>;
  explicit TlsContext(Handle context) : context_(std::move(context)) {}

  Handle context_;
};

/// Takes what OpenSSL noted as its first error on this thread, and forgets the rest.
std::string take_tls_error();

}  // namespace thicket::transport
