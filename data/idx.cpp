#include <taper/core/error.h>
#include <taper/data/idx.h>
#include <taper/serialize/file.h>

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <new>
#include <system_error>

namespace taper::data {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxGzipRatio = 1032;  // deflate cannot do better: 258 bytes for two bits
constexpr int kMaxRank = 8;

std::string hex(const uint8_t* bytes, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) out += ' ';
    out += "0123456789abcdef"[bytes[i] >> 4];
    out += "0123456789abcdef"[bytes[i] & 15];
  }
  return count > 0 ? out : "nothing";
}

// The bytes of a file, unpacked on the way when it is gzip.
class ByteSource {
 public:
  explicit ByteSource(const std::string& path) : path_(path), input_(kChunk) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    TAPER_CHECK(!fs::is_directory(status), "read_idx: ", path,
                ": must be a file; got a folder; name the file inside, or let find_idx look for it");
    TAPER_CHECK(fs::exists(status), "read_idx: ", path, ": must exist; got: ", error.message());
    TAPER_CHECK(fs::is_regular_file(status), "read_idx: ", path,
                ": must be a regular file; got a device, pipe or socket");
    file_.reset(std::fopen(path.c_str(), "rb"));
    TAPER_CHECK(file_, "read_idx: ", path, ": must be readable; got: ", std::generic_category().message(errno));
    file_size_ = fs::file_size(path, error);
    TAPER_CHECK(!error, "read_idx: ", path, ": must be readable; got: ", error.message());
    fill();
    packed_ = starts_as_gzip();
    if (packed_)
      TAPER_CHECK(inflateInit2(&zlib_, 16 + MAX_WBITS) == Z_OK, "read_idx: ", path, ": zlib could not start");
  }
  ~ByteSource() {
    if (packed_) inflateEnd(&zlib_);
  }
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // Up to `count` bytes; fewer only at the end of the file.
  size_t read(uint8_t* out, size_t count) {
    size_t done = 0;
    while (done < count) {
      const size_t got = packed_ ? unpack(out + done, count - done) : copy(out + done, count - done);
      if (got == 0) break;
      done += got;
    }
    return done;
  }

  bool packed() const { return packed_; }
  uint64_t file_size() const { return file_size_; }
  // No file of this size can hold more.
  uint64_t most_bytes() const { return packed_ ? file_size_ * kMaxGzipRatio : file_size_; }

 private:
  static constexpr size_t kChunk = 1 << 16;

  // Makes input available unless the file is at its end.
  bool fill() {
    if (zlib_.avail_in > 0) return true;
    const size_t got = std::fread(input_.data(), 1, input_.size(), file_.get());
    TAPER_CHECK(!std::ferror(file_.get()), "read_idx: ", path_,
                ": must be readable; got: ", std::generic_category().message(errno));
    zlib_.next_in = input_.data();
    zlib_.avail_in = static_cast<uInt>(got);
    return got > 0;
  }

  bool starts_as_gzip() const { return zlib_.avail_in >= 2 && zlib_.next_in[0] == 0x1f && zlib_.next_in[1] == 0x8b; }

  // The padding that tapes and block devices leave. False at the end of the file.
  bool skip_zeros() {
    while (fill()) {
      if (*zlib_.next_in != 0) return true;
      ++zlib_.next_in;
      --zlib_.avail_in;
    }
    return false;
  }

  size_t copy(uint8_t* out, size_t count) {
    if (!fill()) return 0;
    const size_t taken = std::min<size_t>(count, zlib_.avail_in);
    std::copy_n(zlib_.next_in, taken, out);
    zlib_.next_in += taken;
    zlib_.avail_in -= static_cast<uInt>(taken);
    return taken;
  }

  size_t unpack(uint8_t* out, size_t count) {
    const uInt room = static_cast<uInt>(std::min<size_t>(count, 1 << 30));
    zlib_.next_out = out;
    zlib_.avail_out = room;
    while (zlib_.avail_out == room) {
      if (member_done_) {
        if (!skip_zeros()) return 0;
        // A member's two magic bytes may straddle two chunks: then inflate itself finds what is wrong with them.
        TAPER_CHECK(zlib_.avail_in < 2 || starts_as_gzip(), "read_idx: ", path_,
                    ": must end where its gzip data ends; got further bytes, beginning ", hex(zlib_.next_in, 2),
                    "; fetch the file again");
        inflateReset(&zlib_);
        member_done_ = false;
      }
      TAPER_CHECK(fill(), "read_idx: ", path_, ": must be whole; got gzip data that breaks off after ", file_size_,
                  " bytes; fetch the file again");
      const int code = inflate(&zlib_, Z_NO_FLUSH);
      TAPER_CHECK(code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR, "read_idx: ", path_,
                  ": must be sound gzip data; got \"", zlib_.msg ? zlib_.msg : "error in the data",
                  "\" from zlib; fetch the file again");
      member_done_ = code == Z_STREAM_END;
    }
    return room - zlib_.avail_out;
  }

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  uint64_t file_size_ = 0;
  std::vector<uint8_t> input_;
  z_stream zlib_{};  // its next_in and avail_in serve raw files too
  bool packed_ = false;
  bool member_done_ = false;
};

