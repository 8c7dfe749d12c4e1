#pragma once

struct bio_st;

namespace thicket::transport {

class TlsStream;

/// How OpenSSL reaches the socket of a TlsStream: without signals, and gathering what it writes.
struct TlsBio {
  /// A BIO for `stream`, which must outlive it; null: out of memory.
  static bio_st* make(TlsStream& stream);

  static int read(bio_st* bio, char* out, int size);
  static int write(bio_st* bio, const char* bytes, int size);
  static long control(bio_st* bio, int command, long number, void* pointer);
};

}  // namespace thicket::transport
