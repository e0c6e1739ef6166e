
#include "support/files.h"
#include "support/text.h"

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/serialize/serialize.h>

#include <cmath>

using namespace taper;
using namespace support;
using serialize::InputArchive;
using serialize::OutputArchive;

namespace {

// Through memory.
InputArchive reopen(const OutputArchive& archive) {
  std::stringstream bytes;
  archive.save_to(bytes);
  InputArchive result;
  result.load_from(bytes);
  return result;
}

}  // namespace

TEST_CASE("archive: what is written under a key is read under it") {
  OutputArchive out;
  out.write("weight", tensor({1., 2.}));
  out.write("steps", tensor(3), /*is_buffer=*/true);
  out("called", tensor(true));
  InputArchive in = reopen(out);
  Tensor weight, steps, called, other = ones({1});
  in.read("weight", weight);
  in.read("steps", steps, true);
  in("called", called);
  CHECK(equal(weight, tensor({1., 2.})));
  CHECK(steps.item<int64_t>() == 3);
  CHECK(called.item<bool>());
  CHECK_FALSE(in.try_read("other", other));
  CHECK(equal(other, ones({1})));
}

TEST_CASE("archive: an archive inside another one is part of the names") {
  OutputArchive weights, net, out, none;
  weights.write("weight", ones({2}));
  net.write("fc1", weights);
  net.write("bias", zeros({1}));
  out.write("net", net);
  out.write("network", ones({1}));
  out.write("nothing", none);
  CHECK(out.tensors().keys() == std::vector<std::string>{"net.fc1.weight", "net.bias", "network"});

  InputArchive in = reopen(out), net_in, fc1_in;
  CHECK(in.keys() == std::vector<std::string>{"net", "network"});
  in.read("net", net_in);
  CHECK(net_in.keys() == std::vector<std::string>{"fc1", "bias"});
  CHECK(net_in.tensors().keys() == std::vector<std::string>{"fc1.weight", "bias"});
  CHECK(net_in.source() == "the stream ('net')");
  REQUIRE(net_in.try_read("fc1", fc1_in));
  Tensor weight;
  fc1_in.read("weight", weight);
  CHECK(equal(weight, ones({2})));
  CHECK_FALSE(in.try_read("nothing", net_in));
  CHECK(net_in.keys().size() == 2);  // as it was
  net_in.read("fc1", net_in);        // into itself
  CHECK(net_in.keys() == std::vector<std::string>{"weight"});
}

TEST_CASE("archive: a defined tensor stays the same tensor") {
  OutputArchive out;
  out.write("x", tensor({{1., 2.}, {3., 4.}}).to(kFloat64));
  out.write("n", tensor(1));
  InputArchive in = reopen(out);
  Tensor x = zeros({3}, requires_grad());
  const Tensor held = x;
  in.read("x", x);
  CHECK(held.is_same(x));
  CHECK(x.requires_grad());
  CHECK(held.dtype() == kFloat64);
  CHECK(equal(held.detach(), tensor({{1., 2.}, {3., 4.}}).to(kFloat64)));
  CHECK_THROWS_WITH(in.read("n", x),
                    ContainsSubstring("InputArchive: the stream: 'n' must be of a floating-point type for a "
                                      "tensor that requires grad; got Long"));
  CHECK(held.dtype() == kFloat64);
}

TEST_CASE("archive: what is saved is what the tensor holds in the end") {
  OutputArchive out;
  const Tensor x = zeros({2});
  out.write("x", x);
  Tensor(x).fill_(5);
  Tensor y;
  reopen(out).read("x", y);
  CHECK(equal(y, full({2}, 5.)));
}