const char* element_type_name(uint8_t code) {
  switch (code) {
    case 0x09: return " (signed byte)";
    case 0x0b: return " (16-bit integer)";
    case 0x0c: return " (32-bit integer)";
    case 0x0d: return " (32-bit float)";
    case 0x0e: return " (64-bit float)";
    default: return "";
  }
}

std::string shape_text(const std::vector<int64_t>& dims) {
  std::string out;
  for (int64_t dim : dims) out += taper::detail::str(out.empty() ? "" : "x", dim);
  return out;
}

}  // namespace

IdxArray read_idx(const std::string& path, optional<uint64_t> max_bytes) {
  ByteSource source(path);

  uint8_t head[4];
  const size_t head_size = source.read(head, 4);
  TAPER_CHECK(head_size == 4 && head[0] == 0 && head[1] == 0, "read_idx: ", path,
              ": must start with an IDX header (00 00, type, rank); got ", hex(head, head_size),
              "; this is no IDX file, or a damaged one");
  TAPER_CHECK(head[2] == 0x08, "read_idx: ", path, ": element type must be 08 (unsigned byte); got ", hex(head + 2, 1),
              element_type_name(head[2]));
  const int rank = head[3];
  TAPER_CHECK(rank >= 1 && rank <= kMaxRank, "read_idx: ", path, ": rank must be 1 to ", kMaxRank, "; got ", rank);

  IdxArray array;
  uint8_t sizes[4 * kMaxRank];
  const size_t sizes_size = source.read(sizes, 4 * rank);
  TAPER_CHECK(sizes_size == size_t(4 * rank), "read_idx: ", path, ": header must have ", 4 + 4 * rank,
              " bytes for rank ", rank, "; got ", 4 + sizes_size, "; fetch the file again");
  int64_t volume = 1;  // as if empty dimensions were 1, so that whoever computes strides cannot overflow either
  bool overflow = false;
  bool empty = false;
  for (int i = 0; i < rank; ++i) {
    const uint8_t* b = sizes + 4 * i;
    array.dims.push_back(int64_t{b[0]} << 24 | b[1] << 16 | b[2] << 8 | b[3]);
    overflow |= __builtin_mul_overflow(volume, std::max<int64_t>(array.dims.back(), 1), &volume);
    empty |= array.dims.back() == 0;
  }
  const uint64_t header_size = 4 + 4 * uint64_t(rank);
  const uint64_t declared = empty ? 0 : uint64_t(volume);
  const std::string shape = shape_text(array.dims);
  TAPER_CHECK(!overflow, "read_idx: ", path, ": sizes must multiply to a 63-bit number; got ", shape);
  TAPER_CHECK(declared <= source.most_bytes() - std::min(header_size, source.most_bytes()), "read_idx: ", path,
              ": must hold ", shape, " = ", declared, " bytes after its header; got a ", source.packed() ? "gzip " : "",
              "file of ", source.file_size(), " bytes in all; fetch the file again");
  serialize::detail::check_unpacked(taper::detail::str("read_idx: ", path, ": sizes ", shape), declared,
                                    source.file_size(), max_bytes);

  // Room grows with what arrives: a short file that declares gigabytes never gets them.
  uint64_t got = 0;
  while (got == array.data.size() && got < declared) {
    const uint64_t room = std::min(declared, source.packed() ? std::max<uint64_t>(2 * got, 1 << 20) : declared);
    try {
      array.data.resize(room);
    } catch (const std::bad_alloc&) {
      TAPER_CHECK(false, "read_idx: ", path, ": must fit into memory; got sizes ", shape, " = ", declared, " bytes");
    }
    got += source.read(array.data.data() + got, room - got);
  }
  TAPER_CHECK(got == declared, "read_idx: ", path, ": must hold ", shape, " = ", declared,
              " bytes after its header; got ", got, "; fetch the file again");
  uint8_t extra;
  TAPER_CHECK(source.read(&extra, 1) == 0, "read_idx: ", path, ": must end after ", shape, " = ", declared,
              " bytes; got more; the sizes in its header are wrong, or something was appended");
  return array;
}

