// NumPy's .npy files: round trips, files as NumPy writes them, files that lie.

#include "support/files.h"
#include "support/npy_bytes.h"
#include "support/scopes.h"
#include "support/tensors.h"
#include "support/text.h"

#include <taper/taper.h>

using namespace taper;
using namespace std::string_literals;
using namespace support;
using serialize::load_npy;
using serialize::save_npy;

namespace {

const std::vector<ScalarType> kDtypes = {kBool, kUInt8, kInt8, kInt16, kInt32, kInt64, kFloat32, kFloat64};

std::string error_of_npy(const std::string& bytes) {
  return error_of_file("load_npy", bytes, [](const std::string& path) { load_npy(path); });
}

}  // namespace

TEST_CASE("npy: every dtype, every shape, every layout comes back") {
  const Folder folder;
  manual_seed(1);
  for (ScalarType dtype : kDtypes) {
    for (const std::vector<int64_t>& sizes :
         std::vector<std::vector<int64_t>>{{}, {1}, {5}, {2, 3}, {0}, {3, 0, 2}, {2, 1, 3, 2}}) {
      const Tensor x = (rand(sizes) * 250 - (dtype == kUInt8 ? 0 : 100)).to(dtype);
      save_npy(x, folder / "x.npy");
      const Tensor y = load_npy(folder / "x.npy");
      CAPTURE(dtype, sizes);
      CHECK(y.dtype() == dtype);
      CHECK(y.sizes() == x.sizes());
      CHECK(equal(x, y));
      CHECK((read_bytes(folder / "x.npy").size() - x.nbytes()) % 64 == 0);
    }
  }
  const Tensor x = rand({3, 4}).requires_grad_(true);
  for (const Tensor& view : {x.t(), x.slice(1, 1, 3), x[0].expand({5, 4})}) {
    save_npy(view, folder / "x.npy");
    CHECK(equal(load_npy(folder / "x.npy"), view));
    CHECK(!load_npy(folder / "x.npy").requires_grad());
  }
  CHECK(folder.files() == 1);
}

TEST_CASE("npy: a file byte by byte") {
  const Folder folder;
  save_npy(tensor({{1, 2, 3}}, kInt16), folder / "x.npy");
  std::string header = "{'descr': '<i2', 'fortran_order': False, 'shape': (1, 3), }";
  header.resize(128 - 10 - 1, ' ');
  CHECK(read_bytes(folder / "x.npy") == npy(header.substr(0, 117) + "\n", "\1\0\2\0\3\0"s));
  save_npy(tensor(7, kUInt8), folder / "x.npy");
  CHECK_THAT(read_bytes(folder / "x.npy"),
             ContainsSubstring("{'descr': '|u1', 'fortran_order': False, 'shape': (), }"));
  save_npy(ones({2}), folder / "x.npy");
  CHECK_THAT(read_bytes(folder / "x.npy"), ContainsSubstring("'shape': (2,), }"));
}

TEST_CASE("npy: Fortran order, big-endian values, halves, other versions and spellings") {
  const Folder folder;
  const auto load = [&](const std::string& bytes) { return load_npy(folder.write("x.npy", bytes)); };
  CHECK(equal(load(npy("|u1", true, "(2, 3)", "\1\4\2\5\3\6")), tensor({{1, 2, 3}, {4, 5, 6}}, kUInt8)));
  CHECK(load(npy("|u1", true, "(2, 3)", "\1\4\2\5\3\6")).is_contiguous());
  CHECK(equal(load(npy("|u1", true, "(1, 2, 2)", "\1\3\2\4")), tensor({1, 2, 3, 4}, kUInt8).view({1, 2, 2})));
  CHECK(equal(load(npy(">i2", false, "(2,)", "\1\0\0\2"s)), tensor({256, 2}, kInt16)));
  CHECK(equal(load(npy(">f4", false, "()", "\x3f\x80\0\0"s)), tensor(1.0f)));
  CHECK(equal(load(npy(">i8", false, "(1,)", "\0\0\0\0\0\0\1\0"s)), tensor({256})));
  CHECK(equal(load(npy(">f8", true, "(1,)", "\x40\0\0\0\0\0\0\0"s)), tensor({2.0}, kFloat64)));
  CHECK(support::same_bits(load(npy("<f2", false, "(3,)", "\0\x3c\0\xc0\0\x7c"s)),
                           tensor({1.0f, -2.0f, INFINITY}, kHalf)));
  CHECK_THROWS_WITH(save_npy(ones({2}, kBFloat16), folder / "b.npy"),
                    ContainsSubstring("the dtype must be one that numpy has; got BFloat16; convert it, for example"));
  CHECK(equal(load(npy(">f2", false, "(1,)", "\x3c\0"s)), tensor({1.0f})));
  CHECK(equal(load(npy("<i1", false, "(1,)", "\x07")), tensor({7}, kInt8)));
  CHECK(equal(load(npy("|b1", false, "(3,)", "\0\1\xff"s)), tensor({false, true, true})));
  const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }\n";
  for (int major : {1, 2, 3}) CHECK(equal(load(npy(header, "\5", major)), tensor({5}, kUInt8)));
  CHECK(equal(load(npy("  { \"shape\" :( 1 , ) ,\"fortran_order\":False, 'descr':\"|u1\"}  ", "\5")),
              tensor({5}, kUInt8)));
  CHECK(equal(load(npy("{'shape':(2,2,),'fortran_order':False,'descr':'|u1',}", "\1\2\3\4")),
              tensor({{1, 2}, {3, 4}}, kUInt8)));
}

