// The format: "\x93NUMPY", the version (two bytes), the length of the header (2 bytes, from version 2 on 4), the
// header, a Python dictionary padded with spaces to a multiple of 64, a line end; then the values.
//
//   {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
#include <taper/serialize/npy.h>

#include <taper/core/factories.h>
#include <taper/serialize/atomic_file_internal.h>
#include <taper/serialize/file_kind_internal.h>
#include <taper/serialize/format_internal.h>
#include <taper/serialize/npy_format_internal.h>
#include <taper/serialize/safetensors_header_internal.h>
#include <taper/serialize/text_internal.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <numeric>
#include <set>
#include <string_view>

namespace taper::serialize {
namespace {

static_assert(std::endian::native == std::endian::little, "npy files are written little-endian: swap bytes here");

constexpr std::string_view kNpyMagic = "\x93NUMPY";
constexpr uint64_t kMostNpyHeader = 1 << 20;  // bytes: a thousand times that of any real array
constexpr size_t kNpyAlign = 64;

// What 'descr' calls it, after the byte order: by kind and size, by letter or by name.
struct NpyName {
  const char* format;  // as in safetensors files
  std::string_view code, letter, name;
};
constexpr NpyName kNpyNames[] = {
    {"BOOL", "b1", "?", "bool"},   {"U8", "u1", "B", "uint8"},    {"I8", "i1", "b", "int8"},
    {"I16", "i2", "h", "int16"},   {"I32", "i4", "i", "int32"},   {"I64", "i8", "q", "int64"},
    {"F32", "f4", "f", "float32"}, {"F64", "f8", "d", "float64"}, {"F16", "f2", "e", "float16"},
    {"U16", "u2", "H", "uint16"},  {"U32", "u4", "I", "uint32"},  {"U64", "u8", "Q", "uint64"}};

std::string_view npy_code(const detail::Format& format) {
  const NpyName* name = kNpyNames;
  while (format.name != std::string_view(name->format)) ++name;
  return name->code;
}

struct NpyHeader {
  detail::Entry entry;  // format, shape and dtype
  bool big_endian = false, fortran = false;
};

// Reads the dictionary: three keys, a string, a bool and a tuple of numbers; nothing else of Python.
class NpyHeaderReader {
 public:
  NpyHeaderReader(const std::string& where, std::string_view text) : where_(where), rest_(text) {}

  NpyHeader read() {
    std::set<std::string_view> keys;
    expect("{");
    while (!take("}")) {
      const std::string_view key = quoted();
      if (!keys.insert(key).second) fail("each key once");
      expect(":");
      if (key == "descr") {
        descr();
      } else if (key == "fortran_order") {
        header_.fortran = take("True");
        if (!header_.fortran) expect("False");
      } else if (key == "shape") {
        shape();
      } else {
        fail("the keys descr, fortran_order and shape alone");
      }
      if (!take(",")) {
        expect("}");
        break;
      }
    }
    skip_spaces();
    if (!rest_.empty()) fail("nothing after the dictionary");
    if (keys.size() < 3) fail("descr, fortran_order and shape");
    return std::move(header_);
  }

