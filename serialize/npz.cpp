#include <taper/serialize/npy.h>

#include <taper/serialize/atomic_file.h>
#include <taper/serialize/loaded.h>
#include <taper/serialize/npy_format.h>
#include <taper/serialize/safetensors_header.h>
#include <taper/serialize/zip.h>

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <string_view>

namespace taper::serialize {
namespace {

using detail::kMostZipMembers;
using detail::kZip64;
using detail::valid_utf8;
using detail::ZipEntry;
using detail::ZipFile;

constexpr const char* kLoadNpz = "load_npz";
constexpr std::string_view kNpyEnding = ".npy";

void put_number(std::string& bytes, uint64_t value, int count) {
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i));
}

// What the local header and the directory have in common.
std::string zip_fields(const ZipEntry& entry) {
  constexpr int kVersion = 20, kDate = 1 << 5 | 1;  // 1980-01-01: files that are equal have equal bytes
  std::string bytes;
  put_number(bytes, kVersion, 2);
  put_number(bytes, entry.flags, 2);
  put_number(bytes, entry.method, 2);
  put_number(bytes, 0, 2);
  put_number(bytes, kDate, 2);
  put_number(bytes, entry.crc, 4);
  put_number(bytes, entry.packed, 4);
  put_number(bytes, entry.size, 4);
  put_number(bytes, entry.name.size(), 2);
  put_number(bytes, 0, 2);  // no extra field
  return bytes;
}

std::string zip_local_header(const ZipEntry& entry) {
  std::string bytes;
  put_number(bytes, detail::kZipLocal, 4);
  return bytes + zip_fields(entry) + entry.name;
}

std::string zip_directory_header(const ZipEntry& entry) {
  std::string bytes;
  put_number(bytes, detail::kZipDirectory, 4);
  put_number(bytes, 20, 2);  // made by
  bytes += zip_fields(entry);
  bytes.append(10, '\0');  // no comment, the first disk, no attributes
  put_number(bytes, entry.offset, 4);
  return bytes + entry.name;
}

}  // namespace