TEST_CASE("npy: as other writers make it: long numbers, native order, letters, names, metadata") {
  const Folder folder;
  const auto load = [&](const std::string& bytes) { return load_npy(folder.write("x.npy", bytes)); };
  CHECK(equal(load(npy("|u1", false, "(2L, 3L)", "\1\2\3\4\5\6")), tensor({{1, 2, 3}, {4, 5, 6}}, kUInt8)));
  CHECK(equal(load(npy("|u1", false, "(2L,)", "\1\2")), tensor({1, 2}, kUInt8)));
  for (const char* descr : {"f4", "=f4", "|f4", "<f4", "f", "float32", "=float32"}) {
    CAPTURE(descr);
    CHECK(equal(load(npy(descr, false, "(1,)", "\0\0\x80\x3f"s)), tensor({1.0f})));
  }
  for (const char* descr : {"?", "b1", "|b1", "bool"}) {
    CHECK(equal(load(npy(descr, false, "(2,)", "\1\0"s)), tensor({true, false})));
  }
  CHECK(equal(load(npy(">d", false, "()", "\x3f\xf0\0\0\0\0\0\0"s)), tensor(1.0, kFloat64)));
  CHECK(load(npy("i8", false, "()", "\1\0\0\0\0\0\0\0"s)).dtype() == kInt64);
  CHECK(load(npy("b", false, "()", "\1")).dtype() == kInt8);
  for (const char* metadata : {"{}", "{'unit': 'm'}", "{'a': {'b': [1, (2, ')')]}, \"it's\": '}\\'}'}"}) {
    CAPTURE(metadata);
    CHECK(equal(load(npy("{'descr': ('<f4', " + std::string(metadata) + "), 'fortran_order': False, 'shape': (1,), }",
                         "\0\0\x80\x3f"s)),
                tensor({1.0f})));
  }
}

