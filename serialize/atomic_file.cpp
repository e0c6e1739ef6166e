#include <taper/serialize/atomic_file_internal.h>

#include <taper/core/error.h>
#include <taper/serialize/file_internal.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace taper::serialize::detail {
namespace {

constexpr int kMostNames = 1000;     // in use at the same time in a folder
constexpr int kMostUnusedNames = 8;  // in a row, before there are taken to be no more

// Of the running kernel: its processes see each other's locks, in containers too. Another machine that shares the
// folder may not, and neither take nor remove what is named after this one.
std::string system_id() {
  char id[9] = "0";
  const int fd = ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    if (::read(fd, id, 8) != 8) id[0] = '0', id[1] = '\0';
    ::close(fd);
  }
  return id;
}

// The open file under a name that the system takes for it.
std::string descriptor_path(int fd) { return taper::detail::str("/proc/self/fd/", fd); }

bool is_named(int fd, const std::string& name) {
  struct stat by_fd = {}, by_name = {};
  return ::fstat(fd, &by_fd) == 0 && ::lstat(name.c_str(), &by_name) == 0 && by_fd.st_dev == by_name.st_dev &&
         by_fd.st_ino == by_name.st_ino && S_ISREG(by_fd.st_mode);
}

enum class Left { kNothing, kRemoved, kInUse };

// Removes a file whose writer is gone. Its lock is held while its writer lives, and the name is looked at again under
// the lock: by then the file may have become the target, or been removed by somebody else.
Left remove_abandoned(const std::string& name) {
  const int fd = ::open(name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? Left::kNothing : Left::kInUse;
  const bool removed = ::flock(fd, LOCK_EX | LOCK_NB) == 0 && is_named(fd, name) && ::unlink(name.c_str()) == 0;
  ::close(fd);
  return removed ? Left::kRemoved : Left::kInUse;
}

}  // namespace

AtomicFile::AtomicFile(const char* op, std::string path, uint64_t bytes, bool nameless)
    : op_(op), path_(std::move(path)), bytes_(bytes) {
  check_name(op_, path_);
  target_ = path_;
  if (char* resolved = ::realpath(path_.c_str(), nullptr)) {
    target_ = resolved;
    std::free(resolved);
  }
  folder_ = target_.substr(0, target_.rfind('/') + 1);
  struct stat old = {};
  const bool replaces = ::stat(target_.c_str(), &old) == 0;
  if (replaces) {
    TAPER_CHECK(S_ISREG(old.st_mode), op_, ": ", path_, ": must be a new or a regular file; got ",
                S_ISDIR(old.st_mode) ? "a folder" : "a device, pipe or socket");
    if (::access(target_.c_str(), W_OK) != 0) fail(errno);
  }
  const mode_t mode = replaces ? 0600 : 0666;  // what is to replace a private file is private from the beginning
  if (nameless) open_nameless(mode);
  if (fd_ < 0) open_named(mode);
  if (replaces) take_over(old);
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());  // while the lock keeps others from taking the name
  if (fd_ >= 0) ::close(fd_);
}

// Leaves fd_ at -1 where it cannot be had: without support by the system, its file system, or /proc, by which it gets
// its name.
void AtomicFile::open_nameless([[maybe_unused]] mode_t mode) {
#if defined(O_TMPFILE)
  fd_ = ::open(folder_.empty() ? "." : folder_.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
  if (fd_ < 0) return;
  if (::access(descriptor_path(fd_).c_str(), F_OK) == 0 && ::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(fd_);
  fd_ = -1;
#endif
}

void AtomicFile::open_named(mode_t mode) {
  take_name([&](const char* name) {
    fd_ = ::open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd_ < 0) return false;
    // Before it was locked, it could be taken for abandoned. A file system without locks has none that can.
    if (::flock(fd_, LOCK_EX) != 0 || is_named(fd_, name)) return true;
    ::close(fd_);
    fd_ = -1;
    errno = EINTR;
    return false;
  });
}

// Calls make(name) with names that nobody has until it returns true; false: errno says why.
template <class Make>
void AtomicFile::take_name(const Make& make) {
  // Short, so that they fit wherever the name of the target does.
  const auto name = [stem = taper::detail::str(folder_, ".taper-", system_id(), "-")](int number) {
    return taper::detail::str(stem, number, ".tmp");
  };
  int number = 0;
  while (!make(name(number).c_str())) {
    if (errno == EEXIST && number < kMostNames) {
      if (remove_abandoned(name(number)) == Left::kInUse) ++number;
    } else if (errno != EINTR) {
      fail(errno);
    }
  }
  temporary_ = name(number);
  for (int unused = 0; unused < kMostUnusedNames;) {
    unused = remove_abandoned(name(++number)) == Left::kNothing ? unused + 1 : 0;
  }
}

void AtomicFile::take_over(const struct stat& old) const {
  struct stat now = {};
  if (::fstat(fd_, &now) != 0) return;
  // Only root may give files away; a group can be kept by its members. Some file systems have neither.
  const auto keep = [fd = fd_](uid_t owner, gid_t group) { return ::fchown(fd, owner, group) == 0; };
  if (now.st_uid != old.st_uid) keep(old.st_uid, static_cast<gid_t>(-1));
  const bool same_group = now.st_gid == old.st_gid || keep(static_cast<uid_t>(-1), old.st_gid);
  mode_t mode = old.st_mode & 0777;
  if (!same_group) mode &= 0707 | (mode & 07) << 3;  // another group may do no more than everybody might
  ::fchmod(fd_, mode);
}

void AtomicFile::write(const void* data, size_t count) {
  const char* at = static_cast<const char*>(data);
  while (count > 0) {
    const ssize_t put = ::write(fd_, at, std::min(count, kMostMoved));
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
  if (temporary_.empty()) {
    take_name([from = descriptor_path(fd_)](const char* name) {
      return ::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
    });
  }
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
  temporary_.clear();
  flush_folder();
}

// The new name itself has to reach the disk. A folder that may be written but not read cannot be flushed.
void AtomicFile::flush_folder() const {
  const int fd = ::open(folder_.empty() ? "." : folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  const int error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  TAPER_CHECK(error == 0 || error == EINVAL, op_, ": ", path_, ": is written, but the name must reach the disk, too; ",
              "got: ", reason(error), "; after a power cut the old file may be back: save it again");
}

void AtomicFile::fail(int error) const {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  const bool no_folder = error == ENOENT || error == ENOTDIR;
  throw Error(taper::detail::str(op_, ": ", path_, ": ", bytes_, " bytes must be written; got: ", reason(error),
                                 full ? "; make room or choose another folder" : "",
                                 no_folder ? "; make the folder first" : "", "; a file that was there is unchanged"));
}

}  // namespace taper::serialize::detail
