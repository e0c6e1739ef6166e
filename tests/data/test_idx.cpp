#include <taper/core/error.h>
#include <taper/data/idx.h>

#include <zlib.h>

#include "catch.h"
#include "support/files.h"

#include <filesystem>
#include <fstream>
#include <random>

using namespace support;
using taper::data::find_idx;
using taper::data::IdxArray;
using taper::data::IdxPaths;
using taper::data::read_idx;
namespace fs = std::filesystem;

namespace {

std::string gzip(const std::string& plain) {
  z_stream z{};
  REQUIRE(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&z, plain.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
  packed.resize(z.total_out);
  deflateEnd(&z);
  return packed;
}

std::string repeat(size_t count, int step) {
  std::string bytes(count, '\0');
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(i * i * step >> 3);
  return bytes;
}

std::string error_of_idx(const std::string& bytes) {
  return support::error_of_file("read_idx", bytes, [](const std::string& path) { read_idx(path); });
}

}  // namespace

TEST_CASE("read_idx: raw and gzip files are told apart by content") {
  Folder folder;
  const std::string body = repeat(200 * 28 * 28, 7), file = idx_header({200, 28, 28}) + body;
  for (const std::string& path : {folder.write("raw.gz", file), folder.write("packed", gzip(file))}) {
    const IdxArray array = read_idx(path);
    CHECK(array.dims == std::vector<int64_t>{200, 28, 28});
    CHECK(std::string(array.data.begin(), array.data.end()) == body);
  }
}

TEST_CASE("read_idx: every rank from 1 to 8, and empty dimensions") {
  Folder folder;
  for (uint32_t rank = 1; rank <= 8; ++rank) {
    const IdxArray array =
        read_idx(folder.write("a", idx_header(std::vector<uint32_t>(rank, 2)) + repeat(1u << rank, 3)));
    CHECK(array.dims.size() == rank);
    CHECK(array.data.size() == 1u << rank);
  }
  CHECK(read_idx(folder.write("a", idx_header({0, 28, 28}))).data.empty());
  CHECK(read_idx(folder.write("a", gzip(idx_header({3, 0})))).dims == std::vector<int64_t>{3, 0});
}

TEST_CASE("read_idx: gzip members in a row are one file, wherever the cuts and the chunks of reading fall") {
  Folder folder;
  const std::string body = repeat(300000, 11), file = idx_header({300000}) + body;
  for (size_t cut : {size_t{0}, size_t{1}, size_t{3}, size_t{8}, size_t{65536}, file.size()}) {
    const IdxArray array = read_idx(folder.write("a", gzip(file.substr(0, cut)) + gzip(file.substr(cut))));
    CHECK(std::string(array.data.begin(), array.data.end()) == body);
  }
}

TEST_CASE("read_idx: what is no file") {
  Folder folder;
  CHECK_THROWS_WITH(read_idx(folder / "none"), ContainsSubstring("none: must exist; got: No such file"));
  CHECK_THROWS_WITH(read_idx(folder.path), ContainsSubstring("must be a regular file; got a folder"));
  CHECK_THROWS_WITH(read_idx("/dev/null"), ContainsSubstring("must be a regular file"));
  CHECK_THROWS_WITH(read_idx(""), ContainsSubstring("the file must be named"));
  CHECK_THROWS_AS(read_idx(folder.write("a", "") + "/b"), taper::Error);
  const std::string locked = folder.write("locked", idx_header({1}) + "x");
  fs::permissions(locked, fs::perms::none);
  if (!std::ifstream(locked))
    CHECK_THROWS_WITH(read_idx(locked), ContainsSubstring("must be readable; got: Permission"));
}

TEST_CASE("read_idx: headers that are wrong") {
  CHECK_THAT(error_of_idx(""), ContainsSubstring("must start with an IDX header (00 00, type, rank); got nothing"));
  CHECK_THAT(error_of_idx(std::string("\0\0\x08", 3)), ContainsSubstring("got 00 00 08;"));
  CHECK_THAT(error_of_idx("<!DOCTYPE html>"), ContainsSubstring("got 3c 21 44 4f; this is no IDX file"));
  CHECK_THAT(error_of_idx(gzip("hello")), ContainsSubstring("got 68 65 6c 6c;"));
  CHECK_THAT(error_of_idx(std::string("\0\0\x0d\x01\0\0\0\x01xxxx", 12)),
             ContainsSubstring("element type must be 08 (unsigned byte); got 0d (32-bit float)"));
  CHECK_THAT(error_of_idx(std::string("\0\0\x08\0", 4)), ContainsSubstring("rank must be 1 to 8; got 0"));
  CHECK_THAT(error_of_idx(std::string("\0\0\x08\xff", 4)), ContainsSubstring("rank must be 1 to 8; got 255"));
  CHECK_THAT(error_of_idx(idx_header({2, 3}).substr(0, 11)),
             ContainsSubstring("header must have 12 bytes for rank 2; got 11"));
}

TEST_CASE("read_idx: sizes that lie") {
  const std::string file = idx_header({2, 3}) + "abcdef";
  CHECK_THAT(error_of_idx(file.substr(0, 17)),
             ContainsSubstring("must hold 2x3 = 6 bytes after its header; got a file of 17 bytes in all"));
  CHECK_THAT(error_of_idx(gzip(file.substr(0, 17))),
             ContainsSubstring("must hold 2x3 = 6 bytes after its header; got 5;"));
  for (const std::string& longer : {file + "g", gzip(file + "g"), gzip(file) + gzip("g")}) {
    CHECK_THAT(error_of_idx(longer), ContainsSubstring("must end after 2x3 = 6 bytes; got more"));
  }
  const uint32_t most = 0xffffffff;
  CHECK_THAT(error_of_idx(idx_header({most, most})), ContainsSubstring("must multiply to a 63-bit number"));
  CHECK_THAT(error_of_idx(idx_header({most, most, 0})), ContainsSubstring("got 4294967295x4294967295x0"));
  CHECK_THAT(error_of_idx(idx_header({most, 28})), ContainsSubstring("got a file of 12 bytes in all"));
  CHECK_THAT(error_of_idx(gzip(idx_header({most, 28}))), ContainsSubstring("got a gzip file of "));
  CHECK_THAT(error_of_idx(gzip(idx_header({1u << 30}))), ContainsSubstring("got a gzip file of "));
}

TEST_CASE("read_idx: a limit to what is unpacked, before memory is taken for it") {
  const Folder folder;
  const std::string path = folder.write("a", gzip(idx_header({5000}) + std::string(5000, '\0')));
  CHECK(read_idx(path, 5000).data.size() == 5000);
  CHECK_THROWS_WITH(read_idx(path, 4999),
                    ContainsSubstring("a: sizes 5000: must unpack to at most 4999 bytes; got 5000 "
                                      "from a file of "));
  // By default 256 MiB, which 300 KB could hold.
  std::string noise(300'000, '\0');
  std::mt19937 random(1);
  for (char& c : noise) c = static_cast<char>(random());
  CHECK_THROWS_WITH(read_idx(folder.write("a", gzip(idx_header({1u << 28 | 1}) + noise))),
                    ContainsSubstring("must unpack to at most 268435456 bytes; got 268435457 from a file of 300"));
  CHECK(read_idx(folder.write("a", idx_header({5000}) + std::string(5000, '\0'))).data.size() == 5000);
}

TEST_CASE("read_idx: zeros after gzip data are padding, other bytes are not") {
  const Folder folder;
  const std::string file = idx_header({2, 3}) + "abcdef";
  for (size_t zeros : {1, 2, 511, 70'000}) {
    const std::string padding(zeros, '\0');
    const IdxArray array = read_idx(folder.write("a", gzip(file) + padding));
    CHECK(std::string(array.data.begin(), array.data.end()) == "abcdef");
    CHECK(read_idx(folder.write("a", gzip(file.substr(0, 14)) + padding + gzip(file.substr(14)))).data.size() == 6);
    CHECK_THAT(error_of_idx(gzip(file) + padding + "x"), ContainsSubstring("must "));
    CHECK_THAT(error_of_idx(gzip(file) + padding + "xyz"), ContainsSubstring("got further bytes, beginning 78 79"));
  }
  CHECK_THAT(error_of_idx(file + '\0'), ContainsSubstring("got more"));  // not packed: a byte like any other
}

TEST_CASE("read_idx: a gzip bomb is left packed") {
  // 64 MiB of zeros in 64 KiB. Were they unpacked, the damage at their end would be what is reported.
  std::string bomb = gzip(idx_header({4}) + std::string(64 << 20, '\0'));
  bomb[bomb.size() - 8] ^= 1;
  CHECK_THAT(error_of_idx(bomb), ContainsSubstring("must end after 4 = 4 bytes; got more"));
}

TEST_CASE("read_idx: damaged gzip data") {
  const std::string plain = idx_header({1000}) + repeat(1000, 13), packed = gzip(plain);
  for (size_t length = 2; length < packed.size(); ++length) {
    CHECK_THAT(error_of_idx(packed.substr(0, length)), ContainsSubstring("must "));
  }
  CHECK_THAT(error_of_idx(packed.substr(0, packed.size() - 1)),
             ContainsSubstring("undamaged compressed data; zlib says: cut short"));
  std::string damaged = packed;
  damaged[packed.size() - 8] ^= 1;  // the checksum
  CHECK_THAT(error_of_idx(damaged),
             ContainsSubstring("must be undamaged compressed data; zlib says: incorrect data check"));
  damaged = packed;
  damaged[packed.size() - 4] ^= 1;  // the length
  CHECK_THAT(error_of_idx(damaged), ContainsSubstring("zlib says: incorrect length check"));
  for (size_t i = 10; i < packed.size(); ++i) {  // after the ten bytes of header, every bit counts
    damaged = packed;
    damaged[i] ^= 0x10;
    CHECK_THAT(error_of_idx(damaged), ContainsSubstring("must "));
  }
  CHECK_THAT(error_of_idx(packed + "tail"), ContainsSubstring("must end where its gzip data ends; got further bytes, "
                                                              "beginning 74 61"));
  CHECK_THAT(error_of_idx(packed + "t"), ContainsSubstring("must "));
}

TEST_CASE("find_idx: every spelling, in every usual folder") {
  for (const char* where : {"", "raw/", "MNIST/raw/", "FashionMNIST/raw/", "KMNIST/raw/"}) {
    for (const char* joint : {"-", "."}) {
      for (const char* ending : {"", ".gz"}) {
        for (bool train : {false, true}) {
          Folder folder;
          const std::string start = taper::detail::str(where, train ? "train-" : "t10k-");
          const std::string images = folder.write(start + "images" + joint + "idx3-ubyte" + ending, "");
          const std::string labels = folder.write(start + "labels" + joint + "idx1-ubyte" + ending, "");
          const IdxPaths paths = find_idx(folder.path, train);
          CHECK(paths.images == images);
          CHECK(paths.labels == labels);
        }
      }
    }
  }
}

TEST_CASE("find_idx: what is missing is listed with absolute paths and advice") {
  Folder folder;
  const fs::path here = fs::current_path();
  fs::current_path(folder.path);
  std::string text;
  try {
    find_idx("no/such", false);
  } catch (const taper::Error& error) {
    text = error.what();
  }
  fs::current_path(here);
  const std::string root = (fs::canonical(folder.path) / "no/such").string();
  CHECK_THAT(text, ContainsSubstring("(no such folder)"));
  for (const char* where : {"", "raw/", "MNIST/raw/", "FashionMNIST/raw/", "KMNIST/raw/"}) {
    for (const char* name : {"images-idx3-ubyte", "images.idx3-ubyte", "labels-idx1-ubyte", "labels.idx1-ubyte"}) {
      CHECK_THAT(text, ContainsSubstring("\n  " + root + "/" + where + "t10k-" + name + "\n"));
      CHECK_THAT(text, ContainsSubstring("\n  " + root + "/" + where + "t10k-" + name + ".gz\n"));
    }
  }
  CHECK_THAT(text, ContainsSubstring("web pages of MNIST") && ContainsSubstring("SynthDigits"));
}

TEST_CASE("find_idx: a data set is not completed from another one") {
  Folder folder;
  folder.write("MNIST/raw/train-images-idx3-ubyte", "");
  folder.write("FashionMNIST/raw/train-images-idx3-ubyte", "");
  folder.write("FashionMNIST/raw/train-labels-idx1-ubyte", "");
  folder.write("FashionMNIST/raw/t10k-images-idx3-ubyte", "");
  folder.write("FashionMNIST/raw/t10k-labels-idx1-ubyte", "");
  const std::string labels = folder / "MNIST/raw/train-labels-idx1-ubyte";
  CHECK_THROWS_WITH(find_idx(folder.path, true), ContainsSubstring(labels) && !ContainsSubstring("FashionMNIST/raw"));
  CHECK_THROWS_WITH(find_idx(folder.path, false), ContainsSubstring("MNIST/raw/t10k-images-idx3-ubyte"));
  CHECK_NOTHROW(find_idx(folder / "FashionMNIST", false));
}

TEST_CASE("find_idx: a file, an empty name") {
  Folder folder;
  CHECK_THROWS_WITH(find_idx(folder.write("a", ""), true), ContainsSubstring("must be a folder; got a file"));
  CHECK_THROWS_WITH(find_idx("", true), ContainsSubstring("folder must be named"));
}