TEST_CASE("npy: unsigned integers become the signed ones that hold them") {
  const Folder folder;
  const auto load = [&](const std::string& bytes) { return load_npy(folder.write("x.npy", bytes)); };
  CHECK(equal(load(npy("<u2", false, "(2,)", "\1\0\xff\xff"s)), tensor({1, 65535}, kInt32)));
  CHECK(equal(load(npy(">u2", true, "(2, 1)", "\0\1\1\0"s)), tensor({{1}, {256}}, kInt32)));
  CHECK(equal(load(npy("<u4", false, "(1,)", "\xff\xff\xff\xff")), tensor({4294967295})));
  CHECK(equal(load(npy(">u8", false, "(1,)", "\x7f\xff\xff\xff\xff\xff\xff\xff")), tensor({INT64_MAX})));
  CHECK_THAT(error_of_npy(npy("<u8", false, "(2,)", "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80"s)),
             ContainsSubstring("file: the values must be below 2^63, as Long holds them; got a larger one"));
  std::string many;  // more than one chunk of them
  for (int i = 0; i < 100'000; ++i) put(many, static_cast<uint64_t>(i % 65536), 2);
  CHECK(equal(load(npy("<u2", false, "(100000,)", many)), arange(100'000, kInt32).remainder(65536)));
}

TEST_CASE("hostile npy: cut short at every byte, longer by one") {
  const std::string good = npy("<f4", false, "(2,)", "\0\0\x80\x3f\0\0\0\x40"s);
  REQUIRE(error_of_npy(good) == "no error");
  for (size_t size = 0; size < good.size(); ++size) CHECK(error_of_npy(good.substr(0, size)) != "no error");
  CHECK_THAT(
      error_of_npy(good.substr(0, good.size() - 1)),
      ContainsSubstring("must have 8 bytes after its header for <f4 and shape [2]; got 7; the file is cut short"));
  CHECK_THAT(error_of_npy(good + "x"), ContainsSubstring("got 9; the file is too long or damaged"));
  CHECK_THAT(error_of_npy("PK\3\4 something else"),
             ContainsSubstring("must be a .npy file; got a zip file; unpack it"));
  CHECK_THAT(error_of_npy("NUMPY"), ContainsSubstring("must begin with \\x93NUMPY; got \"NUMPY\""));
  CHECK_THAT(error_of_npy(""), ContainsSubstring("this is no .npy file"));
  CHECK_THAT(error_of([] { load_npy("/no/file.npy"); }), ContainsSubstring("load_npy: /no/file.npy: must exist"));
}

TEST_CASE("hostile npy: headers that lie") {
  for (const char* shape : {"(9223372036854775807,)", "(4294967296, 4294967296)", "(0, 9223372036854775807, 4)",
                            "(1, 2305843009213693952)", "(1000000000000,)"}) {
    CHECK_THAT(error_of_npy(npy("<f8", false, shape, "12345678")), ContainsSubstring("must have "));
  }
  for (const char* shape : {"(-1,)", "(9223372036854775808,)", "(1.5,)", "(2LL,)", "(L,)", "(1", "1", "[1]", "(1,,)",
                            "(,)", "(1)", "(1 2)", "(+1,)", "(0x1,)", "(True,)"}) {
    CAPTURE(shape);
    CHECK_THAT(error_of_npy(npy("|u1", false, shape, "1")), ContainsSubstring("the header must be a dictionary of"));
  }
  for (const char* descr : {"|O", "<U3", "|S3", "<c8", "<f16", "<M8[s]", "", "<", "<f4 ", "<F4", "<f44", "<<f4", "l"}) {
    CAPTURE(descr);
    CHECK_THAT(error_of_npy(npy(descr, false, "(1,)", "1234")),
               ContainsSubstring("the array must be of bool, integers, float16, float32 or float64; got '" +
                                 std::string(descr) + "'; convert it"));
  }
  const auto error = [](const std::string& header) { return error_of_npy(npy(header, "1")); };
  CHECK_THAT(error("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}"),
             ContainsSubstring("got 'a list of fields'"));
  CHECK_THAT(error("{'descr': ('<f4', (2,)), 'fortran_order': False, 'shape': (1,)}"),
             ContainsSubstring("got 'an array in each element'"));
  for (const char* pair : {"('|u1', {}", "('|u1', {", "('|u1', {'a': [})}", "('|u1')", "('|u1' {})", "({}, '|u1')",
                           "('|u1', {'a': '})", "('|u1', {}, 1)", "('|u1', {'\\"}) {
    CAPTURE(pair);
    CHECK_THAT(error("{'descr': " + std::string(pair) + ", 'fortran_order': False, 'shape': (1,)}"),
               ContainsSubstring("the header must be a dictionary of"));
  }
  for (const char* header :
       {"", "{}", "{'descr': '|u1'}", "{'descr': '|u1', 'fortran_order': False}", "[]", "None",
        "{'descr': '|u1', 'fortran_order': 0, 'shape': (1,)}", "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)} x",
        "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '|u1' 'fortran_order': False, 'shape': (1,)}",
        "{descr: '|u1', 'fortran_order': False, 'shape': (1,)}",
        "{'descr: '|u1', 'fortran_order': False, 'shape': (1,)}", "{'descr': '|u1", "{'", "{'descr'", "{'shape': (",
        "{'descr': '|u1', 'fortran_order': Falsely, 'shape': (1,)}"}) {
    CAPTURE(header);
    CHECK_THAT(error(header), ContainsSubstring("the header must be a dictionary of"));
  }
  CHECK_THAT(error("{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}\0"s), ContainsSubstring("\\x00"));
  CHECK_THAT(error(std::string(500, '(')), ContainsSubstring("got \"(((("));
  CHECK_THAT(error_of_npy(npy("{}", "", 4)), ContainsSubstring("must be of version 1.0, 2.0 or 3.0; got 4.0"));
  std::string long_header = "\x93NUMPY\2\0\xff\xff\xff\xff"s;
  CHECK_THAT(error_of_npy(long_header), ContainsSubstring("the header must not exceed 1048576 bytes; got 4294967295"));
  CHECK_THAT(error_of_npy("\x93NUMPY\1\0\xff\xff"s), ContainsSubstring("must have the whole of its header"));
}
