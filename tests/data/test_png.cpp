#include "support/files.h"
#include "support/text.h"

#include <taper/autograd/functions.h>
#include <taper/core/allocator.h>
#include <taper/core/factories.h>
#include <taper/data/png.h>

#include <zlib.h>

using namespace taper;
using namespace support;
using data::read_png;
using data::write_png;

namespace {

std::string big_endian(uint64_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

std::string chunk(const std::string& kind, const std::string& data) {
  const std::string body = kind + data;
  return big_endian(data.size()) + body +
         big_endian(crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())));
}

std::string deflated(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string packed(size, '\0');
  REQUIRE(compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                   bytes.size()) == Z_OK);
  packed.resize(size);
  return packed;
}

const std::string kSignature = "\x89PNG\r\n\x1a\n";

std::string header(uint64_t width, uint64_t height, int bits, int colour, int interlace = 0) {
  std::string text = big_endian(width) + big_endian(height);
  for (int value : {bits, colour, 0, 0, interlace}) text += static_cast<char>(value);
  return chunk("IHDR", text);
}

// `rows`: each with its filter byte. `extra`: chunks between header and data.
std::string png(const std::string& head, const std::string& rows, const std::string& extra = "") {
  return kSignature + head + extra + chunk("IDAT", deflated(rows)) + chunk("IEND", "");
}

Tensor bytes(std::vector<int64_t> values, IntArrayRef sizes) {
  return tensor(ArrayRef<int64_t>(values)).view(sizes).to(kUInt8);
}

}  // namespace

TEST_CASE("write_png and read_png give back every pixel, grey and colour, whatever the strides") {
  const Folder folder;
  for (const Tensor& image : {arange(24, kUInt8).view({1, 4, 6}), arange(60, kUInt8).view({3, 4, 5}),
                              arange(250, kUInt8).view({2, 5, 25}).slice(0, 1), zeros({3, 1, 1}, kUInt8),
                              arange(60, kUInt8).view({4, 5, 3}).permute({2, 1, 0})}) {
    write_png(image, folder / "p.png");
    CHECK(equal(read_png(folder / "p.png"), image));
  }
  write_png(arange(6, kUInt8).view({2, 3}), folder / "p.png");
  CHECK(equal(read_png(folder / "p.png"), arange(6, kUInt8).view({1, 2, 3})));
  const Tensor large = randint(0, 256, {3, 301, 407}, kUInt8);
  write_png(large, folder / "p.png");
  CHECK(equal(read_png(folder / "p.png"), large));
  CHECK(folder.files() == 1);
}

TEST_CASE("read_png: channels asked for") {
  const Folder folder;
  const Tensor colour = bytes({255, 0, 0, 10, 0, 255, 0, 20, 0, 0, 255, 30}, {3, 1, 4});
  write_png(colour, folder / "colour.png");
  CHECK(equal(read_png(folder / "colour.png", 3), colour));
  CHECK(equal(read_png(folder / "colour.png", 1), bytes({76, 150, 29, 18}, {1, 1, 4})));  // 18.15
  write_png(bytes({1, 2}, {1, 2}), folder / "grey.png");
  CHECK(equal(read_png(folder / "grey.png", 3), bytes({1, 2, 1, 2, 1, 2}, {3, 1, 2})));
  CHECK(error_of([&] { read_png(folder / "grey.png", 4); }) ==
        "read_png: channels must be 1 (grey), 3 (colour) or 0 (as in the file); got 4");
}

