#include "scratch.h"

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/serialize/archive.h>

using namespace taper;
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
  CHECK_THROWS_WITH(in.read("n", x), ContainsSubstring("InputArchive: the stream: 'n' must be float32 or float64 for a "
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

TEST_CASE("archive: errors") {
  OutputArchive out;
  out.write("x", ones({1}));
  CHECK(error_of([&] { out.write("x", ones({1})); }) ==
        "OutputArchive: the key must be new; 'x' is there already; write one of the two into an archive of its own");
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
