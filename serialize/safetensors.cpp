#include <taper/serialize/safetensors.h>

#include <taper/autograd/grad_mode.h>
#include <taper/core/factories.h>
#include <taper/serialize/file.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <istream>
#include <ostream>
#include <string_view>

namespace taper::serialize {
namespace {

using Json = nlohmann::json;
using taper::detail::str;

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian: swap bytes here");

constexpr const char* kSave = "save_safetensors";
constexpr const char* kLoad = "load_safetensors";
constexpr uint64_t kMostHeader = 100'000'000;  // the limit of the published reader
constexpr size_t kChunk = 1 << 16;

struct Format {
  const char* name;
  ScalarType dtype;
  size_t bytes;  // an element in the file
};
constexpr Format kFormats[] = {{"BOOL", kBool, 1}, {"U8", kUInt8, 1},  {"I8", kInt8, 1},   {"I16", kInt16, 2},
                               {"I32", kInt32, 4}, {"I64", kInt64, 8}, {"F32", kFloat, 4}, {"F64", kDouble, 8},
                               {"F16", kFloat, 2}, {"BF16", kFloat, 2}};

// Text from a file as it may stand in an error message: not endless, nothing a terminal obeys.
std::string shown(std::string_view text, bool is_utf8 = true) {
  size_t end = std::min<size_t>(text.size(), 100);
  while (is_utf8 && end < text.size() && (text[end] & 0xc0) == 0x80) --end;  // no half characters
  std::string out;
  for (const char c : text.substr(0, end)) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (byte > 0x7f && !is_utf8)) {
      out += "\\x";
      out += "0123456789abcdef"[byte >> 4];
      out += "0123456789abcdef"[byte & 15];
    } else {
      out += c;
    }
  }
  if (end < text.size()) out += "...";
  return out;
}

// ---- writing --------------------------------------------------------------------------------------------------------

std::string json_string(const std::string& where, const char* what, const std::string& text) {
  try {
    return Json(text).dump();
  } catch (const Json::exception&) {
    throw Error(str(where, ": ", what, " must be UTF-8; got '", shown(text, false), "'"));
  }
}

// A file before it is written: the header with its length, and the tensors in the order of their data.
struct Plan {
  std::string head;
  std::vector<Tensor> tensors;
  uint64_t bytes = 0;  // of the whole file
};

Plan make_plan(const std::string& where, const OrderedDict<std::string, Tensor>& tensors, const Metadata& metadata) {
  std::vector<size_t> order;
  for (const auto& item : tensors) {
    TAPER_CHECK(item.value().defined(), where, ": tensor '", shown(item.key()), "' must be defined; it is empty");
    TAPER_CHECK(item.key() != "__metadata__", where,
                ": a tensor must not be named __metadata__, which the format keeps for itself; rename it");
    order.push_back(order.size());
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return tensors[a].value().element_size() > tensors[b].value().element_size();
  });
  Plan plan;
  std::vector<uint64_t> begins(order.size());
  uint64_t end = 0;
  for (size_t i : order) {
    const Tensor& tensor = tensors[i].value();
    plan.tensors.push_back(tensor);
    begins[i] = end;
    uint64_t bytes = 0;  // an expanded tensor may be larger than any memory
    const bool fits = !__builtin_mul_overflow(static_cast<uint64_t>(tensor.numel()), tensor.element_size(), &bytes) &&
                      !__builtin_add_overflow(end, bytes, &end) && end <= uint64_t{1} << 62;
    TAPER_CHECK(fits, where, ": the tensors must fit into a file; got sizes ", tensor.sizes(), " for '",
                shown(tensors[i].key()), "'");
  }

  std::string json = "{";
  if (!metadata.empty()) {
    json += "\"__metadata__\":{";
    for (const auto& [key, value] : metadata) {
      if (json.back() != '{') json += ',';
      json += json_string(where, "a metadata key", key);
      json += ':';
      json += json_string(where, "a metadata value", value);
    }
    json += '}';
  }
  for (size_t i = 0; i < begins.size(); ++i) {
    const Tensor& tensor = tensors[i].value();
    const Format* format = std::begin(kFormats);
    while (format->dtype != tensor.dtype()) ++format;
    if (json.size() > 1) json += ',';
    json += json_string(where, "the name of a tensor", tensors[i].key());
    json += str(":{\"dtype\":\"", format->name, "\",\"shape\":[");
    for (int64_t d = 0; d < tensor.dim(); ++d) json += str(d > 0 ? "," : "", tensor.size(d));
    json += str("],\"data_offsets\":[", begins[i], ",", begins[i] + tensor.nbytes(), "]}");
  }
  json += '}';
  json.resize((json.size() + 7) / 8 * 8, ' ');
  TAPER_CHECK(json.size() <= kMostHeader, where, ": the header must not exceed ", kMostHeader, " bytes; got ",
              json.size(), " for ", tensors.size(), " tensors; use fewer or shorter names, or several files");

  for (int shift = 0; shift < 64; shift += 8) plan.head += static_cast<char>(uint64_t{json.size()} >> shift);
  plan.head += json;
  plan.bytes = plan.head.size() + end;
  return plan;
}

