// Files that are read, with every system call checked. Internal to serialize/ and data/. For writing: atomic_file.h.
#pragma once

#include <taper/core/array_ref.h>

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

// What the system says of an error.
std::string reason(int error);

// Throws Error for an empty name, and for one with a zero byte: std::string knows its length, the system stops there,
// two different files.
void check_name(const char* op, const std::string& path);

// Throws Error when a file of `file_size` bytes unpacks to `bytes`, and those are more than the caller wants or, by
// default, than limit.h says.
void check_unpacked(const std::string& where, uint64_t bytes, uint64_t file_size, optional<uint64_t> max_bytes);

}  // namespace taper::serialize::detail
