// Saving replaces a file as a whole or leaves everything as it was.
#include "scratch.h"

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/serialize/safetensors.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace taper;
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

}  // namespace

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
  fs::create_directory(folder / "locked");
  save_safetensors(folder / "locked/file", values(3, 1));
  const std::string before = read_bytes(folder / "locked/file");
  fs::permissions(folder / "locked/file", fs::perms::owner_read);
  if (access((folder / "locked/file").c_str(), W_OK) != 0) {  // root may all
    CHECK_THAT(save_error(folder / "locked/file"),
               ContainsSubstring("got: Permission denied; a file that was there is unchanged"));
  }
  fs::permissions(folder / "locked/file", fs::perms::owner_all);
  fs::permissions(folder / "locked", fs::perms::owner_read | fs::perms::owner_exec);
  if (access((folder / "locked").c_str(), W_OK) != 0) {
    CHECK_THAT(save_error(folder / "locked/file"), ContainsSubstring("got: Permission denied"));
    CHECK_THAT(save_error(folder / "locked/new"), ContainsSubstring("got: Permission denied"));
    CHECK(read_bytes(folder / "locked/file") == before);
  }
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