template <class Write>
void write_plan(const Plan& plan, const Write& write) {
  write(plan.head.data(), plan.head.size());
  const NoGradGuard no_grad;
  for (const Tensor& tensor : plan.tensors) {
    const Tensor dense = tensor.contiguous();
    if (dense.numel() > 0) write(dense.data_ptr(), dense.nbytes());
  }
}

// ---- reading --------------------------------------------------------------------------------------------------------

// A file, a buffer: `size` bytes that are read front to back.
struct Source {
  std::string where;  // starts error messages
  uint64_t size = 0;
  std::function<void(void* to, size_t count)> read;
};

// A tensor as the header declares it.
struct Entry {
  std::string name;
  const Format* format = nullptr;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;  // of its data
};

// Follows the JSON parser through the header, with no tree in between: what does not belong ends the parse at once,
// and so neither depth nor size of a hostile header matters.
class HeaderReader : public Json::json_sax_t {
 public:
  HeaderReader(const std::string& where, std::string_view header) : where_(where), header_(header) {}
  std::vector<Entry> entries;
  Metadata metadata;

  bool start_object(size_t) override {
    if (in_ == In::kNothing) {
      in_ = In::kHeader;
    } else if (in_ == In::kHeader && key_ == "__metadata__") {
      if (has_metadata_) fail("must name everything once; got __metadata__ twice");
      has_metadata_ = true;
      in_ = In::kMetadata;
    } else if (in_ == In::kHeader) {
      entries.emplace_back().name = key_;
      has_shape_ = has_offsets_ = false;
      in_ = In::kTensor;
    } else {
      unexpected("an object");
    }
    return true;
  }
  bool key(std::string& key) override {
    if (in_ == In::kMetadata && metadata.count(key) != 0) {
      fail("must name everything once; got '", shown(key), "' in __metadata__ twice");
    }
    if (in_ == In::kTensor) {
      const bool* seen = key == "shape" ? &has_shape_ : key == "data_offsets" ? &has_offsets_ : nullptr;
      if (!seen && key != "dtype")
        fail(tensor(), " must have dtype, shape and data_offsets alone; got '", shown(key), "'");
      if (seen ? *seen : entries.back().format != nullptr) fail(tensor(), " must have one ", key, "; got two");
    }
    key_ = std::move(key);
    return true;
  }
  bool end_object() override {
    if (in_ == In::kTensor) {
      if (!entries.back().format) fail(tensor(), " must have a dtype; got none");
      if (!has_shape_) fail(tensor(), " must have a shape; got none");
      if (!has_offsets_) fail(tensor(), " must have data_offsets; got none");
    }
    in_ = in_ == In::kHeader ? In::kNothing : In::kHeader;
    return true;
  }
  bool start_array(size_t) override {
    if (in_ == In::kTensor && key_ == "shape") {
      has_shape_ = true;
      in_ = In::kShape;
    } else if (in_ == In::kTensor && key_ == "data_offsets") {
      has_offsets_ = true;
      offsets_ = 0;
      in_ = In::kOffsets;
    } else {
      unexpected("a list");
    }
    return true;
  }
  bool end_array() override {
    if (in_ == In::kOffsets && offsets_ != 2) unexpected(str("a list of ", offsets_));
    in_ = In::kTensor;
    return true;
  }
  bool number_unsigned(uint64_t value) override {
    if (in_ == In::kShape && value <= INT64_MAX) {
      entries.back().shape.push_back(static_cast<int64_t>(value));
    } else if (in_ == In::kOffsets && offsets_ < 2) {
      (offsets_++ == 0 ? entries.back().begin : entries.back().end) = value;
    } else {
      unexpected(in_ == In::kOffsets ? "a longer list" : str(value));
    }
    return true;
  }
  bool string(std::string& value) override {
    if (in_ == In::kMetadata) {
      metadata.emplace(std::move(key_), std::move(value));
    } else if (in_ == In::kTensor && key_ == "dtype") {
      for (const Format& format : kFormats) {
        if (value == format.name) entries.back().format = &format;
      }
      if (!entries.back().format) {
        std::string names;
        for (const Format& format : kFormats) names += str(" ", format.name);
        fail(tensor(), " must have one of the dtypes", names, "; got '", shown(value), "'; convert it before saving");
      }
    } else {
      unexpected(str("\"", shown(value), "\""));
    }
    return true;
  }
  bool number_integer(int64_t value) override { unexpected(str(value)); }
  bool number_float(double, const std::string& text) override { unexpected(shown(text)); }
  bool boolean(bool value) override { unexpected(str(value)); }
  bool null() override { unexpected("null"); }
  bool binary(Json::binary_t&) override { unexpected("bytes"); }
  bool parse_error(size_t position, const std::string&, const Json::exception&) override {
    const size_t from = std::min(position < 20 ? 0 : position - 20, header_.size());
    fail("must be JSON in UTF-8; got an error at byte ", position, ", after \"",
         shown(header_.substr(from, position - from), false), "\"");
  }

