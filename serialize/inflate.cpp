#include <taper/serialize/inflate_internal.h>

#include <taper/core/error.h>

#include <algorithm>

namespace taper::serialize::detail {

Inflater::Inflater(InputFile& file, uint64_t packed, int window_bits, std::string where)
    : file_(file), left_(packed), where_(std::move(where)) {
  TAPER_CHECK(inflateInit2(&stream_, window_bits) == Z_OK, where_, ": zlib must have memory; it has none");
}

std::string_view Inflater::rest() {
  if (stream_.avail_in == 0) {
    const size_t n = static_cast<size_t>(std::min<uint64_t>(sizeof buffer_, left_));
    file_.read(buffer_, n);
    left_ -= n;
    stream_.next_in = buffer_;
    stream_.avail_in = static_cast<uInt>(n);
  }
  return {reinterpret_cast<const char*>(stream_.next_in), stream_.avail_in};
}

void Inflater::skip(size_t count) {
  stream_.next_in += count;
  stream_.avail_in -= static_cast<uInt>(count);
}

void Inflater::restart() {
  inflateReset(&stream_);
  ended_ = false;
}

size_t Inflater::read(void* to, size_t count) {
  constexpr size_t kAtOnce = size_t{1} << 30;  // zlib counts in 32 bits
  size_t done = 0;
  while (done < count && !ended_) {
    rest();
    const uInt room = static_cast<uInt>(std::min(count - done, kAtOnce));
    stream_.next_out = static_cast<Bytef*>(to) + done;
    stream_.avail_out = room;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    done += room - stream_.avail_out;
    ended_ = status == Z_STREAM_END;
    TAPER_CHECK(ended_ || status == Z_OK, where_,
                " must be undamaged compressed data; zlib says: ", stream_.msg ? stream_.msg : "cut short",
                "; fetch the file again");
  }
  return done;
}

}  // namespace taper::serialize::detail
