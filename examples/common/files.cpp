#include "files.h"

#include <fcntl.h>
#include <taper/core/error.h>
#include <taper/serialize/write_file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace examples {
namespace {

namespace fs = std::filesystem;

// The end of an error message that begins with what failed.
std::string reason() { return std::string(": ") + std::strerror(errno); }

// /dev/stdout may lead to a regular file, which is not to be replaced; /dev/shm has files as any folder.
bool is_special(const fs::path& path) {
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  const std::string text = path.string();
  return (fs::exists(status) && !fs::is_regular_file(status)) ||
         (text.rfind("/dev/", 0) == 0 && text.rfind("/dev/shm/", 0) != 0);
}

// Opened anew, /dev/stdout would be written from its beginning, over what has been printed into a file.
int open_special(const std::string& file) {
  if (file == "/dev/stdout" || file == "/dev/stderr") {
    std::FILE* const stream = file == "/dev/stdout" ? stdout : stderr;
    std::fflush(stream);
    return fcntl(fileno(stream), F_DUPFD_CLOEXEC, 0);
  }
  return open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;  // a name that is too long, a loop of links: none
  return fs::is_directory(path, ignored);
}

// Throws unless a file can be made in `folder`.
void probe(const char* option, const fs::path& folder) {
  const std::string file = (folder / (".probe-" + std::to_string(getpid()))).string();
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  TAPER_CHECK(fd >= 0, option, ": files cannot be made in ", fs::absolute(folder).string(), reason(),
              "; name a folder you may write to");
  close(fd);
  unlink(file.c_str());
}

}  // namespace

void check_folder(const char* option, const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  TAPER_CHECK(is_folder(folder), option, ": must be a folder or one that can be made; got ",
              fs::absolute(folder).string(), error ? ": " + error.message() : "", "; name a folder you may write to");
  probe(option, folder);
}

void check_file(const char* option, const std::string& file) {
  TAPER_CHECK(!is_folder(file), option, ": must name a file; ", fs::absolute(file).string(), " is a folder");
  if (is_special(file)) {
    TAPER_CHECK(access(file.c_str(), W_OK) == 0, option, ": cannot write to ", file, reason());
    return;
  }
  const fs::path folder = fs::absolute(file).parent_path();
  TAPER_CHECK(is_folder(folder), option, ": the folder ", folder.string(), " must be there; it is not");
  probe(option, folder);
}

void write_file(const std::string& path, const std::string& contents) {
  if (!is_special(path)) return taper::serialize::write_file(path, contents);
  const int fd = open_special(path);
  TAPER_CHECK(fd >= 0, "cannot write ", path, reason());
  bool ok = true;
  for (size_t done = 0; ok && done < contents.size();) {
    const ssize_t n = write(fd, contents.data() + done, contents.size() - done);
    if (n >= 0) {
      done += static_cast<size_t>(n);
    } else {
      ok = errno == EINTR;
    }
  }
  std::string why = ok ? "" : reason();
  if (close(fd) != 0 && ok) ok = false, why = reason();
  TAPER_CHECK(ok, "cannot write ", path, why);
}

}  // namespace examples