TEST_CASE("read_png: the other kinds of PNG") {
  const Folder folder;
  const auto read = [&](const std::string& file) { return read_png(folder.write("p.png", file)); };
  using namespace std::string_literals;
  CHECK(equal(read(png(header(8, 1, 1, 0), "\0\xa5"s)), bytes({255, 0, 255, 0, 0, 255, 0, 255}, {1, 1, 8})));
  CHECK(equal(read(png(header(2, 1, 4, 0), "\0\x1f"s)), bytes({17, 255}, {1, 1, 2})));
  CHECK(equal(read(png(header(2, 1, 16, 0), "\0\x01\x00\x01\xff"s)), bytes({1, 2}, {1, 1, 2})));
  CHECK(equal(read(png(header(1, 1, 8, 4), "\0\x07\x00"s)), bytes({7}, {1, 1, 1})));  // alpha ignored
  CHECK(equal(read(png(header(1, 1, 8, 6), "\0\x01\x02\x03\x00"s)), bytes({1, 2, 3}, {3, 1, 1})));
  const std::string palette = chunk("PLTE", "\x01\x02\x03\x04\x05\x06");
  CHECK(equal(read(png(header(2, 1, 8, 3), "\0\x01\x00"s, palette)), bytes({4, 1, 5, 2, 6, 3}, {3, 1, 2})));
  CHECK(equal(read(png(header(2, 1, 8, 3), "\0\x01\x00"s, palette + chunk("tRNS", "\x00\x7f"s))),
              bytes({4, 1, 5, 2, 6, 3}, {3, 1, 2})));
  CHECK(equal(read(png(header(1, 1, 8, 0), "\0\x09"s, chunk("gAMA", big_endian(100000)))), bytes({9}, {1, 1, 1})));
  // Interlaced, 2 x 2: pass 1 has (0, 0), pass 6 (1, 0), pass 7 the second row.
  CHECK(equal(read(png(header(2, 2, 8, 0, 1), "\0\x01\0\x02\0\x03\x04"s)), bytes({1, 2, 3, 4}, {1, 2, 2})));
}

TEST_CASE("read_png: files cut short, damaged at any byte or no PNG at all are errors that name the file") {
  const Folder folder;
  write_png(arange(48, kUInt8).view({3, 4, 4}), folder / "good.png");
  const std::string good = read_bytes(folder / "good.png");
  for (size_t size = 0; size < good.size(); ++size) {
    const std::string path = folder.write("cut.png", good.substr(0, size));
    const std::string error = error_of([&] { read_png(path); });
    CAPTURE(size, error);
    CHECK(error.starts_with("read_png: " + path + ": must be a"));
  }
  const Tensor expected = read_png(folder / "good.png");
  for (size_t i = 0; i < good.size(); ++i) {
    for (int flip : {1, 128}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ flip);
      const std::string path = folder.write("bad.png", bad);
      Tensor read = expected;
      const std::string error = error_of([&] { read = read_png(path); });
      if (error != "no error") CHECK_THAT(error, ContainsSubstring("read_png: " + path));
      CHECK(equal(read, expected));  // also where a chunk that is skipped is damaged
    }
  }
  CHECK_THAT(error_of([&] { read_png(folder.write("x.jpg", "\xff\xd8\xff\xe0 no PNG")); }),
             ContainsSubstring("x.jpg: must be a PNG file; it does not begin as one; convert other formats first"));
  CHECK_THAT(error_of([&] { read_png(folder / "none.png"); }), ContainsSubstring("none.png: must exist"));
  CHECK_THAT(error_of([&] { read_png(folder.path); }), ContainsSubstring("must be a regular file; got a folder"));
}

