#include <taper/serialize/zip_internal.h>

#include <taper/serialize/file_kind_internal.h>
#include <taper/serialize/format_internal.h>
#include <taper/serialize/inflate_internal.h>
#include <taper/serialize/text_internal.h>

#include <algorithm>

namespace taper::serialize::detail {
namespace {

// The bytes of a member, unpacked, with their checksum.
class ZipMember {
 public:
  ZipMember(InputFile& file, const ZipEntry& entry, const std::string& name) : file_(file), entry_(entry), name_(name) {
    if (entry.method == kZipDeflated) inflater_.emplace(file, entry.packed, -MAX_WBITS, name);
  }

  void read(void* to, size_t count) {
    if (inflater_) {
      TAPER_CHECK(inflater_->read(to, count) == count, name_, " must unpack to ", entry_.size,
                  " bytes; got fewer; the file is damaged");
    } else {
      file_.read(to, count);
    }
    crc_ = crc32_z(crc_, static_cast<const Bytef*>(to), count);
  }
  // To be called when all its bytes are read.
  void check_end() {
    Bytef more;
    TAPER_CHECK(!inflater_ || (inflater_->read(&more, 1) == 0 && inflater_->rest().empty()), name_, " must unpack to ",
                entry_.size, " bytes; got more; the file is damaged");
    TAPER_CHECK(crc_ == entry_.crc, name_, " must have the checksum that the directory states; got another; the ",
                "file is damaged");
  }

 private:
  InputFile& file_;
  const ZipEntry& entry_;
  const std::string& name_;
  optional<Inflater> inflater_;
  uLong crc_ = 0;
};

}  // namespace

std::string ZipFile::name_of(const ZipEntry& entry) const {
  return taper::detail::str(where_, ": '", shown(entry.name), "'");
}

std::string ZipFile::start() { return bytes_at(0, std::min<uint64_t>(kKindBytes, file_.size())); }

std::string ZipFile::bytes_at(uint64_t offset, size_t count) {
  std::string bytes(count, '\0');
  file_.seek(offset);
  file_.read(bytes.data(), count);
  return bytes;
}

// The end record is the last thing but for a comment of a length it states. Returns where it begins.
uint64_t ZipFile::find_end(std::string& end) {
  constexpr size_t kMostComment = 0xffff;
  const size_t tail_size = static_cast<size_t>(std::min<uint64_t>(file_.size(), kZipEndSize + kMostComment));
  const std::string tail = bytes_at(file_.size() - tail_size, tail_size);
  for (size_t at = tail_size + 1 - std::min(tail_size + 1, kZipEndSize); at-- > 0;) {
    if (get_number(tail, at, 4) != kZipEnd || at + kZipEndSize + get_number(tail, at + 20, 2) != tail_size) continue;
    end = tail.substr(at, kZipEndSize);
    return file_.size() - tail_size + at;
  }
  if (bytes_at(0, 2) != "PK") check_kind(where_, "a .npz file", start());
  throw Error(taper::detail::str(where_, ": must end with the directory of a zip file; there is none in ", file_.size(),
                                 " bytes; this is no .npz file, or it is cut short"));
}

// Of the zip64 records between the directory and the end record, which some writers add to small files, too (PyTorch).
uint64_t ZipFile::zip64_size(uint64_t end_at) {
  constexpr uint32_t kRecord = 0x06064b50, kLocator = 0x07064b50;
  constexpr uint64_t kRecordSize = 56, kSize = kRecordSize + 20;
  if (end_at < kSize) return 0;
  const std::string bytes = bytes_at(end_at - kSize, kSize);
  return get_number(bytes, 0, 4) == kRecord && get_number(bytes, kRecordSize, 4) == kLocator ? kSize : 0;
}

ZipEntry ZipFile::parse(std::string_view header, std::string_view name) const {
  ZipEntry entry;
  entry.name = name;
  entry.flags = static_cast<unsigned>(get_number(header, 8, 2));
  entry.method = static_cast<unsigned>(get_number(header, 10, 2));
  entry.crc = get_number(header, 16, 4);
  entry.packed = get_number(header, 20, 4);
  entry.size = get_number(header, 24, 4);
  entry.offset = get_number(header, 42, 4);
  TAPER_CHECK(valid_utf8(name) && name.find('\0') == name.npos, name_of(entry),
              " must be a name in UTF-8, without zero bytes");
  TAPER_CHECK(entry.packed != kZip64 && entry.size != kZip64 && entry.offset != kZip64, name_of(entry),
              " must be below 4 GiB (zip64 is not read); save several files, or safetensors");
  return entry;
}

std::vector<ZipEntry> ZipFile::directory() {
  std::string end;
  const uint64_t end_at = find_end(end);
  const uint64_t count = get_number(end, 10, 2), size = get_number(end, 12, 4), begin = get_number(end, 16, 4);
  TAPER_CHECK(count <= kMostZipMembers && size != kZip64 && begin != kZip64, where_,
              ": must be below 4 GiB and have fewer than 65,535 members (zip64 is not read); save several files, or ",
              "safetensors");
  TAPER_CHECK(get_number(end, 4, 4) == 0 && get_number(end, 8, 2) == count, where_,
              ": must be one file; got a part of a zip file in several parts");
  const uint64_t directory_end = end_at - zip64_size(end_at);
  TAPER_CHECK(begin + size <= directory_end, where_, ": the directory must end where the end record begins, at ",
              directory_end, "; got ", begin, " + ", size, "; the file is damaged");
  base_ = directory_end - begin - size;

  const std::string bytes = bytes_at(base_ + begin, size);
  std::vector<ZipEntry> entries;
  size_t at = 0;
  while (entries.size() < count) {
    const size_t left = bytes.size() - at;
    const bool fits = left >= kZipDirectorySize && get_number(bytes, at, 4) == kZipDirectory;
    const size_t name = fits ? get_number(bytes, at + 28, 2) : 0;
    const size_t length =
        fits ? kZipDirectorySize + name + get_number(bytes, at + 30, 2) + get_number(bytes, at + 32, 2) : 0;
    TAPER_CHECK(fits && length <= left, where_, ": the directory must have ", count, " members; entry ", entries.size(),
                " is damaged");
    entries.push_back(parse(std::string_view(bytes).substr(at, kZipDirectorySize),
                            std::string_view(bytes).substr(at + kZipDirectorySize, name)));
    at += length;
  }
  TAPER_CHECK(at == bytes.size(), where_, ": the directory must end with its ", count, " members; got ",
              bytes.size() - at, " bytes more");

  // Members that overlap could unpack to the square of the file's length.
  std::vector<const ZipEntry*> order;
  order.reserve(entries.size());
  for (const ZipEntry& entry : entries) order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->offset < b->offset; });
  for (size_t i = 0; i < order.size(); ++i) {
    const uint64_t next = i + 1 < order.size() ? order[i + 1]->offset : begin;
    const uint64_t from = order[i]->offset + kZipLocalSize + order[i]->name.size();
    TAPER_CHECK(from <= next && order[i]->packed <= next - from, name_of(*order[i]),
                " must end before what follows it, at ", next, "; got ", order[i]->packed, " bytes from ", from,
                "; the file is damaged");
  }
  return entries;
}