 private:
  enum class In { kNothing, kHeader, kMetadata, kTensor, kShape, kOffsets };

  std::string tensor() const { return str("tensor '", shown(entries.back().name), "'"); }
  template <class... Args>
  [[noreturn]] void fail(const Args&... args) const {
    throw Error(str(where_, ": the header ", args...));
  }
  [[noreturn]] void unexpected(const std::string& what) const {
    switch (in_) {
      case In::kNothing: fail("must be an object; got ", what);
      case In::kHeader: fail("must have an object for '", shown(key_), "'; got ", what);
      case In::kMetadata: fail("must have a string for '", shown(key_), "' in __metadata__; got ", what);
      case In::kShape: fail("must have whole numbers from 0 to 2^63-1 in the shape of ", tensor(), "; got ", what);
      case In::kOffsets: fail("must have two whole numbers from 0 on as data_offsets of ", tensor(), "; got ", what);
      case In::kTensor: break;
    }
    fail("must have a ", key_ == "dtype" ? "string" : "list", " as ", key_, " of ", tensor(), "; got ", what);
  }

  const std::string& where_;
  std::string_view header_;
  In in_ = In::kNothing;
  std::string key_;  // the last one
  bool has_metadata_ = false, has_shape_ = false, has_offsets_ = false;
  int offsets_ = 0;
};

// The bytes that shape and dtype ask for; false when 63 bits cannot count them. Empty dimensions count as 1, so that
// nobody who computes strides can overflow either.
bool count_bytes(const Entry& entry, uint64_t& bytes) {
  int64_t volume = 1, most = 0;
  bool empty = false;
  for (int64_t size : entry.shape) {
    if (__builtin_mul_overflow(volume, std::max<int64_t>(size, 1), &volume)) return false;
    empty |= size == 0;
  }
  if (__builtin_mul_overflow(volume, 8, &most)) return false;  // no element is larger, in the file or in memory
  bytes = empty ? 0 : static_cast<uint64_t>(volume) * entry.format->bytes;
  return true;
}

