// Files that lie. Whatever is read, the result is the tensors or a taper::Error that names the file.

#include "support/files.h"
#include "support/scopes.h"
#include "support/text.h"

#include <taper/autograd/functions.h>
#include <taper/core/allocator.h>
#include <taper/core/factories.h>
#include <taper/data/png.h>
#include <taper/serialize/serialize.h>

#include <algorithm>
#include <random>

#include <sys/stat.h>

using namespace taper;
using namespace std::string_literals;
using namespace support;
using serialize::load_safetensors;
using Dict = OrderedDict<std::string, Tensor>;

namespace {

std::string error_of_bytes(const std::string& bytes) {
  const std::string text = error_of([&] { load_safetensors(bytes.data(), bytes.size()); });
  if (text != "no error") CHECK_THAT(text, ContainsSubstring("load_safetensors: the buffer: "));
  return text;
}

// A tensor 't' in a file with `data` bytes of data.
std::string error_of_tensor(const std::string& members, size_t data) {
  return error_of_bytes(by_hand("{\"t\":{" + members + "}}", std::string(data, '\0')));
}
std::string error_of_tensor(const std::string& dtype, const std::string& shape, const std::string& offsets,
                            size_t data) {
  return error_of_tensor("\"dtype\":" + dtype + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets, data);
}

std::string good_file() {
  Dict tensors;
  tensors.insert("fc.weight", arange(6, kFloat32).view({2, 3}));
  tensors.insert("steps", tensor(7));
  tensors.insert("mask", ones({3}, kBool));
  tensors.insert("empty", zeros({2, 0}));
  return safetensors(tensors, {{"epoch", "3"}});
}

}  // namespace

TEST_CASE("hostile files: what is no file") {
  const Folder folder;
  const auto error = [](const std::string& path) { return error_of([&] { load_safetensors(path); }); };
  CHECK(error(folder / "none") ==
        "load_safetensors: " + folder.path + "/none: must exist; got: No such file or directory");
  CHECK(error(folder.path) == "load_safetensors: " + folder.path + ": must be a regular file; got a folder");
  CHECK_THAT(error("/dev/null"), ContainsSubstring("must be a regular file; got a device, pipe or socket"));
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_THAT(error(folder / "pipe"), ContainsSubstring("must be a regular file; got a device, pipe or socket"));
  CHECK_THAT(error(""), ContainsSubstring("load_safetensors: the file must be named; got an empty name"));
  CHECK_THAT(error(std::string("a\0b", 3)), ContainsSubstring("a file name must not contain a zero byte"));
  CHECK_THAT(error(folder.write("file", "") + "/x"), ContainsSubstring("must be readable; got: Not a directory"));
  CHECK_THAT(error(folder / "file"),
             ContainsSubstring("file: must begin with 8 bytes, the length of the header; got 0 bytes in all"));
  const std::string locked = folder.write("locked", good_file());
  std::filesystem::permissions(locked, std::filesystem::perms::none);
  if (!std::ifstream(locked)) CHECK_THAT(error(locked), ContainsSubstring("must be readable; got: Permission denied"));
  std::ifstream none(folder / "none");
  CHECK_THAT(error_of([&] { load_safetensors(none); }), ContainsSubstring("the stream: must be readable"));
}

TEST_CASE("hostile files: cut short at every byte, longer by one") {
  const Folder folder;
  const std::string good = good_file();
  REQUIRE(load_safetensors(good.data(), good.size()).size() == 4);
  for (size_t size = 0; size < good.size(); ++size) {
    const std::string path = folder.write("cut", good.substr(0, size));
    CHECK_THAT(error_of([&] { load_safetensors(path); }), ContainsSubstring("load_safetensors: " + path + ": "));
  }
  CHECK_THAT(error_of_bytes(good.substr(0, good.size() - 1)), ContainsSubstring("the file is cut short or damaged"));
  CHECK_THAT(error_of_bytes(good + '\0'),
             ContainsSubstring("the file must end with its last tensor, 35 bytes after the header; got 36 bytes"));
}