TEST_CASE("read_png: a limit to the size of a picture, before memory is taken for it") {
  const Folder folder;
  write_png(zeros({3, 100, 200}, kUInt8), folder / "p.png");
  CHECK(read_png(folder / "p.png", 3, 60'000).sizes() == IntArrayRef({3, 100, 200}));
  const auto size = std::filesystem::file_size(folder / "p.png");
  const auto before = memory_stats().peak;
  CHECK(error_of([&] { read_png(folder / "p.png", 3, 59'999); }) ==
        "read_png: " + folder.path +
            "/p.png: 200 x 100: must unpack to at most 59999 bytes; got 60000 from a file of " + std::to_string(size) +
            "; if that is meant, say so by max_bytes");
  CHECK(memory_stats().peak == before);
  write_png(zeros({1, 100, 200}, kUInt8), folder / "p.png");
  CHECK(read_png(folder / "p.png", 1, 20'000).size(0) == 1);
  CHECK_THAT(error_of([&] { read_png(folder / "p.png", 3, 20'000); }), ContainsSubstring("got 60000 from"));
  // By default 256 MiB: 10,000 x 10,000 pixels that a file of 300 KB could hold are too many.
  const std::string padded = png(header(10'000, 10'000, 8, 2), "\0", chunk("teXt", std::string(300'000, 'x')));
  CHECK_THAT(
      error_of([&] { read_png(folder.write("p.png", padded)); }),
      ContainsSubstring("10000 x 10000: must unpack to at most 268435456 bytes; got 300000000 from a file of 300"));
}

TEST_CASE("read_png: a header that claims a huge picture takes no memory for it") {
  const Folder folder;
  const auto error = [&](const std::string& file) {
    return error_of([&] { read_png(folder.write("huge.png", file)); });
  };
  using namespace std::string_literals;
  CHECK_THAT(error(png(header(0x7fffffff, 0x7fffffff, 8, 2), "\0\1\2\3"s)),
             ContainsSubstring("its header claims 2147483647 x 2147483647 pixels, more than"));
  CHECK_THAT(error(png(header(0x7fffffff, 0x7fffffff, 16, 6), "\0\1\2\3"s)),
             ContainsSubstring("its header claims 2147483647 x 2147483647 pixels, more than"));
  CHECK_THAT(error(png(header(10000, 30000, 8, 2), "\0\1\2\3"s)),
             ContainsSubstring("its header claims 10000 x 30000 pixels, more than"));
  CHECK_THAT(error(png(header(300, 300, 8, 2), "\0\1\2\3"s)), ContainsSubstring("more than 69 bytes can hold"));
  CHECK_THAT(error(png(header(100, 100, 8, 2), "\0\1\2\3"s)), ContainsSubstring("must be an undamaged PNG file; got"));
  CHECK_THAT(error(png(header(0, 1, 8, 2), "\0"s)), ContainsSubstring("must be an undamaged PNG file; got"));
  CHECK_THAT(error(png(header(1, 1, 3, 2), "\0"s)), ContainsSubstring("must be an undamaged PNG file; got"));
  // Text that unpacks to 200 MB is not unpacked.
  const std::string bomb = chunk("zTXt", "t\0\0"s + deflated(std::string(200'000'000, 'x')));
  CHECK(equal(read_png(folder.write("bomb.png", png(header(1, 1, 8, 0), "\0\x09"s, bomb))), bytes({9}, {1, 1, 1})));
}

TEST_CASE("write_png: what is no picture, and folders that are not there") {
  const Folder folder;
  const auto error = [&](const Tensor& image) { return error_of([&] { write_png(image, folder / "p.png"); }); };
  CHECK_THAT(error(Tensor()), ContainsSubstring("the image must be defined"));
  CHECK(error(zeros({2, 4, 4}, kUInt8)) ==
        "write_png: the image must have sizes [H, W], [1, H, W] or [3, H, W]; got [2, 4, 4]");
  CHECK_THAT(error(zeros({1, 3, 4, 4}, kUInt8)), ContainsSubstring("got [1, 3, 4, 4]"));
  CHECK_THAT(error(zeros({3, 4, 4})), ContainsSubstring("must be uint8; got Float; for values from 0 to 1: "));
  CHECK_THAT(error(zeros({3, 0, 4}, kUInt8)), ContainsSubstring("at least one pixel and at most 1 GiB; got sizes"));
  CHECK_THAT(error(zeros({1}, kUInt8).expand({3, 40000, 40000})), ContainsSubstring("at most 1 GiB"));
  CHECK(error(zeros({1, 1000001}, kUInt8)) ==
        "write_png: height and width must be at most 1000000; got sizes [1, 1000001]");
  CHECK(folder.files() == 0);
  CHECK_THAT(error_of([&] {
               write_png(zeros({4, 4}, kUInt8), folder / "no/p.png");
             }),
             ContainsSubstring("got: No such file or directory; make the folder first"));
  CHECK_THAT(error_of([&] {
               write_png(zeros({4, 4}, kUInt8), "/dev/full");
             }),
             ContainsSubstring("/dev/full: must be a new or a regular file; got a device, pipe or socket"));
}
