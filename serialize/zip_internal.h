// Zip files: the constants for reading (zip.cpp) and writing (npz.cpp), and the reader.
//
// The format: for each member a local header, its name and its data; then the directory, with a full header for each
// member; then the end record, which has the position of the directory. All numbers are little-endian.
#pragma once

#include <taper/core/error.h>
#include <taper/serialize/file_internal.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace taper::serialize::detail {

constexpr uint32_t kZipLocal = 0x04034b50, kZipDirectory = 0x02014b50, kZipEnd = 0x06054b50;
constexpr size_t kZipLocalSize = 30, kZipDirectorySize = 46, kZipEndSize = 22;
constexpr uint64_t kZip64 = 0xffffffff;  // stands for "see the zip64 record"
constexpr uint64_t kMostZipMembers = 0xfffe;
constexpr unsigned kZipEncrypted = 1, kZipUtf8 = 1 << 11;
constexpr unsigned kZipStored = 0, kZipDeflated = 8;

struct ZipEntry {
  std::string name;
  unsigned method = kZipStored, flags = 0;
  uint64_t crc = 0, packed = 0, size = 0;  // packed: bytes in the file; size: bytes when unpacked
  uint64_t offset = 0;                     // of its local header
};

// A zip file that is not trusted. Throws Error, naming the file, what was expected and what was found.
class ZipFile {
 public:
  // `op` is the prefix of error messages.
  ZipFile(const char* op, const std::string& path) : where_(taper::detail::str(op, ": ", path)), file_(op, path) {}

  // The members in the order of the directory; they do not overlap and lie before it.
  std::vector<ZipEntry> directory();
  // Calls use(read), where read(to, count) reads the next bytes of the unpacked member; use must read all entry.size of
  // them. Throws TypeError for members that are encrypted or not stored or deflated.
  void unpack(const ZipEntry& entry, const std::function<void(const std::function<void(void*, size_t)>& read)>& use);

  const std::string& where() const { return where_; }
  // The file and the member, for error messages.
  std::string name_of(const ZipEntry& entry) const;
  uint64_t size() const { return file_.size(); }
  // Its first bytes, for file_kind().
  std::string start();

 private:
  std::string bytes_at(uint64_t offset, size_t count);
  ZipEntry parse(std::string_view header, std::string_view name) const;
  uint64_t find_end(std::string& end);
  uint64_t zip64_size(uint64_t end_at);

  std::string where_;
  InputFile file_;
  uint64_t base_ = 0;  // where the zip data begins, to which its offsets are relative
};

}  // namespace taper::serialize::detail