IdxPaths find_idx(const std::string& folder, bool train) {
  TAPER_CHECK(!folder.empty(), "find_idx: folder must be named; got an empty name; \".\" is the current one");
  const char* const sub_folders[] = {"", "raw", "MNIST/raw", "FashionMNIST/raw", "KMNIST/raw"};
  const char* const split_names[] = {"t10k", "train"};
  const char* const kinds[] = {"images*idx3-ubyte", "labels*idx1-ubyte"};  // * stands for - or .

  std::error_code error;
  fs::path root = fs::absolute(folder, error);
  if (error) root = folder;
  TAPER_CHECK(!fs::is_regular_file(root, error), "find_idx: ", root.string(),
              ": must be a folder; got a file; name the folder that holds the four files");

  // A file's four spellings: the first that exists, else an empty path and four more lines in `tried`.
  const auto look_for = [&](const fs::path& where, const char* split, std::string kind, std::string& tried) {
    std::string missing;
    for (char joint : {'-', '.'}) {
      for (const char* ending : {"", ".gz"}) {
        kind[kind.find("idx") - 1] = joint;
        const fs::path path = where / taper::detail::str(split, "-", kind, ending);
        if (fs::is_regular_file(path, error)) return path.string();
        missing += "\n  " + path.string();
      }
    }
    tried += missing;
    return std::string();
  };

  std::string tried;
  for (const char* sub : sub_folders) {
    const fs::path where = *sub ? root / sub : root;
    std::string tried_here, unused;
    IdxPaths found;
    found.images = look_for(where, split_names[train], kinds[0], tried_here);
    found.labels = look_for(where, split_names[train], kinds[1], tried_here);
    if (tried_here.empty()) return found;
    const bool other_images = !look_for(where, split_names[!train], kinds[0], unused).empty();
    const bool other_labels = !look_for(where, split_names[!train], kinds[1], unused).empty();
    if (!found.images.empty() || !found.labels.empty() || other_images || other_labels) {
      tried = tried_here;  // the data set is here, but incomplete: nowhere else to look
      break;
    }
    tried += tried_here;
  }
  throw Error(taper::detail::str(
      "find_idx: the ", train ? "training" : "test", " images and labels must exist; got none of these",
      fs::is_directory(root, error) ? "" : " (no such folder)", ":", tried,
      "\nPut train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
      "t10k-labels-idx1-ubyte there (each may be gzip, .gz), as offered on the web pages of MNIST, Fashion-MNIST "
      "or KMNIST, or run without a data folder to use the built-in SynthDigits."));
}

}  // namespace taper::data
