// Files with every system call checked: one that is read, and one that is replaced as a whole or not at all. Internal
// to serialize/ and data/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace taper::serialize::detail {

// A regular file, read front to back unless told otherwise. `op` starts the error messages.
// Throws Error, naming the path and the reason, when the path is no readable regular file.
class InputFile {
 public:
  InputFile(const char* op, std::string path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  uint64_t size() const { return size_; }
  // What is read next; at most size().
  void seek(uint64_t position);
  // The next `count` bytes. Asking for what is beyond size() is the caller's fault; a file that became shorter since
  // it was opened is an error.
  void read(void* to, size_t count);

 private:
  const char* op_;
  std::string path_;
  int fd_ = -1;
  uint64_t size_ = 0;
};

// A file that appears at `path` when commit() is called: until then a temporary file in the same folder, which the
// destructor removes. Whoever reads `path` sees the old file or the new one, never a part; so does whoever comes after
// a crash or a power cut, which can at worst leave a ".taper-<process>-<number>.tmp" behind.
//
// A symbolic link is followed, and what it points to is replaced; one that leads nowhere is replaced itself. Only
// regular files are replaced, and only those this process may write to. Permissions of the new file are those of any
// new file (umask).
// Throws Error, naming the path, the reason and `bytes`, whatever goes wrong.
class AtomicFile {
 public:
  // `bytes`: how many are going to be written.
  AtomicFile(const char* op, std::string path, uint64_t bytes);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, size_t count);
  void commit();

 private:
  [[noreturn]] void fail(int error) const;

  const char* op_;
  std::string path_;
  uint64_t bytes_;
  std::string target_;     // path_ with links resolved
  std::string temporary_;  // empty once it is gone
  int fd_ = -1;
};

}  // namespace taper::serialize::detail