TEST_CASE("hostile files: the length of the header") {
  const auto with_length = [](uint64_t length, const std::string& rest) {
    std::string bytes(8, '\0');
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(length >> 8 * i);
    return error_of_bytes(bytes + rest);
  };
  CHECK_THAT(with_length(~uint64_t{0}, "{}"),
             ContainsSubstring("the header must fit into the 2 bytes after its length; got 18446744073709551615 as its "
                               "length; this is no safetensors file, or it is cut short"));
  CHECK_THAT(with_length(uint64_t{1} << 63, "{}"), ContainsSubstring("got 9223372036854775808 as its length"));
  CHECK_THAT(with_length(3, "{}"), ContainsSubstring("must fit into the 2 bytes after its length; got 3"));
  CHECK_THAT(with_length(0, "{}"), ContainsSubstring("the header must begin with {; got \"\""));
  CHECK_THAT(with_length(1, "{}"), ContainsSubstring("the header must be JSON in UTF-8; got an error at byte 2"));
  CHECK_THAT(error_of_bytes("12345678 and so on"), ContainsSubstring("this is no safetensors file"));
  const Folder folder;  // a file that is all hole
  const std::string path = folder.write("huge", std::string("\0\0\0\0\1\0\0\0{", 9));
  std::filesystem::resize_file(path, uint64_t{5} << 30);
  CHECK_THAT(error_of([&] { load_safetensors(path); }),
             ContainsSubstring("the header must not exceed 100000000 bytes; got 4294967296"));
}

TEST_CASE("hostile files: headers that are no such header") {
  const auto error = [](const std::string& header) { return error_of_bytes(by_hand(header)); };
  CHECK_THAT(error(" {}"), ContainsSubstring("the header must begin with {; got \" {}\""));
  CHECK_THAT(error("\xef\xbb\xbf{}"), ContainsSubstring("the header must begin with {; got \"\\xef\\xbb\\xbf{}\""));
  CHECK_THAT(error("[]"), ContainsSubstring("the header must begin with {"));
  CHECK_THAT(error("null"), ContainsSubstring("the header must begin with {"));
  CHECK_THAT(error("{"), ContainsSubstring("must be JSON in UTF-8; got an error at byte 2"));
  CHECK_THAT(error("{,}"), ContainsSubstring("must be JSON in UTF-8; got an error at byte 2, after \"{,\""));
  CHECK_THAT(error("{}{}"), ContainsSubstring("must be JSON in UTF-8"));
  CHECK_THAT(error("{}//"), ContainsSubstring("must be JSON in UTF-8"));
  CHECK_THAT(error(std::string("{}\0\0", 4)), ContainsSubstring("must be JSON in UTF-8; got a zero byte at byte 2"));
  CHECK_THAT(error("{\"a\xff\":1}"),
             ContainsSubstring("must be JSON in UTF-8; got an error at byte 4, after \"{\"a\\xff\""));
  CHECK_THAT(error("{\"a\xed\xa0\x80\":1}"), ContainsSubstring("must be JSON in UTF-8"));
  CHECK_THAT(error("{\"\\ud800\":1}"), ContainsSubstring("must be JSON in UTF-8"));
  CHECK_THAT(error("{'a':1}"), ContainsSubstring("must be JSON in UTF-8"));
  CHECK_THAT(error("{\"t\":1}"), ContainsSubstring("the header must have an object for 't'; got 1"));
  CHECK_THAT(error("{\"t\":[]}"), ContainsSubstring("the header must have an object for 't'; got a list"));
  CHECK_THAT(error("{\"t\":null}"), ContainsSubstring("the header must have an object for 't'; got null"));
  CHECK_THAT(error("{\"t\":\"x\"}"), ContainsSubstring("the header must have an object for 't'; got \"x\""));
  CHECK_THAT(error("{\"\xc3\xa9\x1b\":1}"), ContainsSubstring("must be JSON in UTF-8"));  // ESC must be written \u001b
  CHECK_THAT(error("{\"\\u001b[31m\":1}"), ContainsSubstring("an object for '\\x1b[31m'; got 1"));
  CHECK(error("{\"" + std::string(1'000'000, 'a') + "\":1}").size() < 300);
  const std::string snowmen = error("{\"a" + [] {
    std::string s;
    for (int i = 0; i < 1000; ++i) s += "☃";
    return s;
  }() + "\":1}");
  CHECK_THAT(snowmen, ContainsSubstring("☃...'"));
}

