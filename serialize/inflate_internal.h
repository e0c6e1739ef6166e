// Deflate and gzip data, unpacked while it is read from a file.
#pragma once

#include <taper/serialize/file_internal.h>

#include <zlib.h>

#include <string>
#include <string_view>

namespace taper::serialize::detail {

constexpr uint64_t kMaxDeflateRatio = 1032;  // deflate cannot do better: 258 bytes for two bits

class Inflater {
 public:
  // Of the next `packed` bytes of the file. `window_bits` as for zlib's inflateInit2: -MAX_WBITS for deflate data,
  // 16 + MAX_WBITS for gzip. `where` is the prefix of error messages.
  Inflater(InputFile& file, uint64_t packed, int window_bits, std::string where);
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Up to `count` bytes; fewer at the end of the compressed stream. Throws Error for damaged data.
  size_t read(void* to, size_t count);
  // The end of the compressed stream was reached.
  bool ended() const { return ended_; }

  // The next packed bytes: at least one, unless all `packed` bytes have been read.
  std::string_view rest();
  void skip(size_t count);  // of rest()
  // Begins another compressed stream, at rest().
  void restart();

 private:
  InputFile& file_;
  uint64_t left_;  // packed bytes that are not in buffer_ yet
  std::string where_;
  z_stream stream_ = {};
  bool ended_ = false;
  Bytef buffer_[1 << 16];
};

}  // namespace taper::serialize::detail