void ZipFile::unpack(const ZipEntry& entry, const std::function<void(const std::function<void(void*, size_t)>&)>& use) {
  TAPER_CHECK_TYPE((entry.flags & kZipEncrypted) == 0, name_of(entry), " must not be encrypted");
  TAPER_CHECK_TYPE(entry.method == kZipStored || entry.method == kZipDeflated, name_of(entry),
                   " must be stored or deflated; got compression ", entry.method,
                   "; write it by numpy.savez or numpy.savez_compressed");
  TAPER_CHECK(entry.method != kZipStored || entry.packed == entry.size, name_of(entry),
              " must have one size, as it is not compressed; got ", entry.packed, " and ", entry.size);
  TAPER_CHECK(entry.size / kMaxDeflateRatio <= entry.packed, name_of(entry), " must not claim more than ",
              kMaxDeflateRatio, " bytes for each of its ", entry.packed, "; got ", entry.size, "; the file is damaged");
  // The local header repeats the directory; only the length of its extra field is new.
  const std::string local = bytes_at(base_ + entry.offset, kZipLocalSize + entry.name.size());
  TAPER_CHECK(get_number(local, 0, 4) == kZipLocal && get_number(local, 8, 2) == entry.method &&
                  get_number(local, 26, 2) == entry.name.size() && local.substr(kZipLocalSize) == entry.name,
              name_of(entry), " must be where the directory says; got something else at ", entry.offset,
              "; the file is damaged");
  const uint64_t from = base_ + entry.offset + local.size() + get_number(local, 28, 2);
  TAPER_CHECK(from + entry.packed <= file_.size(), name_of(entry),
              " must end before the file does; the file is damaged");
  file_.seek(from);
  const std::string name = name_of(entry);
  ZipMember member(file_, entry, name);
  use([&](void* to, size_t count) { member.read(to, count); });
  member.check_end();
}

}  // namespace taper::serialize::detail
