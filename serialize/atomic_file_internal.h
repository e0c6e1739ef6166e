// Files that are replaced as a whole or not at all; taper writes all files this way. The public form is write_file.h.
#pragma once

#include <taper/core/macros.h>

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace taper::serialize::detail {

// A file that appears at `path` when commit() is called. Readers of `path` see the old file or the new one, never a
// part of it, even after a crash or a power failure; once commit() has returned, the new one.
//
// Until then the file has no name, so nothing of it outlives the process. On file systems without unnamed files (NFS
// and other network file systems), and at the moment in which the old file is replaced, it is called
// ".taper-<system>-<number>.tmp" in the same folder. Such files left by a killed process are removed by the next save
// in the folder; the lock that every writer holds on its file distinguishes them from files being written.
//
// A symbolic link is followed, and its target is replaced; a dangling link is replaced itself. Only regular files are
// replaced, and only those that this process may write. The new file gets permissions, owner and group of the old one
// as far as the system allows; otherwise nobody gets more rights than before. A file that is new gets the default
// permissions (umask). Throws Error, naming the path, the reason and `bytes`, on any failure.
class TAPER_API AtomicFile {
 public:
  // `bytes`: the number that will be written, for error messages. `nameless`: false for a named file in any case.
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
