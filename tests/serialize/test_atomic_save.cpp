// Saving replaces a file as a whole or leaves everything as it was.

#include "support/files.h"
#include "support/text.h"

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/data/png.h>
#include <taper/serialize/atomic_file_internal.h>
#include <taper/serialize/npy.h>
#include <taper/serialize/safetensors.h>
#include <taper/serialize/write_file.h>

#include <algorithm>
#include <csignal>
#include <random>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace taper;
using namespace support;
using serialize::load_safetensors;
using serialize::save_safetensors;
using Dict = OrderedDict<std::string, Tensor>;
namespace fs = std::filesystem;

namespace {

Dict values(int64_t count, double value) {
  Dict tensors;
  tensors.insert("x", full({count}, value, kFloat32));
  return tensors;
}

std::string save_error(const std::string& path) {
  return error_of([&] { save_safetensors(path, values(4, 1)); });
}

// While one is alive, files of this process end at `bytes`, as on a full disk.
struct FileSizeLimit {
  explicit FileSizeLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before);
    handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
  }
  rlimit before;
  void (*handler)(int);
};

// What is flushed to the disk, in this thread; and the error with which folders fail to be.
thread_local std::vector<std::string> flushed;
thread_local int folder_error = 0;

struct stat status_of(const std::string& path) {
  struct stat status = {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status;
}
mode_t mode_of(const std::string& path) { return status_of(path).st_mode & 07777; }

// `text` into `path`, as file systems without nameless files have it.
void write_named(const std::string& path, const std::string& text) {
  serialize::detail::AtomicFile file("write", path, text.size(), /*nameless=*/false);
  file.write(text.data(), text.size());
  file.commit();
}

// Runs f in a process of its own.
template <class F>
pid_t start(const F& f) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child > 0) return child;
  alarm(60);  // should the test end before it
  try {
    f();
  } catch (...) {
    _exit(1);
  }
  _exit(0);
}

void end(pid_t child) {
  kill(child, SIGKILL);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
}

}  // namespace

// In place of the C library's: what the library flushes, and when, shows in nothing else short of a power cut.
extern "C" int fsync(int fd) {
  struct stat status = {};
  fstat(fd, &status);
  std::error_code error;
  flushed.push_back(S_ISDIR(status.st_mode) ? fs::read_symlink("/proc/self/fd/" + std::to_string(fd), error).string()
                                            : "a file");
  if (S_ISDIR(status.st_mode) && folder_error != 0) {
    errno = folder_error;
    return -1;
  }
  return static_cast<int>(syscall(SYS_fsync, fd));
}

TEST_CASE("saving replaces a file and leaves nothing else behind") {
  const Folder folder;
  for (int i = 0; i < 3; ++i) {
    save_safetensors(folder / "file", values(1000 - i, i));
    CHECK(equal(load_safetensors(folder / "file")["x"], full({1000 - i}, i, kFloat32)));
    CHECK(folder.files() == 1);
  }
}