// The entries in the order of their data, which must be all of `data` bytes.
std::vector<const Entry*> check_layout(const std::string& where, const std::vector<Entry>& entries, uint64_t data) {
  std::vector<const Entry*> order;
  for (const Entry& e : entries) {
    const std::string name = str(where, ": tensor '", shown(e.name), "'");
    uint64_t bytes = 0;
    TAPER_CHECK(count_bytes(e, bytes), name, " must have a number of bytes below 2^63; got shape ",
                shown(str(e.shape)));
    TAPER_CHECK(e.begin <= e.end && e.end <= data, name, " must lie within the ", data,
                " bytes that follow the header; got data_offsets [", e.begin, ", ", e.end,
                "]; the file is cut short or damaged");
    TAPER_CHECK(e.end - e.begin == bytes, name, " must have ", bytes, " bytes for dtype ", e.format->name,
                " and shape ", shown(str(e.shape)), "; got data_offsets [", e.begin, ", ", e.end, "], ",
                e.end - e.begin, " bytes");
    order.push_back(&e);
  }
  std::stable_sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) {
    return a->begin != b->begin ? a->begin < b->begin : a->end < b->end;
  });
  uint64_t end = 0;
  for (const Entry* e : order) {
    TAPER_CHECK(e->begin == end, where, ": the data of tensor '", shown(e->name),
                "' must begin where that of the one before it ends, at ", end, "; got data_offsets [", e->begin, ", ",
                e->end, "], ", e->begin < end ? "which overlap" : "which leave a gap");
    end = e->end;
  }
  TAPER_CHECK(end == data, where, ": the file must end with its last tensor, ", end, " bytes after the header; got ",
              data, " bytes");
  return order;
}

float half_to_float(uint16_t half) {
  const uint32_t sign = (half & 0x8000u) << 16, exponent = half >> 10 & 31u, fraction = half & 0x3ffu;
  if (exponent == 0) return std::copysign(static_cast<float>(fraction) * 0x1p-24f, sign ? -1.f : 1.f);
  const uint32_t wide = exponent == 31 ? 255 : exponent + 112;  // the bias is 15 here and 127 there; 31: inf and NaN
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

void read_values(const Source& source, const Format& format, const Tensor& tensor) {
  char* to = static_cast<char*>(tensor.data_ptr());
  const size_t count = static_cast<size_t>(tensor.numel());
  if (format.bytes == tensor.element_size()) {
    if (count > 0) source.read(to, count * format.bytes);
    if (format.dtype == kBool) {  // a bool that is neither 0 nor 1 is undefined behaviour to whoever reads it
      for (size_t i = 0; i < count; ++i) to[i] = to[i] != 0;
    }
    return;
  }
  uint16_t halves[kChunk / 2];
  for (size_t done = 0; done < count;) {
    const size_t n = std::min(count - done, std::size(halves));
    source.read(halves, 2 * n);
    for (size_t i = 0; i < n; ++i) {
      const float value = format.name[0] == 'B' ? std::bit_cast<float>(uint32_t{halves[i]} << 16)  // BF16
                                                : half_to_float(halves[i]);
      std::memcpy(to + 4 * (done + i), &value, 4);
    }
    done += n;
  }
}

OrderedDict<std::string, Tensor> read_all(const Source& source, Metadata* metadata) {
  const std::string& where = source.where;
  TAPER_CHECK(source.size >= 8, where, ": must begin with 8 bytes, the length of the header; got ", source.size,
              " bytes in all; this is no safetensors file, or a damaged one");
  unsigned char length[8];
  source.read(length, 8);
  uint64_t header_size = 0;
  for (int i = 8; i-- > 0;) header_size = header_size << 8 | length[i];
  const uint64_t rest = source.size - 8;
  TAPER_CHECK(header_size <= rest, where, ": the header must fit into the ", rest, " bytes after its length; got ",
              header_size, " as its length; this is no safetensors file, or it is cut short");
  TAPER_CHECK(header_size <= kMostHeader, where, ": the header must not exceed ", kMostHeader, " bytes; got ",
              header_size);
  std::string header(header_size, '\0');
  source.read(header.data(), header.size());
  TAPER_CHECK(header.starts_with('{'), where, ": the header must begin with {; got \"",
              shown(header.substr(0, 16), false), "\"; this is no safetensors file, or a damaged one");
  // The parser takes a zero byte for the end.
  TAPER_CHECK(header.find('\0') == std::string::npos, where, ": the header must be JSON in UTF-8; got a zero byte at ",
              header.find('\0'));
  HeaderReader reader(where, header);
  Json::sax_parse(header.data(), header.data() + header.size(), &reader);
  const std::vector<const Entry*> order = check_layout(where, reader.entries, rest - header_size);

  OrderedDict<std::string, Tensor> tensors;
  tensors.reserve(order.size());
  for (const Entry& e : reader.entries) {
    TAPER_CHECK(!tensors.contains(e.name), where, ": the header must name everything once; got '", shown(e.name),
                "' twice");
    tensors.insert(e.name, empty(e.shape, e.format->dtype));
  }
  for (const Entry* e : order) read_values(source, *e->format, tensors[e->name]);
  if (metadata) *metadata = std::move(reader.metadata);
  return tensors;
}

}  // namespace