TEST_CASE("hostile files: depth") {
  for (const char* bracket : {"[", "{\"a\":"}) {
    std::string header = "{\"t\":";
    for (int i = 0; i < 1'000'000; ++i) header += bracket;
    CHECK_THAT(error_of_bytes(by_hand(header)), ContainsSubstring("the header"));
    CHECK_THAT(error_of_tensor("\"shape\":" + header, 0), ContainsSubstring("the header"));
  }
}

TEST_CASE("hostile files: metadata") {
  const auto error = [](const std::string& header) { return error_of_bytes(by_hand(header)); };
  CHECK(error(R"({"__metadata__":{}})") == "no error");
  CHECK(error(R"({"__metadata__":null})") == "no error");
  CHECK_THAT(error(R"({"__metadata__":null,"__metadata__":null})"), ContainsSubstring("got null"));
  CHECK_THAT(error(R"({"__metadata__":null,"__metadata__":{}})"), ContainsSubstring("got __metadata__ twice"));
  CHECK_THAT(error(R"({"t":null})"), ContainsSubstring("must have an object for 't'; got null"));
  CHECK_THAT(error(R"({"__metadata__":{"a":1}})"),
             ContainsSubstring("must have a string for 'a' in __metadata__; got 1"));
  CHECK_THAT(error(R"({"__metadata__":{"a":{}}})"), ContainsSubstring("for 'a' in __metadata__; got an object"));
  CHECK_THAT(error(R"({"__metadata__":{"a":[]}})"), ContainsSubstring("for 'a' in __metadata__; got a list"));
  CHECK_THAT(error(R"({"__metadata__":{"a":null}})"), ContainsSubstring("for 'a' in __metadata__; got null"));
  CHECK_THAT(error(R"({"__metadata__":3})"), ContainsSubstring("must have an object for '__metadata__'; got 3"));
  CHECK_THAT(error(R"({"__metadata__":{"a":"b","a":"c"}})"), ContainsSubstring("once; got 'a' in __metadata__ twice"));
  CHECK_THAT(error(R"({"__metadata__":{},"__metadata__":{}})"), ContainsSubstring("once; got __metadata__ twice"));
}

TEST_CASE("hostile files: tensors that are described badly") {
  CHECK(error_of_tensor(R"("F32")", "[2]", "[0,8]", 8) == "no error");
  CHECK_THAT(error_of_tensor("", 0), ContainsSubstring("the header tensor 't' must have a dtype; got none"));
  CHECK_THAT(error_of_tensor(R"("dtype":"F32")", 0), ContainsSubstring("'t' must have a shape; got none"));
  CHECK_THAT(error_of_tensor(R"("dtype":"F32","shape":[])", 4), ContainsSubstring("must have data_offsets; got none"));
  CHECK_THAT(error_of_tensor(R"("dtype":"F32","dtype":"F32")", 0), ContainsSubstring("must have one dtype; got two"));
  CHECK_THAT(error_of_tensor(R"("shape":[],"shape":[])", 0), ContainsSubstring("must have one shape; got two"));
  CHECK_THAT(error_of_tensor(R"("data_offsets":[0,0],"data_offsets":[0,0])", 0),
             ContainsSubstring("must have one data_offsets; got two"));
  CHECK_THAT(error_of_tensor(R"("strides":[1])", 0),
             ContainsSubstring("'t' must have dtype, shape and data_offsets alone; got 'strides'"));
  CHECK_THAT(
      error_of_tensor(R"("F8_E4M3")", "[2]", "[0,2]", 2),
      ContainsSubstring("'t' must have a dtype of bool, integers, F64, F32, F16 or BF16; got 'F8_E4M3'; convert it"));
  CHECK_THAT(error_of_tensor(R"("f32")", "[2]", "[0,8]", 8), ContainsSubstring("got 'f32'"));
  CHECK_THAT(error_of_tensor("7", "[2]", "[0,8]", 8),
             ContainsSubstring("must have a string as dtype of tensor 't'; got 7"));
  CHECK_THAT(error_of_tensor("[]", "[2]", "[0,8]", 8),
             ContainsSubstring("a string as dtype of tensor 't'; got a list"));
  CHECK_THAT(error_of_tensor(R"("F32")", "2", "[0,8]", 8),
             ContainsSubstring("must have a list as shape of tensor 't'; got 2"));
  CHECK_THAT(error_of_tensor(R"("F32")", R"("[2]")", "[0,8]", 8),
             ContainsSubstring("a list as shape of tensor 't'; got \"[2]\""));
  CHECK_THAT(error_of_tensor(R"("F32")", "[2]", "{}", 8),
             ContainsSubstring("a list as data_offsets of tensor 't'; got an object"));
}

