#pragma once

#include "crypto/bytes.hpp"

namespace thicket::transport {

/// Buffers that all links of a thread share, made at first use. What is in them is only valid until
/// the present read or write of one link is done.
ByteSpan read_scratch();    ///< 64 KB: where reads land
ByteSpan gather_scratch();  ///< 16 KB: small frames gathered into one TLS record
ByteSpan cipher_scratch();  ///< 4 TLS records on their way to the socket

}  // namespace thicket::transport
