#include <taper/serialize/safetensors.h>

#include <taper/autograd/grad_mode.h>
#include <taper/core/factories.h>
#include <taper/serialize/atomic_file.h>
#include <taper/serialize/file.h>
#include <taper/serialize/header.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <istream>
#include <ostream>
#include <string_view>

namespace taper::serialize {
namespace {

using detail::Entry;
using detail::Format;
using detail::shown;
using taper::detail::str;

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian: swap bytes here");

constexpr const char* kSave = "save_safetensors";
constexpr const char* kLoad = "load_safetensors";
constexpr size_t kChunk = 1 << 16;

// ---- writing --------------------------------------------------------------------------------------------------------

// A file before it is written: the header with its length, and the tensors in the order of their data.
struct Plan {
  std::string head;
  std::vector<Tensor> tensors;
  uint64_t bytes = 0;  // of the whole file
};

Plan make_plan(const std::string& where, const OrderedDict<std::string, Tensor>& tensors, const Metadata& metadata) {
  detail::Header header{{}, metadata};
  std::vector<size_t> order;
  for (const auto& item : tensors) {
    const Tensor& tensor = item.value();
    TAPER_CHECK(tensor.defined(), where, ": tensor '", shown(item.key()), "' must be defined; it is empty");
    TAPER_CHECK(item.key() != "__metadata__", where,
                ": a tensor must not be named __metadata__, which the format keeps for itself; rename it");
    order.push_back(order.size());
    header.entries.push_back({item.key(), &detail::format_of(tensor.dtype()), tensor.sizes().vec()});
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return header.entries[a].format->bytes > header.entries[b].format->bytes;
  });
  Plan plan;
  uint64_t end = 0;
  for (size_t i : order) {
    const Tensor& tensor = tensors[i].value();
    Entry& e = header.entries[i];
    plan.tensors.push_back(tensor);
    e.begin = end;
    const optional<uint64_t> bytes = detail::count_bytes(e);  // an expanded tensor may be larger than any memory
    const bool fits = bytes && !__builtin_add_overflow(end, *bytes, &end) && end <= uint64_t{1} << 62;
    TAPER_CHECK(fits, where, ": the tensors must fit into a file; got sizes ", tensor.sizes(), " for '", shown(e.name),
                "'");
    e.end = end;
  }
  plan.head = detail::write_header(where, header);
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
                                                : detail::half_to_float(halves[i]);
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
  TAPER_CHECK(header_size <= detail::kMostHeader, where, ": the header must not exceed ", detail::kMostHeader,
              " bytes; got ", header_size);
  std::string json(header_size, '\0');
  source.read(json.data(), json.size());
  detail::Header header = detail::parse_header(where, json);
  const std::vector<const Entry*> order = detail::check_layout(where, header.entries, rest - header_size);

  OrderedDict<std::string, Tensor> tensors;
  tensors.reserve(order.size());
  for (const Entry& e : header.entries) {
    TAPER_CHECK(!tensors.contains(e.name), where, ": the header must name everything once; got '", shown(e.name),
                "' twice");
    tensors.insert(e.name, empty(e.shape, e.format->dtype));
  }
  for (const Entry* e : order) read_values(source, *e->format, tensors[e->name]);
  if (metadata) *metadata = std::move(header.metadata);
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