void save_npz(const OrderedDict<std::string, Tensor>& tensors, const std::string& path) {
  const std::string where = taper::detail::str("save_npz: ", path);
  TAPER_CHECK(tensors.size() <= kMostZipMembers, where, ": must have at most ", kMostZipMembers, " tensors; got ",
              tensors.size(), "; use several files, or save_safetensors");
  std::vector<ZipEntry> entries;
  std::vector<std::string> heads;
  std::vector<Tensor> values;
  std::string directory;
  uint64_t end = 0;
  const auto advance = [&](uint64_t bytes) {
    end = std::min(end, kZip64) + std::min(bytes, kZip64);
    TAPER_CHECK(end < kZip64, where, ": the file must be below 4 GiB (zip64 is not written); it would be larger; use ",
                "several files, or save_safetensors");
  };
  for (const auto& item : tensors) {
    const std::string name = taper::detail::str(where, ": '", detail::shown(item.key(), valid_utf8(item.key())), "'");
    ZipEntry entry;
    entry.name = item.key();
    entry.name += kNpyEnding;
    TAPER_CHECK(valid_utf8(item.key()) && item.key().find('\0') == std::string::npos && entry.name.size() <= 0xffff,
                name, " must be a name in UTF-8, without zero bytes, of at most 65,531 bytes");
    entry.flags = std::all_of(entry.name.begin(), entry.name.end(), [](char c) { return (c & 0x80) == 0; })
                      ? 0
                      : detail::kZipUtf8;
    heads.push_back(detail::npy_header(name, item.value()));
    uint64_t bytes = item.value().element_size();  // an expanded tensor may be larger than any memory
    for (int64_t size : item.value().sizes()) bytes = std::min(bytes * static_cast<uint64_t>(size), kZip64);
    entry.packed = entry.size = heads.back().size() + (item.value().numel() == 0 ? 0 : bytes);
    entry.offset = end;
    advance(detail::kZipLocalSize + entry.name.size() + entry.size);
    values.push_back(item.value().detach().contiguous());
    const auto* head = reinterpret_cast<const Bytef*>(heads.back().data());
    entry.crc = crc32_z(0, head, heads.back().size());
    if (values.back().numel() > 0) {
      entry.crc = crc32_z(entry.crc, static_cast<const Bytef*>(values.back().data_ptr()), values.back().nbytes());
    }
    directory += zip_directory_header(entry);
    entries.push_back(std::move(entry));
  }
  const uint64_t begin = end;
  advance(directory.size());
  put_number(directory, detail::kZipEnd, 4);
  put_number(directory, 0, 4);  // one disk
  put_number(directory, entries.size(), 2);
  put_number(directory, entries.size(), 2);
  put_number(directory, end - begin, 4);
  put_number(directory, begin, 4);
  put_number(directory, 0, 2);  // no comment

  detail::AtomicFile file("save_npz", path, begin + directory.size());
  const auto write = [&](const std::string& bytes) { file.write(bytes.data(), bytes.size()); };
  for (size_t i = 0; i < entries.size(); ++i) {
    write(zip_local_header(entries[i]));
    write(heads[i]);
    if (values[i].numel() > 0) file.write(values[i].data_ptr(), values[i].nbytes());
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
    TAPER_CHECK(!members.contains(key), zip.where(), ": must have each name once; got '",
                detail::shown(key, valid_utf8(key)), "' twice");
    has_arrays |= entry.name.ends_with(kNpyEnding);
    members.insert(key, entry);
  }
  if (!has_arrays && !members.is_empty()) {
    const std::string kind = zip.kind();
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

// Before memory is taken for any of them.
void check_npz_size(const ZipFile& zip, const OrderedDict<std::string, ZipEntry>& members,
                    optional<uint64_t> max_bytes) {
  uint64_t bytes = 0;  // fewer than 2^16 members of less than 2^32 each
  for (const auto& item : members) bytes += item.value().size;
  detail::check_unpacked(zip.where(), bytes, zip.size(), max_bytes);
}

}  // namespace

OrderedDict<std::string, Tensor> load_npz(const std::string& path, optional<uint64_t> max_bytes) {
  ZipFile zip(kLoadNpz, path);
  const OrderedDict<std::string, ZipEntry> members = npz_members(zip);
  check_npz_size(zip, members, max_bytes);
  OrderedDict<std::string, Tensor> tensors;
  std::vector<std::string> left_out;
  std::string why;
  for (const auto& item : members) {
    try {
      tensors.insert(item.key(), read_member(zip, item.value()));
    } catch (const TypeError& error) {
      if (left_out.empty()) why = error.what();
      left_out.push_back(item.key());
    }
  }
  detail::warn_of_left_out(tensors.size(), left_out, why);
  return tensors;
}

OrderedDict<std::string, Tensor> load_npz(const std::string& path, const std::vector<std::string>& names,
                                          optional<uint64_t> max_bytes) {
  ZipFile zip(kLoadNpz, path);
  const OrderedDict<std::string, ZipEntry> members = npz_members(zip);
  OrderedDict<std::string, ZipEntry> chosen;
  for (const std::string& name : names) {
    const ZipEntry* member = members.find(name);
    TAPER_CHECK(member, zip.where(), ": must hold an array named '", detail::shown(name, valid_utf8(name)), "'; got ",
                members.size(), ": ", detail::quoted(members.keys()));
    if (!chosen.contains(name)) chosen.insert(name, *member);
  }
  check_npz_size(zip, chosen, max_bytes);
  OrderedDict<std::string, Tensor> tensors;
  for (const auto& item : chosen) tensors.insert(item.key(), read_member(zip, item.value()));
  return tensors;
}

}  // namespace taper::serialize
