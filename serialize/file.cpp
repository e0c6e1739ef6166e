#include <taper/serialize/file_internal.h>

#include <taper/core/error.h>
#include <taper/serialize/limit.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace taper::serialize::detail {

std::string reason(int error) { return std::generic_category().message(error); }

void check_name(const char* op, const std::string& path) {
  TAPER_CHECK(!path.empty(), op, ": the file must be named; got an empty name");
  TAPER_CHECK(path.find('\0') == std::string::npos, op, ": ", path.c_str(),
              ": a file name must not contain a zero byte");
}

void check_unpacked(const std::string& where, uint64_t bytes, uint64_t file_size, optional<uint64_t> max_bytes) {
  const uint64_t most = max_bytes.value_or(std::max(kMaxUnpacked, kMaxUnpackedRatio * file_size));
  TAPER_CHECK(bytes <= most, where, ": must unpack to at most ", most, " bytes; got ", bytes, " from a file of ",
              file_size, "; if that is meant, say so by max_bytes");
}

InputFile::InputFile(const char* op, std::string path) : op_(op), path_(std::move(path)) {
  check_name(op_, path_);
  fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // which keeps a pipe without a writer from blocking
  if (fd_ < 0) {
    const int error = errno;
    TAPER_CHECK(false, op_, ": ", path_, ": must ", error == ENOENT ? "exist" : "be readable",
                "; got: ", reason(error));
  }
  struct stat status = {};
  const char* kind = nullptr;
  if (::fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) {
    kind = S_ISDIR(status.st_mode) ? "a folder" : "a device, pipe or socket";
    ::close(fd_);
  }
  TAPER_CHECK(!kind, op_, ": ", path_, ": must be a regular file; got ", kind);
  size_ = static_cast<uint64_t>(status.st_size);
}

InputFile::~InputFile() { ::close(fd_); }

void InputFile::seek(uint64_t position) {
  TAPER_CHECK(::lseek(fd_, static_cast<off_t>(position), SEEK_SET) >= 0, op_, ": ", path_,
              ": must be readable; got: ", reason(errno));
}

void InputFile::read(void* to, size_t count) {
  char* at = static_cast<char*>(to);
  while (count > 0) {
    const ssize_t got = ::read(fd_, at, std::min(count, kMostMoved));
    if (got < 0 && errno == EINTR) continue;
    TAPER_CHECK(got >= 0, op_, ": ", path_, ": must be readable; got: ", reason(errno));
    TAPER_CHECK(got > 0, op_, ": ", path_, ": must keep its ", size_,
                " bytes while it is read; it became shorter; read it again when its writer is done");
    at += got;
    count -= static_cast<size_t>(got);
  }
}

}  // namespace taper::serialize::detail