TEST_CASE("hostile files: shapes that lie") {
  const auto error = [](const std::string& shape) { return error_of_tensor(R"("F32")", shape, "[0,8]", 8); };
  for (const char* size : {"-1", "-0", "2.0", "1e0", "true", "null", "\"2\"", "[2]", "{}", "9223372036854775808",
                           "18446744073709551615", "99999999999999999999999", "-9223372036854775808"}) {
    INFO(size);
    CHECK_THAT(error(taper::detail::str('[', size, ']')),
               ContainsSubstring("must have whole numbers from 0 to 2^63-1 in the shape of tensor 't'; got "));
  }
  CHECK_THAT(error("[3]"),
             ContainsSubstring("tensor 't' must have 12 bytes for dtype F32 and shape [3]; got data_offsets "
                               "[0, 8], 8 bytes"));
  CHECK_THAT(error("[]"), ContainsSubstring("must have 4 bytes for dtype F32 and shape []; got"));
  CHECK_THAT(error("[0]"), ContainsSubstring("must have 0 bytes for dtype F32 and shape [0]; got"));
  for (const char* shape : {"[4294967296,4294967296]", "[4611686018427387904,2]", "[9223372036854775807]",
                            "[4611686018427387904,4,0]", "[0,4611686018427387904,4]", "[4611686018427387905]"}) {
    INFO(shape);
    CHECK_THAT(error(shape), ContainsSubstring("tensor 't' must have a number of bytes below 2^63; got shape ["));
  }
  CHECK(error_of_tensor(R"("F64")", "[0,2147483648,2147483648]", "[0,0]", 0) == "no error");  // strides below 2^63
  // 150,000 dimensions of size 1 are no lie
  std::string ones = "[1";
  for (int i = 1; i < 150'000; ++i) ones += ",1";
  CHECK(error_of_tensor(R"("F32")", ones + "]", "[0,4]", 4) == "no error");
  CHECK(error(ones + "]").size() < 400);
}

TEST_CASE("hostile files: offsets that lie") {
  const auto error = [](const std::string& offsets) { return error_of_tensor(R"("U8")", "[8]", offsets, 8); };
  CHECK(error("[0,8]") == "no error");
  for (const char* offsets : {"[]", "[0]", "[0,8,8]", "[0,8,8,8]", "[0,-8]", "[-8,0]", "[0,8.0]", "[0,null]", "[[0],8]",
                              "[0,18446744073709551616]"}) {
    INFO(offsets);
    CHECK_THAT(error(offsets),
               ContainsSubstring("must have two whole numbers of at least 0 as data_offsets of tensor 't'; got "));
  }
  for (const char* offsets : {"[8,0]", "[0,9]", "[1,9]", "[8,16]", "[18446744073709551608,18446744073709551615]",
                              "[18446744073709551615,7]", "[0,18446744073709551615]"}) {
    INFO(offsets);
    CHECK_THAT(error(offsets), ContainsSubstring("tensor 't' must lie within the 8 bytes that follow the header; got"));
  }
  CHECK_THAT(error("[0,7]"),
             ContainsSubstring("must have 8 bytes for dtype U8 and shape [8]; got data_offsets [0, 7]"));

  const auto two = [](const std::string& a, const std::string& b, size_t data) {
    return error_of_bytes(by_hand(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + a +
                                      R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + b + "}}",
                                  std::string(data, '\0')));
  };
  CHECK(two("[0,4]", "[4,8]", 8) == "no error");
  CHECK(two("[4,8]", "[0,4]", 8) == "no error");
  CHECK_THAT(two("[0,4]", "[0,4]", 4),
             ContainsSubstring("the data of tensor 'b' must begin where that of the one before "
                               "it ends, at 4; got data_offsets [0, 4], which overlap"));
  CHECK_THAT(two("[0,4]", "[3,7]", 8), ContainsSubstring("[3, 7], which overlap"));
  CHECK_THAT(two("[5,9]", "[0,4]", 9),
             ContainsSubstring("the data of tensor 'a' must begin where that of the one before "
                               "it ends, at 4; got data_offsets [5, 9], which leave a gap"));
  CHECK_THAT(two("[1,5]", "[5,9]", 9), ContainsSubstring("at 0; got data_offsets [1, 5], which leave a gap"));
  CHECK_THAT(two("[0,4]", "[4,8]", 9), ContainsSubstring("the file must end with its last tensor, 8 bytes after"));
  CHECK_THAT(error_of_bytes(by_hand("{}", "x")), ContainsSubstring("the file must end with its last tensor, 0 bytes"));
  // an empty tensor inside another one
  CHECK_THAT(error_of_bytes(by_hand(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                                    R"("b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}})",
                                    "1234")),
             ContainsSubstring("data_offsets [2, 2], which overlap"));
}