 private:
  [[noreturn]] void fail(const char* expected) const {
    throw Error(taper::detail::str(where_, ": the header must be a dictionary of descr, fortran_order and shape: ",
                                   expected, " must be there; got \"", detail::shown(rest_.substr(0, 40)), "\""));
  }
  void skip_spaces() {
    const size_t n = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(std::min(n, rest_.size()));
  }
  bool take(std::string_view token) {
    skip_spaces();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  void expect(const char* token) {
    if (!take(token)) fail(token);
  }
  std::string_view quoted() {
    skip_spaces();
    const char quote = rest_.empty() ? '\0' : rest_[0];
    const size_t end = quote == '\'' || quote == '"' ? rest_.find(quote, 1) : rest_.npos;
    if (end == rest_.npos) fail("a string in quotes");
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }
  // Past what closes the bracket before, with the strings and brackets in between.
  void skip_nested() {
    char quote = '\0';
    for (int depth = 1; depth > 0; rest_.remove_prefix(1)) {
      if (rest_.empty()) fail("a closing bracket");
      const char c = rest_[0];
      if (quote != '\0') {
        if (c == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
        if (c == quote) quote = '\0';
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else {
        depth += c == '{' || c == '[' || c == '(';
        depth -= c == '}' || c == ']' || c == ')';
      }
    }
  }
  // A string, or ("<f4", {...}): with metadata, which says nothing of the values.
  void descr() {
    const bool is_pair = take("(");
    skip_spaces();
    std::string_view name = rest_.starts_with('[') ? "a list of fields" : quoted();
    if (is_pair) {
      expect(",");
      if (take("{")) {
        skip_nested();
        expect(")");
      } else {
        name = "an array in each element";
      }
    }
    header_.entry.dtype = name;
    header_.big_endian = name.starts_with('>');
    if (!name.empty() && std::string_view("<>=|").find(name[0]) != name.npos) name.remove_prefix(1);
    for (const NpyName& known : kNpyNames) {
      if (name == known.code || name == known.letter || name == known.name) {
        header_.entry.format = detail::find_format(known.format);
      }
    }
    TAPER_CHECK_TYPE(header_.entry.format, where_,
                     ": the array must be of bool, integers, float16, float32 or float64; got '",
                     detail::shown(header_.entry.dtype), "'; convert it in Python: x.astype(numpy.float32)");
  }
  void shape() {
    expect("(");
    while (!take(")")) {
      skip_spaces();
      int64_t size = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
      if (error != std::errc() || size < 0 || rest_[0] == '-') fail("a tuple of sizes from 0 to 2^63 - 1");
      rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
      if (rest_.starts_with('L')) rest_.remove_prefix(1);  // as Python 2 writes long numbers
      header_.entry.shape.push_back(size);
      if (take(",")) continue;
      if (header_.entry.shape.size() == 1) fail("a comma after the only size");
      expect(")");
      break;
    }
  }

  const std::string& where_;
  std::string_view rest_;
  NpyHeader header_;
};

}  // namespace

Tensor detail::read_npy(const Source& source) {
  const std::string& where = source.where;
  uint64_t left = source.size;
  const auto take = [&](size_t count, const char* what) {
    TAPER_CHECK(count <= left, where, ": must have ", what, "; the file is cut short after ", source.size, " bytes");
    left -= count;
    std::string bytes(count, '\0');
    source.read(bytes.data(), count);
    return bytes;
  };
  const std::string start = take(std::min<uint64_t>(8, left), "");
  if (!start.starts_with(kNpyMagic)) check_kind(where, "a .npy file", start + take(std::min(kKindBytes, left), ""));
  TAPER_CHECK(start.starts_with(kNpyMagic), where, ": must begin with \\x93NUMPY; got \"", shown(start),
              "\"; this is no .npy file");
  TAPER_CHECK(start.size() == 8, where, ": must have a version; the file is cut short after ", start.size(), " bytes");
  const int major = start[6], minor = start[7];
  TAPER_CHECK(major >= 1 && major <= 3 && minor == 0, where, ": must be of version 1.0, 2.0 or 3.0; got ", major, ".",
              minor);
  const std::string length = take(major == 1 ? 2 : 4, "the length of its header");
  const uint64_t header_size = get_number(length, 0, length.size());
  TAPER_CHECK(header_size <= kMostNpyHeader, where, ": the header must not exceed ", kMostNpyHeader, " bytes; got ",
              header_size);
  const std::string text = take(header_size, "the whole of its header");
  const NpyHeader header = NpyHeaderReader(where, text).read();

  std::vector<int64_t> sizes = header.entry.shape;
  const optional<uint64_t> bytes = count_bytes(header.entry);
  TAPER_CHECK(bytes, where, ": the array must have a number of bytes below 2^63; got shape ",
              shown(taper::detail::str(sizes)));
  TAPER_CHECK(*bytes == left, where, ": must have ", *bytes, " bytes after its header for ", shown(header.entry.dtype),
              " and shape ", shown(taper::detail::str(sizes)), "; got ", left, "; the file is ",
              *bytes < left ? "too long or damaged" : "cut short or damaged");
  if (header.fortran) std::reverse(sizes.begin(), sizes.end());
  Tensor values = empty(sizes, header.entry.format->dtype);
  read_values(where, *header.entry.format, header.big_endian, values, source.read);
  if (!header.fortran) return values;
  std::vector<int64_t> back(sizes.size());
  std::iota(back.rbegin(), back.rend(), 0);
  return values.permute(back).contiguous();
}

std::string detail::npy_header(const std::string& where, const Tensor& tensor) {
  TAPER_CHECK(tensor.defined(), where, ": the tensor must be defined; it is empty");
  TAPER_CHECK_TYPE(tensor.dtype() != kBFloat16, where, ": the dtype must be one that numpy has; got ", tensor.dtype(),
                   "; convert it, for example with .to(taper::kFloat32)");
  const Format& format = format_of(tensor.dtype());
  std::string text = taper::detail::str("{'descr': '", format.bytes == 1 ? '|' : '<', npy_code(format),
                                        "', 'fortran_order': False, 'shape': (");
  for (int64_t size : tensor.sizes()) text += taper::detail::str(size, ", ");
  if (tensor.dim() > 1) text.resize(text.size() - 2);
  if (tensor.dim() == 1) text.pop_back();
  text += "), }";
  const size_t before = kNpyMagic.size() + 4;
  text.resize((before + text.size() + kNpyAlign) / kNpyAlign * kNpyAlign - before - 1, ' ');
  text += '\n';
  TAPER_CHECK(text.size() <= 0xffff, where, ": the header must not exceed 65535 bytes; got a tensor of ", tensor.dim(),
              " dimensions");
  constexpr uint64_t kVersion = 1;  // 1.0
  return std::string(kNpyMagic) + put_numbers({{kVersion, 2}, {text.size(), 2}}) + text;
}

void save_npy(const Tensor& tensor, const std::string& path) {
  const std::string head = detail::npy_header(taper::detail::str("save_npy: ", path), tensor);
  const Tensor dense = tensor.detach().contiguous();
  detail::AtomicFile file("save_npy", path, head.size() + dense.nbytes());
  file.write(head.data(), head.size());
  if (dense.numel() > 0) file.write(dense.data_ptr(), dense.nbytes());
  file.commit();
}

Tensor load_npy(const std::string& path) {
  detail::InputFile file("load_npy", path);
  return detail::read_npy(
      {taper::detail::str("load_npy: ", path), file.size(), [&](void* to, size_t count) { file.read(to, count); }});
}

}  // namespace taper::serialize
