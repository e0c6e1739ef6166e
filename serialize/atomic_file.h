// A file that is replaced as a whole or not at all: the one way in which taper writes files. Internal to serialize/ and
// data/; write_file.h is for everybody.
#pragma once

#include <taper/core/macros.h>

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace taper::serialize::detail {

// A file that appears at `path` when commit() is called. Whoever reads `path` sees the old file or the new one, never a
// part, after a crash or a power cut, too: once commit() has returned, the new one.
//
// Until then the file has no name, so that nothing of it outlives the process, however that ends. Where the file system
// has no such files (NFS and other network file systems), and for the moment in which the old file gives way, it is
// called ".taper-<system>-<number>.tmp" in the same folder. What a killed process left under such a name, the next save
// in the folder removes; the lock that every writer holds on its file tells it from those that are being written.
//
// A symbolic link is followed, and what it points to is replaced; one that leads nowhere is replaced itself. Only
// regular files are replaced, and only those this process may write to. The new file gets the permissions, the owner
// and the group of the old one, as far as the system lets it; where it does not, nobody gets more rights than before.
// Without an old file permissions are those of any new file (umask).
// Throws Error, naming the path, the reason and `bytes`, whatever goes wrong.
class TAPER_API AtomicFile {
 public:
  // `bytes`: how many are going to be written. `nameless`: false for a named file whatever the file system can do.
  AtomicFile(const char* op, std::string path, uint64_t bytes, bool nameless = true);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, size_t count);
  void commit();

 private:
  [[noreturn]] void fail(int error) const;
  void open_nameless(mode_t mode);
  void open_named(mode_t mode);
  void take_over(const struct stat& old) const;
  template <class Make>
  void take_name(const Make& make);
  void flush_folder() const;

  const char* op_;
  std::string path_;
  uint64_t bytes_;
  std::string target_;     // path_ with links resolved
  std::string folder_;     // of target_, with the slash; empty for the current one
  std::string temporary_;  // empty while the file has no name
  int fd_ = -1;            // locked (flock)
};

}  // namespace taper::serialize::detail