TEST_CASE("hostile files: a name twice") {
  const std::string entry = R"("t":{"dtype":"U8","shape":[1],"data_offsets":[)";
  CHECK_THAT(error_of_bytes(by_hand("{" + entry + "0,1]}," + entry + "1,2]}}", "ab")),
             ContainsSubstring("the header must name everything once; got 't' twice"));
  CHECK_THAT(error_of_bytes(by_hand("{" + entry + "0,1]},\"\\u0074\"" + entry.substr(3) + "1,2]}}", "ab")),
             ContainsSubstring("got 't' twice"));
}

TEST_CASE("hostile files: memory is not taken for what is not there") {
  const auto before = memory_stats().peak;
  error_of_tensor(R"("F32")", "[1099511627776]", "[0,4398046511104]", 8);
  error_of_tensor(R"("F32")", "[1099511627776]", "[0,8]", 8);
  error_of_tensor(R"("F64")", "[1099511627776]", "[0,8]", 8);
  CHECK(memory_stats().peak == before);
}

TEST_CASE("hostile files: thousands of damaged files are errors or files, nothing else") {
  const Folder folder;
  const std::vector<std::string> bases = {
      good_file(),
      by_hand(R"({"h":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]},)"
              R"("b":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]}})",
              "abcdefghij"),
      by_hand(R"({ "a" : {"shape":[0], "dtype":"F64","data_offsets":[0,0]}, "__metadata__":{"k":"v"} }   )"),
  };
  const std::vector<std::string> pieces = {"0",
                                           "1",
                                           "-1",
                                           "9",
                                           "4294967296",
                                           "9223372036854775807",
                                           "18446744073709551615",
                                           "1e308",
                                           "[",
                                           "]",
                                           "{",
                                           "}",
                                           ",",
                                           ":",
                                           "\"",
                                           "\\",
                                           "\\u0000",
                                           "\\ud83d",
                                           "null",
                                           "true",
                                           "\xff",
                                           "\xc3\xa9",
                                           "\"dtype\"",
                                           "\"shape\"",
                                           "\"F32\"",
                                           "\"BF16\"",
                                           "\"__metadata__\"",
                                           "\"data_offsets\":[0,0]",
                                           std::string(1, '\0')};
  CatchWarnings warnings;  // of dtypes that the damage makes up
  std::mt19937 random(0);
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  int loaded = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = bases[below(bases.size())];
    for (size_t changes = 1 + below(3); changes > 0; --changes) {
      // Mostly in the header, and half the time its length is put right, so that damage gets past the first checks.
      const size_t at = below(below(4) == 0 ? bytes.size() : std::max<size_t>(bytes.size() * 3 / 4, 1));
      const std::string& piece = pieces[below(pieces.size())];
      const size_t length = below(8);
      switch (below(6)) {
        case 0: bytes[at] = static_cast<char>(bytes[at] ^ 1 << below(8)); break;
        case 1: bytes[at] = static_cast<char>(below(256)); break;
        case 2: bytes.erase(at, length); break;
        case 3: bytes.insert(at, piece); break;
        case 4: bytes.replace(at, std::min(length, bytes.size() - at), piece); break;
        default: bytes.insert(at, bytes.substr(below(bytes.size() + 1), 4 * length)); break;
      }
      if (bytes.empty()) bytes = "{";
    }
    if (below(2) == 0 && bytes.size() > 8) {
      const size_t end = bytes.rfind('}');
      const uint64_t length = end == bytes.npos || end < 8 ? below(bytes.size()) : end + 1 - 8;
      for (int k = 0; k < 8; ++k) bytes[static_cast<size_t>(k)] = static_cast<char>(length >> 8 * k);
    }
    const bool from_file = i % 100 == 0;
    const std::string name = from_file ? folder.write("damaged", bytes) : "the buffer";
    try {
      const Dict tensors = from_file ? load_safetensors(name) : load_safetensors(bytes.data(), bytes.size());
      size_t total = 0;
      for (const auto& item : tensors) {
        total += item.value().nbytes();
        if (item.value().dtype() == kBool) {
          const auto* values = static_cast<const unsigned char*>(item.value().data_ptr());
          for (int64_t k = 0; k < item.value().numel(); ++k) REQUIRE(values[k] <= 1);
        }
      }
      REQUIRE(total <= 2 * bytes.size());
      ++loaded;
    } catch (const Error& error) {
      REQUIRE_THAT(error.what(), ContainsSubstring("load_safetensors: " + name + ": "));
    }
  }
  CHECK(loaded > 100);  // damage to values, names and white space
  CHECK(loaded < 10000);
}