// ---- files, streams, memory -----------------------------------------------------------------------------------------

void save_safetensors(const std::string& path, const OrderedDict<std::string, Tensor>& tensors,
                      const Metadata& metadata) {
  const Plan plan = make_plan(str(kSave, ": ", path), tensors, metadata);
  detail::AtomicFile file(kSave, path, plan.bytes);
  write_plan(plan, [&](const void* data, size_t count) { file.write(data, count); });
  file.commit();
}

void save_safetensors(std::ostream& stream, const OrderedDict<std::string, Tensor>& tensors, const Metadata& metadata) {
  const std::string where = str(kSave, ": the stream");
  const Plan plan = make_plan(where, tensors, metadata);
  const auto check = [&] { TAPER_CHECK(stream, where, ": must take ", plan.bytes, " bytes; it failed"); };
  check();
  write_plan(plan, [&](const void* data, size_t count) {
    stream.write(static_cast<const char*>(data), static_cast<std::streamsize>(count));
    check();
  });
  stream.flush();
  check();
}

void save_safetensors(const std::function<size_t(const void*, size_t)>& write,
                      const OrderedDict<std::string, Tensor>& tensors, const Metadata& metadata) {
  const std::string where = str(kSave, ": the function");
  write_plan(make_plan(where, tensors, metadata), [&](const void* data, size_t count) {
    const size_t taken = write(data, count);
    TAPER_CHECK(taken == count, where, ": must take all it is given; got ", taken, " of ", count, " bytes taken");
  });
}

OrderedDict<std::string, Tensor> load_safetensors(const std::string& path, Metadata* metadata) {
  detail::InputFile file(kLoad, path);
  return read_all({str(kLoad, ": ", path), file.size(), [&](void* to, size_t count) { file.read(to, count); }},
                  metadata);
}

namespace {
OrderedDict<std::string, Tensor> read_memory(const char* what, std::string_view bytes, Metadata* metadata) {
  const auto read = [at = bytes.data()](void* to, size_t count) mutable {
    std::memcpy(to, at, count);
    at += count;
  };
  return read_all({str(kLoad, ": ", what), bytes.size(), read}, metadata);
}
}  // namespace

OrderedDict<std::string, Tensor> load_safetensors(std::istream& stream, Metadata* metadata) {
  // Room grows with what arrives: nothing says how long a stream is.
  std::string bytes;
  while (stream) {
    const size_t before = bytes.size();
    bytes.resize(before + std::max(kChunk, before));
    stream.read(bytes.data() + before, static_cast<std::streamsize>(bytes.size() - before));
    bytes.resize(before + static_cast<size_t>(stream.gcount()));
  }
  TAPER_CHECK(stream.eof(), kLoad, ": the stream: must be readable; it failed after ", bytes.size(), " bytes");
  return read_memory("the stream", bytes, metadata);
}

OrderedDict<std::string, Tensor> load_safetensors(const void* data, size_t size, Metadata* metadata) {
  return read_memory("the buffer", {static_cast<const char*>(data), size}, metadata);
}

}  // namespace taper::serialize