TEST_CASE("archive: values that are no tensors") {
  OutputArchive out, inner, outer;
  out.write("epoch", 5);
  out.write("long", INT64_MIN);
  out.write("rate", 0.1);
  out.write("whole", 3.0);
  out.write("best", true);
  out.write("name", "a \"b\" \n\xc3\xa9");
  out.write("sizes", std::vector<int64_t>{1, -2, 3});
  out.write("none", IValue());
  out.write("no sizes", std::vector<int64_t>());
  out.write("tensor", IValue(ones({2})));
  out("called", 7);
  for (const double x : {HUGE_VAL, -HUGE_VAL, std::nan(""), -0.0, 5e-324, 1e300}) out.write(std::to_string(x), x);
  inner.write("step", 3);
  outer.write("inner", inner);
  out.write("outer", outer);

  InputArchive in = reopen(out), outer_in, inner_in;
  const auto read = [&](const char* key) {
    IValue value;
    in.read(key, value);
    return value;
  };
  CHECK(read("epoch").toInt() == 5);
  CHECK(read("long").toInt() == INT64_MIN);
  CHECK(read("rate").toDouble() == 0.1);
  CHECK((read("whole").isDouble() && read("whole").toDouble() == 3.0));
  CHECK((read("best").isBool() && read("best").toBool()));
  CHECK(read("name").toStringRef() == "a \"b\" \n\xc3\xa9");
  CHECK(read("sizes").toIntVector() == std::vector<int64_t>{1, -2, 3});
  CHECK(read("none").isNone());
  CHECK((read("no sizes").isIntList() && read("no sizes").toIntVector().empty()));
  CHECK(equal(read("tensor").toTensor(), ones({2})));
  CHECK(read("called").toInt() == 7);
  CHECK(read("inf").toDouble() == HUGE_VAL);
  CHECK(read("-inf").toDouble() == -HUGE_VAL);
  CHECK(std::isnan(read("nan").toDouble()));
  CHECK(std::signbit(read("-0.000000").toDouble()));
  CHECK(read("0.000000").toDouble() == 5e-324);
  CHECK(read(std::to_string(1e300).c_str()).toDouble() == 1e300);

  Tensor tensor;
  CHECK_FALSE(in.try_read("epoch", tensor));
  in.read("tensor", tensor);  // however it was written
  CHECK(equal(tensor, ones({2})));
  IValue value = 1;
  CHECK_FALSE(in.try_read("other", value));
  CHECK(value.toInt() == 1);
  in.read("outer", outer_in);
  outer_in.read("inner", inner_in);
  inner_in.read("step", value);
  CHECK(value.toInt() == 3);
  CHECK(outer_in.keys() == std::vector<std::string>{"inner"});
  CHECK(in.keys().size() == out.tensors().size() + 16 + 1);
  CHECK(in.metadata().empty());
  CHECK(error_of([&] { inner_in.read("epoch", value); }) ==
        "InputArchive: the stream ('outer') ('inner'): must hold a value named 'epoch'; got 0 tensors and 1 other "
        "values: 'step'");
  CHECK_THROWS_WITH(out.write("epoch", 6), ContainsSubstring("the key must be new; 'epoch' exists already"));
  CHECK_THROWS_WITH(out.write("epoch", ones({1})), ContainsSubstring("'epoch' exists already"));
  CHECK_THROWS_WITH(out.write("tensor", 6), ContainsSubstring("'tensor' exists already"));
  CHECK_THROWS_WITH(out.write("bad", "\xff"), ContainsSubstring("OutputArchive: 'bad' must be UTF-8; got '\\xff'"));
  CHECK_THROWS_WITH(out.write_metadata("value:x", ""), ContainsSubstring("must not begin with value:, as those of"));
}

TEST_CASE("archive: values from another program") {
  const auto read = [](const std::string& json) {
    OrderedDict<std::string, Tensor> none;
    std::stringstream bytes;
    serialize::save_safetensors(bytes, none, {{"value:x", json}});
    InputArchive in;
    in.load_from(bytes);
    IValue value;
    in.read("x", value);
    return value;
  };
  CHECK(read("[1, 2]").toIntVector() == std::vector<int64_t>{1, 2});  // as Python's json writes it
  CHECK(read("[ ]").toIntVector().empty());
  CHECK(read("1e2").toDouble() == 100);
  CHECK(read("NaN").isDouble());
  for (const char* bad : {"", "x", "{}", "[", "[1", "[1,]", "[,]", "[1 2]", "[1.5]", "[[1]]", "[9223372036854775808]",
                          "[1]x", "9223372036854775808", "\"x", "nul", "1 2", "[\"x\"]", "nan", "0x1"}) {
    CAPTURE(bad);
    CHECK_THAT(error_of([&] { read(bad); }),
               ContainsSubstring("InputArchive: the stream: 'x' must be JSON of null, a bool, a number"));
  }
  CHECK_THAT(error_of([&] { read(std::string(1'000'000, '[')); }), ContainsSubstring("must be JSON of null"));
}