TEST_CASE("safetensors: tensors of other dtypes are named, and hinder nothing else") {
  const Folder folder;
  CatchWarnings warnings;
  const std::string path = folder.write("x", by_hand(R"({"f8":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[0,3]},)"
                                                     R"("u16":{"dtype":"U16","shape":[2],"data_offsets":[3,7]},)"
                                                     R"("c":{"dtype":"C64","shape":[1],"data_offsets":[7,15]},)"
                                                     R"("u32":{"dtype":"U32","shape":[1],"data_offsets":[15,19]},)"
                                                     R"("u64":{"dtype":"U64","shape":[1],"data_offsets":[19,27]}})",
                                                     "123"
                                                     "\1\0\xff\xff"
                                                     "12345678"
                                                     "\xff\xff\xff\xff"
                                                     "\2\0\0\0\0\0\0\0"s));
  const Dict tensors = load_safetensors(path);
  CHECK(tensors.keys() == std::vector<std::string>{"u16", "u32", "u64"});
  CHECK(equal(tensors["u16"], tensor({1, 65535}, kInt32)));
  CHECK(equal(tensors["u32"], tensor({4294967295})));
  CHECK(equal(tensors["u64"], tensor({2})));
  CHECK(warnings.messages.back() ==
        "load_safetensors: " + path +
            ": tensor 'f8' must have a dtype of bool, integers, F64, F32, F16 or BF16; got 'F8_E4M3'; convert it "
            "before saving; left out, 2 of 5: 'f8', 'c'");
  warnings.messages.clear();
  serialize::Metadata metadata = {{"a", "b"}};
  CHECK(load_safetensors(path, {"u64", "u16"}, &metadata).keys() == std::vector<std::string>{"u64", "u16"});
  CHECK(equal(load_safetensors(path, {"u64"})["u64"], tensor({2})));
  CHECK(metadata.empty());
  CHECK_THROWS_AS(load_safetensors(path, {"u64", "c"}), TypeError);
  CHECK_THAT(error_of([&] { load_safetensors(path, {"c"}); }), ContainsSubstring("tensor 'c' must have a dtype"));
  CHECK(error_of([&] { load_safetensors(path, {"d"}); }) ==
        "load_safetensors: " + path + ": must hold a tensor named 'd'; got 5 tensors: 'f8', 'u16', 'c', 'u32', 'u64'");
  CHECK(warnings.messages.empty());

  serialize::InputArchive archive;
  archive.load_from(path);
  Tensor x;
  archive.read("u16", x);
  CHECK(equal(x, tensor({1, 65535}, kInt32)));
  CHECK_THAT(error_of([&] { archive.try_read("f8", x); }),
             ContainsSubstring("InputArchive: " + path + ": tensor 'f8' must have a dtype"));
  CHECK_THAT(error_of([&] { archive.tensors(); }), ContainsSubstring("got 'F8_E4M3'"));
  CHECK_THAT(error_of([&] { archive.tensors(); }), ContainsSubstring("so of 2: 'f8', 'c'; or read the others"));
  CHECK(archive.keys() == std::vector<std::string>{"u16", "u32", "u64", "f8", "c"});
  std::vector<Tensor> list;
  CHECK_THAT(error_of([&] { load(list, path); }), ContainsSubstring("got 'F8_E4M3'"));

  const auto bytes = by_hand(R"({"u":{"dtype":"U64","shape":[1],"data_offsets":[0,8]}})", "\0\0\0\0\0\0\0\x80"s);
  CHECK_THAT(error_of_bytes(bytes), ContainsSubstring("'u': the values must be below 2^63"));
  // What is not read has its place and its name all the same.
  CHECK_THAT(error_of_tensor(R"("X")", "[2]", "[0,3]", 2), ContainsSubstring("must lie within the 2 bytes"));
  CHECK_THAT(error_of_tensor(R"("X")", "[2]", "[1,2]", 2), ContainsSubstring("which leave a gap"));
}

