#include <taper/serialize/file.h>

#include <taper/core/error.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace taper::serialize::detail {
namespace {

constexpr size_t kMostAtOnce = size_t{1} << 30;  // Linux moves at most 2 GiB a call

std::string reason(int error) { return std::generic_category().message(error); }

// std::string knows its length, the system stops at the first zero: two different files.
void check_name(const char* op, const std::string& path) {
  TAPER_CHECK(!path.empty(), op, ": the file must be named; got an empty name");
  TAPER_CHECK(path.find('\0') == std::string::npos, op, ": ", path.c_str(),
              ": a file name must not contain a zero byte");
}

}  // namespace

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
    const ssize_t got = ::read(fd_, at, std::min(count, kMostAtOnce));
    if (got < 0 && errno == EINTR) continue;
    TAPER_CHECK(got >= 0, op_, ": ", path_, ": must be readable; got: ", reason(errno));
    TAPER_CHECK(got > 0, op_, ": ", path_, ": must keep its ", size_,
                " bytes while it is read; it became shorter; read it again when its writer is done");
    at += got;
    count -= static_cast<size_t>(got);
  }
}

AtomicFile::AtomicFile(const char* op, std::string path, uint64_t bytes)
    : op_(op), path_(std::move(path)), bytes_(bytes) {
  check_name(op_, path_);
  target_ = path_;
  if (char* resolved = ::realpath(path_.c_str(), nullptr)) {
    target_ = resolved;
    std::free(resolved);
  }
  struct stat status = {};
  if (::stat(target_.c_str(), &status) == 0) {
    TAPER_CHECK(S_ISREG(status.st_mode), op_, ": ", path_, ": must be a new or a regular file; got ",
                S_ISDIR(status.st_mode) ? "a folder" : "a device, pipe or socket");
    if (::access(target_.c_str(), W_OK) != 0) fail(errno);
  }
  // The name is short and its own, so that it fits wherever that of the target does.
  const std::string folder = target_.substr(0, target_.rfind('/') + 1);
  static std::atomic<unsigned> count{0};
  do {
    temporary_ = folder + taper::detail::str(".taper-", ::getpid(), "-", count.fetch_add(1), ".tmp");
    fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (fd_ < 0 && (errno == EEXIST || errno == EINTR));
  if (fd_ < 0) fail(errno);
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, size_t count) {
  const char* at = static_cast<const char*>(data);
  while (count > 0) {
    const ssize_t put = ::write(fd_, at, std::min(count, kMostAtOnce));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) fail(put < 0 ? errno : ENOSPC);
    at += put;
    count -= static_cast<size_t>(put);
  }
}

void AtomicFile::commit() {
  // Without fsync a power cut could leave the new name on a file whose data never arrived. EINVAL: a file system
  // without it.
  if (::fsync(fd_) != 0 && errno != EINVAL) fail(errno);
  const int fd = fd_;
  fd_ = -1;
  if (::close(fd) != 0 && errno != EINTR) fail(errno);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
  temporary_.clear();
}

void AtomicFile::fail(int error) const {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  const bool no_folder = error == ENOENT || error == ENOTDIR;
  throw Error(taper::detail::str(op_, ": ", path_, ": ", bytes_, " bytes must be written; got: ", reason(error),
                                 full ? "; make room or choose another folder" : "",
                                 no_folder ? "; make the folder first" : "", "; a file that was there is unchanged"));
}

}  // namespace taper::serialize::detail
