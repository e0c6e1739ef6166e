#include <taper/serialize/npy.h>

#include <taper/serialize/atomic_file_internal.h>
#include <taper/serialize/file_kind_internal.h>
#include <taper/serialize/format_internal.h>
#include <taper/serialize/loaded_internal.h>
#include <taper/serialize/npy_format_internal.h>
#include <taper/serialize/zip_internal.h>

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <string_view>

namespace taper::serialize {
namespace {

using detail::kMostZipMembers;
using detail::kZip64;
using detail::put_numbers;
using detail::ZipEntry;
using detail::ZipFile;

constexpr std::string_view kNpyEnding = ".npy";

// What the local header and the directory have in common.
std::string zip_fields(const ZipEntry& entry) {
  constexpr int kVersion = 20, kDate = 1 << 5 | 1;  // 1980-01-01: files that are equal have equal bytes
  return put_numbers({{kVersion, 2},
                      {entry.flags, 2},
                      {entry.method, 2},
                      {0, 2},  // midnight
                      {kDate, 2},
                      {entry.crc, 4},
                      {entry.packed, 4},
                      {entry.size, 4},
                      {entry.name.size(), 2},
                      {0, 2}});  // no extra field
}

struct Member {
  ZipEntry entry;
  std::string head;
  Tensor values;
};

}  // namespace

void save_npz(const OrderedDict<std::string, Tensor>& tensors, const std::string& path) {
  const std::string where = taper::detail::str("save_npz: ", path);
  TAPER_CHECK(tensors.size() <= kMostZipMembers, where, ": must have at most ", kMostZipMembers, " tensors; got ",
              tensors.size(), "; use several files, or save_safetensors");
  std::vector<Member> members;
  std::string directory;
  uint64_t end = 0;
  const auto advance = [&](uint64_t bytes) {
    end = std::min(end, kZip64) + std::min(bytes, kZip64);
    TAPER_CHECK(end < kZip64, where, ": the file must be below 4 GiB (zip64 is not written); it would be larger; use ",
                "several files, or save_safetensors");
  };
  for (const auto& item : tensors) {
    const std::string name = taper::detail::str(where, ": '", detail::shown(item.key()), "'");
    auto& [entry, head, values] = members.emplace_back();
    entry.name = taper::detail::str(item.key(), kNpyEnding);
    TAPER_CHECK(
        detail::valid_utf8(item.key()) && item.key().find('\0') == std::string::npos && entry.name.size() <= 0xffff,
        name, " must be a name in UTF-8, without zero bytes, of at most 65,531 bytes");
    const bool ascii = std::all_of(entry.name.begin(), entry.name.end(), [](char c) { return (c & 0x80) == 0; });
    entry.flags = ascii ? 0 : detail::kZipUtf8;
    head = detail::npy_header(name, item.value());
    uint64_t bytes = item.value().element_size();  // an expanded tensor may be larger than any memory
    for (int64_t size : item.value().sizes()) bytes = std::min(bytes * static_cast<uint64_t>(size), kZip64);
    entry.packed = entry.size = head.size() + (item.value().numel() == 0 ? 0 : bytes);
    entry.offset = end;
    advance(detail::kZipLocalSize + entry.name.size() + entry.size);
    values = item.value().detach().contiguous();
    entry.crc = crc32_z(0, reinterpret_cast<const Bytef*>(head.data()), head.size());
    if (values.numel() > 0) {
      entry.crc = crc32_z(entry.crc, static_cast<const Bytef*>(values.data_ptr()), values.nbytes());
    }
    // Of the directory: made by; no comment, the first disk, no attributes; where the local header is.
    directory += put_numbers({{detail::kZipDirectory, 4}, {20, 2}}) + zip_fields(entry) +
                 put_numbers({{0, 2}, {0, 2}, {0, 2}, {0, 4}, {entry.offset, 4}}) + entry.name;
  }
  const uint64_t begin = end;
  advance(directory.size());
  const uint64_t count = members.size(), size = end - begin;
  // One disk, whose members are all there are; no comment.
  directory += put_numbers({{detail::kZipEnd, 4}, {0, 4}, {count, 2}, {count, 2}, {size, 4}, {begin, 4}, {0, 2}});

  detail::AtomicFile file("save_npz", path, begin + directory.size());
  const auto write = [&](const std::string& bytes) { file.write(bytes.data(), bytes.size()); };
  for (const auto& [entry, head, values] : members) {
    write(put_numbers({{detail::kZipLocal, 4}}) + zip_fields(entry) + entry.name + head);
    if (values.numel() > 0) file.write(values.data_ptr(), values.nbytes());
  }
  write(directory);
  file.commit();
}

namespace {

// numpy.load's name of a member.
std::string npz_key(const ZipEntry& entry) {
  const size_t ending = entry.name.ends_with(kNpyEnding) ? kNpyEnding.size() : 0;
  return entry.name.substr(0, entry.name.size() - ending);
}

// The members under their names, without folders.
OrderedDict<std::string, ZipEntry> npz_members(ZipFile& zip) {
  OrderedDict<std::string, ZipEntry> members;
  bool has_arrays = false;
  for (const ZipEntry& entry : zip.directory()) {
    if (entry.name.ends_with('/')) continue;
    const std::string key = npz_key(entry);
    TAPER_CHECK(!members.contains(key), zip.where(), ": must have each name once; got '", detail::shown(key),
                "' twice");
    has_arrays |= entry.name.ends_with(kNpyEnding);
    members.insert(key, entry);
  }
  if (!has_arrays && !members.is_empty()) {
    const std::string kind = detail::file_kind(zip.start());
    throw Error(taper::detail::str(zip.where(), ": must have .npy files as its members; got ",
                                   detail::quoted(members.keys()), kind.empty() ? "" : "; the file is " + kind));
  }
  return members;
}

Tensor read_member(ZipFile& zip, const ZipEntry& entry) {
  TAPER_CHECK_TYPE(entry.name.ends_with(kNpyEnding), zip.name_of(entry),
                   " must be a .npy file, as members of a .npz file are");
  Tensor tensor;
  zip.unpack(entry, [&](const std::function<void(void*, size_t)>& read) {
    tensor = detail::read_npy({zip.name_of(entry), entry.size, read});
  });
  return tensor;
}

// The members of these names, or all of them.
OrderedDict<std::string, Tensor> load_members(const std::string& path, const std::vector<std::string>* names,
                                              optional<uint64_t> max_bytes) {
  ZipFile zip("load_npz", path);
  OrderedDict<std::string, ZipEntry> members = npz_members(zip);
  if (names) members = detail::choose(zip.where(), "an array", "members", members, *names);
  uint64_t bytes = 0;  // fewer than 2^16 members of less than 2^32 each
  for (const auto& item : members) bytes += item.value().size;
  detail::check_unpacked(zip.where(), bytes, zip.size(), max_bytes);
  OrderedDict<std::string, Tensor> tensors;
  std::vector<std::string> left_out;
  std::string why;
  for (const auto& item : members) {
    try {
      tensors.insert(item.key(), read_member(zip, item.value()));
    } catch (const TypeError& error) {
      if (names) throw;
      if (left_out.empty()) why = error.what();
      left_out.push_back(item.key());
    }
  }
  detail::warn_of_left_out(tensors.size(), left_out, why);
  return tensors;
}

}  // namespace

OrderedDict<std::string, Tensor> load_npz(const std::string& path, optional<uint64_t> max_bytes) {
  return load_members(path, nullptr, max_bytes);
}

OrderedDict<std::string, Tensor> load_npz(const std::string& path, const std::vector<std::string>& names,
                                          optional<uint64_t> max_bytes) {
  return load_members(path, &names, max_bytes);
}

}  // namespace taper::serialize