TEST_CASE("a file of another kind is called by its name") {
  const Folder folder;
  const auto error = [&](const std::string& bytes) {
    const std::string path = folder.write("model", bytes), text = error_of([&] { load_safetensors(path); });
    const std::string begin = "load_safetensors: " + path + ": must be a safetensors file; got ";
    CHECK(text.substr(0, begin.size()) == begin);
    CHECK("load_safetensors: the buffer" + text.substr(text.find(": must")) == error_of_bytes(bytes));
    std::istringstream stream(bytes);
    CHECK("load_safetensors: the stream" + text.substr(text.find(": must")) ==
          error_of([&] { load_safetensors(stream); }));
    return text.substr(begin.size());
  };
  const auto zip = [](const std::string& name) {
    std::string bytes = "PK\3\4"s + std::string(22, '\0') + static_cast<char>(name.size()) + "\0\0\0"s + name;
    return bytes + std::string(500, 'x');
  };
  const std::string convert = "; convert it in Python: python3 docs/weights.py model.pt model.safetensors";
  CHECK(error(zip("archive/data.pkl")) == "a file of PyTorch's torch.save" + convert);
  CHECK(error(zip("net/data/0")) ==
        "a TorchScript archive, as libtorch's torch::save and Python's torch.jit.save write it" + convert);
  CHECK(error(zip("fc.weight.npy")) == "a NumPy archive (.npz); read it by taper::serialize::load_npz");
  CHECK(error(zip("word/document.xml")) == "a zip file; unpack it");
  CHECK(error("PK\3\4") == "a zip file; unpack it");
  CHECK(error("\x80\x02\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19.") ==
        "a Python pickle, as torch.save wrote it before PyTorch 1.6" + convert);
  CHECK(error("\x80\x04\x95" + std::string(100, 'x')) == "a Python pickle" + convert);
  CHECK(error("\x93NUMPY\1\0v\0{'descr'"s) == "a NumPy array (.npy); read it by taper::serialize::load_npy");
  CHECK(error("\x1f\x8b\x08\0\0\0\0\0\0\3"s) == "gzip data; unpack it by gunzip");
  CHECK_THAT(error("\x89HDF\r\n\x1a\n"), ContainsSubstring("an HDF5 file (Keras, h5py); read it in Python"));
  CHECK_THAT(error("\x08\x07\x12\x07pytorch\x1a\x03"
                   "1.13"),
             ContainsSubstring("an ONNX model; read it in Python"));
  CHECK_THAT(error("GGUF\3\0\0\0"s), ContainsSubstring("a GGUF file"));
  CHECK_THAT(error("version https://git-lfs.github.com/spec/v1\noid"), ContainsSubstring("git lfs pull"));
  CHECK_THAT(error("<!DOCTYPE html>\n<html>"), ContainsSubstring("a web page; fetch the file itself"));
  CHECK_THAT(error("{\n  \"metadata\": {"), ContainsSubstring("JSON text"));

  const std::string good = folder.write("good", good_file());
  CHECK_THAT(error_of([&] { serialize::load_npy(good); }),
             ContainsSubstring("must be a .npy file; got a safetensors file; read it by"));
  CHECK_THAT(error_of([&] { serialize::load_npz(good); }),
             ContainsSubstring("must be a .npz file; got a safetensors file; read it by"));
  CHECK_THAT(error_of([&] { data::read_png(good); }), ContainsSubstring("must be a PNG file; got a safetensors file"));
}