TEST_CASE("archive: one stream is loaded twice, several archives one after the other") {
  std::stringstream stream;
  save(ones({2}), stream);
  for (int i = 0; i < 3; ++i) {  // without a seekg in between, as in libtorch
    Tensor x;
    load(x, stream);
    CHECK(equal(x, ones({2})));
  }
  std::stringstream several;
  for (int i = 0; i < 3; ++i) save(full({2 + i}, i, kFloat32), several);
  const std::string bytes = several.str();
  for (int i = 0; i < 6; ++i) {
    Tensor x;
    load(x, several);
    CHECK(equal(x, full({2 + i % 3}, i % 3, kFloat32)));
  }
  std::stringstream follows;  // what comes after is the caller's
  save(ones({2}), follows);
  follows << "text";
  Tensor x;
  std::string text;
  load(x, follows);
  follows >> text;
  CHECK(text == "text");

  std::stringstream empty, cut(bytes.substr(0, bytes.size() - 1));
  CHECK_THAT(error_of([&] { load(x, empty); }), ContainsSubstring("got 0 bytes in all"));
  load(x, cut);
  load(x, cut);
  CHECK_THAT(error_of([&] { load(x, cut); }), ContainsSubstring("the stream: tensor '0' must lie within the 15 bytes"));
  // A stream without an end to go to.
  struct Pipe : std::streambuf {
    explicit Pipe(std::string text) : data(std::move(text)) {
      setg(data.data(), data.data(), data.data() + data.size());
    }
    std::string data;
  } pipe(bytes);
  std::istream once(&pipe);
  for (int i = 0; i < 3; ++i) load(x, once);
  CHECK(x.size(0) == 4);
  CHECK_THAT(error_of([&] { load(x, once); }), ContainsSubstring("got 0 bytes in all"));
}

TEST_CASE("archive: errors") {
  OutputArchive out;
  out.write("x", ones({1}));
  CHECK(error_of([&] { out.write("x", ones({1})); }) ==
        "OutputArchive: the key must be new; 'x' exists already; write one of the two into a nested archive");
  CHECK_THROWS_WITH(out.write("y", Tensor()), ContainsSubstring("the tensor must be defined; 'y' is empty"));
  CHECK_THROWS_WITH(out.write("y", out), ContainsSubstring("must not be written into itself; got it as 'y'"));

  const Folder folder;
  for (int i = 0; i < 11; ++i) out.write(std::to_string(i), ones({1}));
  out.save_to(folder / "file");
  InputArchive in, nested;
  Tensor x;
  CHECK(error_of([&] { in.read("x", x); }) ==
        "InputArchive: an empty archive: must hold a tensor named 'x'; got 0 tensors");
  in.load_from(folder / "file");
  CHECK(
      error_of([&] { in.read("w", x); }) ==
      "InputArchive: " + folder.path +
          "/file: must hold a tensor named 'w'; got 12 tensors: 'x', '0', '1', '2', '3', '4', '5', '6', '7', '8', ...");
  CHECK_THROWS_WITH(in.read("x", nested),
                    ContainsSubstring("file: must hold tensors named 'x.'...; got 12 tensors: 'x'"));
  CHECK_THROWS_AS(in.load_from(folder / "none"), Error);
  CHECK(in.tensors().size() == 12);  // as it was
}

TEST_CASE("archive: files, streams, memory and functions") {
  const Folder folder;
  OutputArchive out;
  out.write("x", arange(5));
  out.save_to(folder / "file");
  std::string bytes;
  out.save_to([&](const void* data, size_t count) {
    bytes.append(static_cast<const char*>(data), count);
    return count;
  });
  CHECK(bytes == read_bytes(folder / "file"));
  const auto read = [&](uint64_t position, void* to, size_t count) {
    return bytes.copy(static_cast<char*>(to), count, position);
  };
  std::istringstream stream(bytes);
  for (int from = 0; from < 4; ++from) {
    InputArchive in;
    if (from == 0) in.load_from(folder / "file", Device(kCPU));
    if (from == 1) in.load_from(stream);
    if (from == 2) in.load_from(bytes.data(), bytes.size());
    if (from == 3) in.load_from(read, [&] { return bytes.size(); });
    Tensor x;
    in.read("x", x);
    CHECK(equal(x, arange(5)));
  }
  InputArchive in;
  CHECK_THROWS_WITH(in.load_from(read, [&] { return bytes.size() + 1; }),
                    ContainsSubstring("InputArchive: the function must read all 105 bytes; got 104"));
}
