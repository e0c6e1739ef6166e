#include <taper/serialize/safetensors.h>

#include <taper/autograd/grad_mode.h>
#include <taper/core/factories.h>
#include <taper/serialize/atomic_file_internal.h>
#include <taper/serialize/file_internal.h>
#include <taper/serialize/file_kind_internal.h>
#include <taper/serialize/format_internal.h>
#include <taper/serialize/loaded_internal.h>
#include <taper/serialize/safetensors_header_internal.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <istream>
#include <ostream>
#include <string_view>

namespace taper::serialize {
namespace {

using detail::Entry;
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

// Says what the file is if it is none of ours; `start` is what has been read of it.
void check_is_ours(const detail::Source& source, std::string start) {
  const size_t have = start.size();
  start.resize(std::max<size_t>(have, std::min<uint64_t>(detail::kKindBytes, source.size)));
  source.read(start.data() + have, start.size() - have);
  if (start.size() > 8 && start[8] == '{') return;  // ours, and damaged
  detail::check_kind(source.where, "a safetensors file", start);
}

detail::Header read_header(const detail::Source& source, uint64_t& data) {
  const std::string& where = source.where;
  std::string length(std::min<uint64_t>(8, source.size), '\0');
  source.read(length.data(), length.size());
  if (length.size() < 8) check_is_ours(source, length);
  TAPER_CHECK(length.size() == 8, where, ": must begin with 8 bytes, the length of the header; got ", source.size,
              " bytes in all; this is no safetensors file, or a damaged one");
  const uint64_t header_size = detail::get_number(length, 0, 8), rest = source.size - 8;
  if (header_size > std::min(rest, detail::kMostHeader)) check_is_ours(source, length);
  TAPER_CHECK(header_size <= rest, where, ": the header must fit into the ", rest, " bytes after its length; got ",
              header_size, " as its length; this is no safetensors file, or it is cut short");
  TAPER_CHECK(header_size <= detail::kMostHeader, where, ": the header must not exceed ", detail::kMostHeader,
              " bytes; got ", header_size);
  std::string json(header_size, '\0');
  source.read(json.data(), json.size());
  if (!json.starts_with('{')) check_is_ours(source, length + json);
  data = rest - header_size;
  return detail::parse_header(where, json);
}

// The entries to be read, by name and in the order in which they are returned.
OrderedDict<std::string, const Entry*> choose(const std::string& where, const std::vector<Entry>& entries,
                                              const std::vector<std::string>* names) {
  OrderedDict<std::string, const Entry*> all;
  all.reserve(entries.size());
  for (const Entry& e : entries) {
    TAPER_CHECK(!all.contains(e.name), where, ": the header must name everything once; got '", shown(e.name),
                "' twice");
    all.insert(e.name, &e);
  }
  return names ? detail::choose(where, "a tensor", "tensors", all, *names) : all;
}

detail::Loaded read_all(const detail::Source& source, const std::vector<std::string>* names) {
  uint64_t data = 0;
  detail::Header header = read_header(source, data);
  const std::vector<const Entry*> order = detail::check_layout(source.where, header.entries, data);
  detail::Loaded loaded;
  for (const auto& item : choose(source.where, header.entries, names)) {
    const Entry& e = *item.value();
    if (e.format) {
      loaded.tensors.insert(item.key(), empty(e.shape, e.format->dtype));
    } else {
      TAPER_CHECK_TYPE(!names, source.where, ": ", detail::unreadable(e));
      loaded.unreadable.insert(item.key(), detail::unreadable(e));
    }
  }
  for (const Entry* e : order) {
    const Tensor* tensor = loaded.tensors.find(e->name);
    if (tensor) {
      detail::read_values(str(source.where, ": '", shown(e->name), "'"), *e->format, /*big_endian=*/false, *tensor,
                          source.read);
    } else {
      source.skip(e->end - e->begin);
    }
  }
  loaded.metadata = std::move(header.metadata);
  return loaded;
}

detail::Loaded read_memory(const char* what, std::string_view bytes) {
  const char* at = bytes.data();
  const auto read = [&](void* to, size_t count) {
    if (count > 0) std::memcpy(to, at, count);
    at += count;
  };
  return read_all({str(kLoad, ": ", what), bytes.size(), read, [&](uint64_t count) { at += count; }}, nullptr);
}

// Reads on until there are `count` bytes, or fewer at the end of the stream. Room grows with what arrives.
void read_up_to(std::istream& stream, std::string& bytes, uint64_t count) {
  while (bytes.size() < count && stream) {
    const size_t before = bytes.size();
    bytes.resize(static_cast<size_t>(std::min<uint64_t>(count, before + std::max(kChunk, before))));
    stream.read(bytes.data() + before, static_cast<std::streamsize>(bytes.size() - before));
    bytes.resize(before + static_cast<size_t>(stream.gcount()));
  }
  TAPER_CHECK(stream || stream.eof(), kLoad, ": the stream: must be readable; it failed after ", bytes.size(),
              " bytes");
}

OrderedDict<std::string, Tensor> take(const std::string& where, detail::Loaded loaded, Metadata* metadata) {
  if (!loaded.unreadable.is_empty()) {
    detail::warn_of_left_out(loaded.tensors.size(), loaded.unreadable.keys(),
                             str(where, ": ", loaded.unreadable[0].value()));
  }
  if (metadata) *metadata = std::move(loaded.metadata);
  return std::move(loaded.tensors);
}

}  // namespace

void detail::warn_of_left_out(size_t read, const std::vector<std::string>& left_out, const std::string& why) {
  if (left_out.empty()) return;
  TAPER_CHECK_TYPE(read > 0, why);
  warn(str(why, "; left out, ", left_out.size(), " of ", read + left_out.size(), ": ", quoted(left_out)));
}

detail::Loaded detail::load(const std::string& path, const std::vector<std::string>* names) {
  InputFile file(kLoad, path);
  uint64_t at = 0;
  const auto read = [&](void* to, size_t count) {
    file.read(to, count);
    at += count;
  };
  return read_all({str(kLoad, ": ", path), file.size(), read, [&](uint64_t count) { file.seek(at += count); }}, names);
}

detail::Loaded detail::load(std::istream& stream) {
  // As libtorch, whose archives know their end only by that of the stream and are read from its beginning.
  if (stream.eof() || (stream && stream.peek() == std::istream::traits_type::eof())) {
    stream.clear();
    stream.seekg(0);
    if (!stream) stream.clear(std::ios::eofbit);  // a pipe
  }
  std::string bytes;
  read_up_to(stream, bytes, 8);
  const uint64_t header = bytes.size() == 8 ? get_number(bytes, 0, 8) : 0;
  const bool fits = header <= kMostHeader;
  read_up_to(stream, bytes, 8 + (fits ? header : kKindBytes));  // too long: enough to tell what it is
  if (fits && bytes.size() == 8 + header && bytes.size() > 8 && bytes[8] == '{') {
    uint64_t end = 0;
    for (const Entry& e : parse_header(str(kLoad, ": the stream"), std::string_view(bytes).substr(8)).entries) {
      end = std::max(end, e.end);
    }
    read_up_to(stream, bytes, bytes.size() + std::min<uint64_t>(end, INT64_MAX - bytes.size()));
  }
  return read_memory("the stream", bytes);
}

detail::Loaded detail::load(const void* data, size_t size) {
  return read_memory("the buffer", {static_cast<const char*>(data), size});
}

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
  return take(str(kLoad, ": ", path), detail::load(path), metadata);
}

OrderedDict<std::string, Tensor> load_safetensors(const std::string& path, const std::vector<std::string>& names,
                                                  Metadata* metadata) {
  return take(str(kLoad, ": ", path), detail::load(path, &names), metadata);
}

OrderedDict<std::string, Tensor> load_safetensors(std::istream& stream, Metadata* metadata) {
  return take(str(kLoad, ": the stream"), detail::load(stream), metadata);
}

OrderedDict<std::string, Tensor> load_safetensors(const void* data, size_t size, Metadata* metadata) {
  return take(str(kLoad, ": the buffer"), detail::load(data, size), metadata);
}

}  // namespace taper::serialize