TEST_CASE("saving: a full disk leaves the file that was there") {
  const Folder folder;
  const std::string path = folder / "file";
  save_safetensors(path, values(100, 1));
  const std::string before = read_bytes(path);
  for (rlim_t limit : {rlim_t{0}, rlim_t{7}, rlim_t{64}, rlim_t{65536}, rlim_t{399'999}}) {
    std::string error;
    {
      const FileSizeLimit full(limit);
      error = error_of([&] { save_safetensors(path, values(100'000, 2)); });
    }
    CHECK(error ==
          "save_safetensors: " + path +
              ": 400072 bytes must be written; got: File too large; make room or choose another folder; a file "
              "that was there is unchanged");
    CHECK(read_bytes(path) == before);
    CHECK(folder.files() == 1);
  }
  save_safetensors(path, values(100'000, 2));  // there is room again
  CHECK(load_safetensors(path)["x"].size(0) == 100'000);
}

TEST_CASE("saving to a full device through a stream is an error") {
  if (!fs::exists("/dev/full")) return;
  std::ofstream full("/dev/full", std::ios::binary);
  CHECK(error_of([&] { save_safetensors(full, values(4, 1)); }) ==
        "save_safetensors: the stream: must take 80 bytes; it failed");
  const auto takes_half = [](const void*, size_t count) { return count / 2; };
  CHECK(error_of([&] { save_safetensors(takes_half, values(4, 1)); }) ==
        "save_safetensors: the function: must take all it is given; got 32 of 64 bytes taken");
}

TEST_CASE("saving: where no file can be") {
  const Folder folder;
  const std::string unchanged = "; a file that was there is unchanged";
  CHECK(save_error(folder / "none/file") == "save_safetensors: " + folder.path +
                                                "/none/file: 80 bytes must be written; got: No such file or directory; "
                                                "make the folder first" +
                                                unchanged);
  CHECK_THAT(save_error(folder.write("plain", "") + "/file"),
             ContainsSubstring("got: Not a directory; make the folder first"));
  CHECK_THAT(save_error(folder.path),
             ContainsSubstring(folder.path + ": must be a new or a regular file; got a folder"));
  CHECK_THAT(save_error(folder.path + "/"), ContainsSubstring("must be a new or a regular file; got a folder"));
  CHECK_THAT(save_error(""), ContainsSubstring("save_safetensors: the file must be named; got an empty name"));
  CHECK_THAT(save_error(folder / std::string("a\0b", 3)),
             ContainsSubstring("a file name must not contain a zero byte"));
  CHECK_THAT(save_error(folder / std::string(300, 'n')), ContainsSubstring("got: File name too long"));
  CHECK(folder.files() == 1);
  // A device is not replaced by a file, whoever asks for it.
  CHECK_THAT(save_error("/dev/null"), ContainsSubstring("/dev/null: must be a new or a regular file; got a device"));
  struct stat status = {};
  REQUIRE(stat("/dev/null", &status) == 0);
  CHECK(S_ISCHR(status.st_mode));
}

TEST_CASE("saving: without permission") {
  const Folder folder;
  // What `save` says in a process that is not root's.
  const auto is_refused = [](const std::string& path, const char* reason) {
    const auto says_so = [&] { return save_error(path).find(reason) != std::string::npos; };
    if (geteuid() != 0) return says_so();
    const pid_t child = fork();
    if (child == 0) _exit(setgid(12345) == 0 && setuid(12345) == 0 && says_so() ? 0 : 1);
    int status = 1;
    return waitpid(child, &status, 0) == child && status == 0;
  };
  fs::permissions(folder.path, fs::perms::all);
  fs::create_directory(folder / "locked");
  save_safetensors(folder / "locked/file", values(3, 1));
  const std::string before = read_bytes(folder / "locked/file");
  fs::permissions(folder / "locked/file", fs::perms::owner_read | fs::perms::others_read);
  CHECK(is_refused(folder / "locked/file", "got: Permission denied; a file that was there is unchanged"));
  fs::permissions(folder / "locked/file", fs::perms::owner_all | fs::perms::others_all);
  fs::permissions(folder / "locked",
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  CHECK(is_refused(folder / "locked/file", "got: Permission denied"));
  CHECK(is_refused(folder / "locked/new", "got: Permission denied"));
  CHECK(read_bytes(folder / "locked/file") == before);
  fs::permissions(folder / "locked", fs::perms::owner_all);
  CHECK_FALSE(fs::exists(folder / "locked/new"));
}

TEST_CASE("saving: a tensor that cannot be saved leaves the file that was there") {
  const Folder folder;
  save_safetensors(folder / "file", values(3, 1));
  const std::string before = read_bytes(folder / "file");
  Dict bad = values(3, 2);
  bad.insert("undefined", Tensor());
  CHECK_THROWS_AS(save_safetensors(folder / "file", bad), Error);
  CHECK(read_bytes(folder / "file") == before);
  CHECK(folder.files() == 1);
}

TEST_CASE("saving flushes the file, then, when it has its name, the folder") {
  const Folder folder;
  const std::vector<std::string> both = {"a file", fs::canonical(folder.path).string()};
  const auto check = [&](const auto& save) {
    flushed.clear();
    save();
    CHECK(flushed == both);
  };
  Dict dict = values(3, 1);
  check([&] { save_safetensors(folder / "a", dict); });
  check([&] { save_safetensors(folder / "a", dict); });
  check([&] { serialize::save_npy(dict["x"], folder / "a.npy"); });
  check([&] { serialize::save_npz(dict, folder / "a.npz"); });
  check([&] { data::write_png(zeros({1, 2, 2}, kUInt8), folder / "a.png"); });
  check([&] { serialize::write_file(folder / "a.csv", "a,b\n"); });
  check([&] { write_named(folder / "b", "text"); });
  const Folder elsewhere;  // the folder of what a link leads to
  fs::create_symlink(folder / "a", elsewhere / "link");
  check([&] { save_safetensors(elsewhere / "link", dict); });
  const fs::path here = fs::current_path();
  fs::current_path(folder.path);
  flushed.clear();
  save_safetensors("a", dict);
  fs::current_path(here);
  CHECK(flushed == both);

  folder_error = EIO;
  const std::string error = error_of([&] { save_safetensors(folder / "a", values(3, 2)); });
  folder_error = EINVAL;  // a file system without it
  const std::string none = error_of([&] { save_safetensors(folder / "a", values(3, 3)); });
  folder_error = 0;
  CHECK(error ==
        "save_safetensors: " + folder.path +
            "/a: is written, but the name must reach the disk, too; got: Input/output error; after a power cut "
            "the old file may be back: save it again");
  CHECK(none == "no error");
  CHECK(equal(load_safetensors(folder / "a")["x"], full({3}, 3., kFloat32)));
}

TEST_CASE("write_file writes what it is given, whole or not at all") {
  const Folder folder;
  for (const std::string& text : {std::string("a,b\n\0", 5), std::string(100'000, 'x'), std::string()}) {
    serialize::write_file(folder / "file", text);
    CHECK(read_bytes(folder / "file") == text);
  }
  CHECK(error_of([&] { serialize::write_file(folder / "none/file", "abc"); }) ==
        "write_file: " + folder.path +
            "/none/file: 3 bytes must be written; got: No such file or directory; make the folder first; a file that "
            "was there is unchanged");
  CHECK(folder.files() == 1);
}

TEST_CASE("saving: a process that is killed leaves no file that the next save does not remove, and none damaged") {
  const Folder folder;
  std::mt19937 random(7);
  const std::string text(300'000, 'x');
  const Dict large = values(100'000, 2);
  save_safetensors(folder / "a", values(1000, 1));
  write_named(folder / "b", text);
  for (int i = 0; i < 16; ++i) {
    const pid_t child = start([&] {
      for (;;) {
        if (i % 2 == 0) save_safetensors(folder / "a", large);
        if (i % 2 == 1) write_named(folder / "b", text);
      }
    });
    usleep(static_cast<useconds_t>(random() % 4000));
    end(child);
    const Tensor x = load_safetensors(folder / "a")["x"];
    CHECK((x.size(0) == 100'000 || x.size(0) == 1000));
    CHECK(read_bytes(folder / "b") == text);
  }
  save_safetensors(folder / "a", values(3, 3));
  CHECK(folder.files() == 2);
}

TEST_CASE("saving removes what several killed processes left, and nothing that is being written") {
  const Folder folder;
  int go[2];
  REQUIRE(pipe(go) == 0);
  std::vector<pid_t> children;
  for (int i = 0; i < 5; ++i) {  // each in the middle of a file, all at once
    children.push_back(start([&] {
      serialize::detail::AtomicFile file("write", folder / std::to_string(i), 4, /*nameless=*/false);
      file.write("text", 4);
      if (write(go[1], "x", 1) == 1) pause();
    }));
  }
  close(go[1]);
  char told;
  for (size_t i = 0; i < children.size(); ++i) REQUIRE(read(go[0], &told, 1) == 1);
  CHECK(folder.files() == 5);
  serialize::detail::AtomicFile mine("write", folder / "mine", 4, /*nameless=*/false);
  mine.write("m", 1);
  for (size_t i : {0, 3, 4}) end(children[i]);
  save_safetensors(folder / "new", values(3, 1));
  CHECK(folder.files() == 2 + 1 + 1);  // two writers, mine, the new file
  end(children[1]);
  end(children[2]);
  write_named(folder / "new", "text");
  CHECK(folder.files() == 1 + 1);
  mine.write("ine", 3);
  mine.commit();
  CHECK(read_bytes(folder / "mine") == "mine");
  CHECK(folder.files() == 2);
  close(go[0]);
}

TEST_CASE("saving: names that somebody else has are left alone") {
  const Folder folder;
  { serialize::detail::AtomicFile("write", folder / "file", 4, false).write("text", 4); }
  CHECK(folder.files() == 0);  // given up, not committed
  // The first name is found out, then taken by a link, a folder and a file that is locked.
  std::string name;
  {
    const serialize::detail::AtomicFile file("write", folder / "file", 4, false);
    name = fs::directory_iterator(folder.path)->path().string();
  }
  REQUIRE_THAT(name, ContainsSubstring("-0.tmp"));
  const auto numbered = [&](char number) { return name.substr(0, name.size() - 5) + number + ".tmp"; };
  fs::create_symlink(folder / "precious", numbered('0'));
  fs::create_directory(numbered('1'));
  const int locked = open(numbered('2').c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(flock(locked, LOCK_EX) == 0);
  folder.write("precious", "text");
  for (int i = 0; i < 2; ++i) {
    write_named(folder / "file", "named");
    CHECK(read_bytes(folder / "file") == "named");
    save_safetensors(folder / "file", values(3, 1));
    CHECK(load_safetensors(folder / "file").size() == 1);
    CHECK(folder.files() == 5);
  }
  close(locked);
  write_named(folder / "file", "named");
  CHECK(folder.files() == 4);
  CHECK(read_bytes(folder / "precious") == "text");
}

TEST_CASE("saving keeps the permissions, the owner and the group of the file") {
  const Folder folder;
  const std::string path = folder / "file";
  for (const bool nameless : {true, false}) {
    const auto save = [&] {
      if (nameless) save_safetensors(path, values(3, 1));
      if (!nameless) write_named(path, "text");
    };
    for (const mode_t mode : {mode_t{0600}, mode_t{0640}, mode_t{0664}, mode_t{0777}, mode_t{0604}}) {
      save();
      REQUIRE(chmod(path.c_str(), mode) == 0);
      save();
      CHECK(mode_of(path) == mode);
    }
    if (geteuid() == 0) {
      REQUIRE(chmod(path.c_str(), 0660) == 0);
      REQUIRE(chown(path.c_str(), 12345, 23456) == 0);
      save();
      CHECK((status_of(path).st_uid == 12345 && status_of(path).st_gid == 23456 && mode_of(path) == 0660));
      // Not root any more, nor of the group: it may not be kept, and its rights go to nobody else.
      REQUIRE(chmod(folder.path.c_str(), 0777) == 0);
      REQUIRE(chmod(path.c_str(), 0664) == 0);
      const pid_t child = fork();
      if (child == 0) _exit(setgid(999) == 0 && setuid(12345) == 0 && error_of(save) == "no error" ? 0 : 1);
      int status = 1;
      REQUIRE(waitpid(child, &status, 0) == child);
      CHECK(status == 0);
      CHECK((status_of(path).st_uid == 12345 && status_of(path).st_gid == 999 && mode_of(path) == 0644));
      REQUIRE(chown(path.c_str(), 0, 0) == 0);
    }
  }
  // While it is written, nobody else may read what is to replace a private file.
  REQUIRE(chmod(path.c_str(), 0600) == 0);
  serialize::detail::AtomicFile file("write", path, 4, /*nameless=*/false);
  for (const auto& entry : fs::directory_iterator(folder.path)) CHECK(mode_of(entry.path().string()) == 0600);
}

TEST_CASE("saving: permissions are those of any new file") {
  const Folder folder;
  for (const mode_t mask : {mode_t{0}, mode_t{022}, mode_t{077}}) {
    const mode_t before = umask(mask);
    save_safetensors(folder / "file", values(3, 1));
    umask(before);
    struct stat status = {};
    REQUIRE(stat((folder / "file").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == (0666 & ~mask));
    fs::remove(folder / "file");
  }
}

TEST_CASE("saving follows a symbolic link") {
  const Folder folder, disk;
  save_safetensors(disk / "real", values(3, 1));
  fs::create_symlink(disk / "real", folder / "link");
  save_safetensors(folder / "link", values(3, 2));
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(equal(load_safetensors(disk / "real")["x"], full({3}, 2., kFloat32)));
  CHECK((folder.files() == 1 && disk.files() == 1));
  // one that points nowhere gives way to the file
  fs::create_symlink(disk / "none", folder / "dangling");
  save_safetensors(folder / "dangling", values(3, 3));
  CHECK(fs::is_regular_file(fs::symlink_status(folder / "dangling")));
  CHECK(load_safetensors(folder / "dangling").size() == 1);
}

TEST_CASE("saving: names relative to the current folder, names as long as they may be") {
  const Folder folder;
  const fs::path here = fs::current_path();
  fs::current_path(folder.path);
  const std::string longest(255, 'n');
  const std::string error = error_of([&] {
    save_safetensors("file", values(3, 1));
    save_safetensors("./file", values(3, 2));
    save_safetensors(longest, values(3, 3));
    save_safetensors(longest, values(3, 4));
  });
  fs::current_path(here);
  CHECK(error == "no error");
  CHECK(folder.files() == 2);
  CHECK(equal(load_safetensors(folder / "file")["x"], full({3}, 2., kFloat32)));
}

TEST_CASE("saving from several threads: a reader sees one whole file or another") {
  const Folder folder;
  const std::string path = folder / "file";
  save_safetensors(path, values(1000, 0));
  std::vector<std::thread> writers;
  for (int t = 1; t <= 3; ++t) {
    writers.emplace_back([&, t] {
      for (int i = 0; i < 8; ++i) save_safetensors(path, values(1000 * t, t));
    });
  }
  for (int i = 0; i < 200; ++i) {
    const Tensor x = load_safetensors(path)["x"];
    const float first = x.data_ptr<float>()[0];
    REQUIRE(x.size(0) == std::max<int64_t>(1000, 1000 * static_cast<int64_t>(first)));
    REQUIRE(equal(x, full_like(x, first)));
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(folder.files() == 1);
}
