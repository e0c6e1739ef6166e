#include <taper/core/error.h>
#include <taper/data/idx.h>
#include <taper/serialize/format_internal.h>
#include <taper/serialize/inflate_internal.h>

#include <algorithm>
#include <filesystem>
#include <new>
#include <string_view>
#include <system_error>

namespace taper::data {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxRank = 8;

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    out += {' ', "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
  }
  return out.empty() ? "nothing" : out.substr(1);
}

// The bytes of a file, unpacked on the way when it is gzip.
class ByteSource {
 public:
  explicit ByteSource(const std::string& path)
      : where_(taper::detail::str("read_idx: ", path, ":")), file_("read_idx", path), left_(file_.size()) {
    std::string start(std::min<uint64_t>(2, left_), '\0');
    file_.read(start.data(), start.size());
    file_.seek(0);
    if (is_gzip(start)) gzip_.emplace(file_, left_, 16 + MAX_WBITS, where_);
  }

  // Up to `count` bytes; fewer only at the end of the file.
  std::string read(size_t count) {
    std::string bytes(count, '\0');
    bytes.resize(read(bytes.data(), count));
    return bytes;
  }
  size_t read(void* to, size_t count) {
    auto* out = static_cast<uint8_t*>(to);
    if (gzip_) {
      size_t done = gzip_->read(out, count);
      while (done < count && next_member()) done += gzip_->read(out + done, count - done);
      return done;
    }
    count = static_cast<size_t>(std::min<uint64_t>(count, left_));
    file_.read(out, count);
    left_ -= count;
    return count;
  }

  bool packed() const { return gzip_.has_value(); }
  uint64_t file_size() const { return file_.size(); }
  // No file of this size can hold more.
  uint64_t most_bytes() const { return file_.size() * (gzip_ ? serialize::detail::kMaxDeflateRatio : 1); }

 private:
  static bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

  // Goes on to the next gzip member, past the padding that tapes and block devices leave. False at the end of the file.
  bool next_member() {
    std::string_view rest = gzip_->rest();
    for (; rest.starts_with('\0'); rest = gzip_->rest()) {
      gzip_->skip(std::min(rest.find_first_not_of('\0'), rest.size()));
    }
    if (rest.empty()) return false;
    // A member's two magic bytes may straddle two chunks: then inflate itself finds what is wrong with them.
    TAPER_CHECK(rest.size() < 2 || is_gzip(rest), where_,
                " must end where its gzip data ends; got further bytes, beginning ", hex(rest.substr(0, 2)),
                "; fetch the file again");
    gzip_->restart();
    return true;
  }

  std::string where_;
  serialize::detail::InputFile file_;
  uint64_t left_;  // of a file that is not packed
  optional<serialize::detail::Inflater> gzip_;
};

const char* element_type_name(char code) {
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

  const std::string head = source.read(4);
  TAPER_CHECK(head.size() == 4 && head[0] == 0 && head[1] == 0, "read_idx: ", path,
              ": must start with an IDX header (00 00, type, rank); got ", hex(head),
              "; this is no IDX file, or a damaged one");
  TAPER_CHECK(head[2] == 0x08, "read_idx: ", path, ": element type must be 08 (unsigned byte); got ",
              hex(head.substr(2, 1)), element_type_name(head[2]));
  const size_t rank = static_cast<uint8_t>(head[3]);
  TAPER_CHECK(rank >= 1 && rank <= kMaxRank, "read_idx: ", path, ": rank must be 1 to ", kMaxRank, "; got ", rank);

  IdxArray array;
  const std::string sizes = source.read(4 * rank);
  const size_t header_size = 4 + 4 * rank;
  TAPER_CHECK(sizes.size() == 4 * rank, "read_idx: ", path, ": header must have ", header_size, " bytes for rank ",
              rank, "; got ", 4 + sizes.size(), "; fetch the file again");
  for (size_t i = 0; i < sizes.size(); i += 4) {
    int64_t size = 0;
    for (char byte : sizes.substr(i, 4)) size = size << 8 | static_cast<uint8_t>(byte);
    array.dims.push_back(size);
  }
  const std::string shape = shape_text(array.dims);
  const optional<uint64_t> elements = serialize::detail::count_elements(array.dims);
  TAPER_CHECK(elements, "read_idx: ", path, ": sizes must multiply to a 63-bit number; got ", shape);
  const uint64_t declared = *elements;
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
