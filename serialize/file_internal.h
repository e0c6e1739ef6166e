// Reading files, with every system call checked. For writing: atomic_file_internal.h.
#pragma once

#include <taper/core/array_ref.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace taper::serialize::detail {

constexpr size_t kMostMoved = size_t{1} << 30;  // bytes in a system call; Linux moves at most 2 GiB

// A regular file, read front to back unless told otherwise. `op` is the prefix of error messages.
// Throws Error, naming the path and the reason, when the path is not a readable regular file.
class InputFile {
 public:
  InputFile(const char* op, std::string path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  uint64_t size() const { return size_; }
  // The position of the next read; at most size().
  void seek(uint64_t position);
  // The next `count` bytes, which must lie within size(). Throws Error for a file that was truncated since it was
  // opened.
  void read(void* to, size_t count);

 private:
  const char* op_;
  std::string path_;
  int fd_ = -1;
  uint64_t size_ = 0;
};

// `size` bytes that are read sequentially: a file, a member of a zip file, a buffer.
struct Source {
  std::string where;  // prefix of error messages: "load_npy: x.npy"
  uint64_t size = 0;
  std::function<void(void* to, size_t count)> read;
  std::function<void(uint64_t count)> skip = {};  // optional
};

// The system's message for errno.
std::string reason(int error);

// Throws Error for an empty name, and for one with a zero byte, at which the system would cut the name.
void check_name(const char* op, const std::string& path);

// Throws Error when a file of `file_size` bytes unpacks to more than `max_bytes`, by default as in limit.h.
void check_unpacked(const std::string& where, uint64_t bytes, uint64_t file_size, optional<uint64_t> max_bytes);

}  // namespace taper::serialize::detail
