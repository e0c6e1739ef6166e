
#include "support/files.h"
#include "support/tensors.h"
#include "support/text.h"

#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/core/random.h>
#include <taper/serialize/safetensors.h>

#include <bit>
#include <cmath>

using namespace taper;
using namespace support;
using serialize::load_safetensors;
using serialize::Metadata;
using serialize::save_safetensors;
using Dict = OrderedDict<std::string, Tensor>;

namespace {

// Through a file, a stream and memory.
void check_round_trip(const Dict& saved, const Metadata& saved_metadata = {}) {
  const Folder folder;
  save_safetensors(folder / "file", saved, saved_metadata);
  const std::string bytes = read_bytes(folder / "file");
  CHECK(bytes == safetensors(saved, saved_metadata));
  std::string taken;
  save_safetensors(
      [&](const void* data, size_t count) {
        taken.append(static_cast<const char*>(data), count);
        return count;
      },
      saved, saved_metadata);
  CHECK(taken == bytes);

  std::istringstream in(bytes);
  for (int from = 0; from < 3; ++from) {
    Metadata metadata = {{"old", "value"}};
    const Dict loaded = from == 0   ? load_safetensors(folder / "file", &metadata)
                        : from == 1 ? load_safetensors(in, &metadata)
                                    : load_safetensors(bytes.data(), bytes.size(), &metadata);
    CHECK(metadata == saved_metadata);
    REQUIRE(loaded.keys() == saved.keys());
    for (const auto& item : loaded) {
      INFO(item.key());
      CHECK(same_bits(item.value(), saved[item.key()]));
      CHECK_FALSE(item.value().requires_grad());
    }
  }
}

// Every pattern of bits that can surprise, and its neighbours.
template <class Bits>
std::vector<Bits> odd_bits() {
  constexpr int kMantissa = sizeof(Bits) == 4 ? 23 : 52;
  constexpr Bits kOne = 1, kSign = kOne << (8 * sizeof(Bits) - 1), kInf = (kSign - 1) >> kMantissa << kMantissa;
  std::vector<Bits> bits;
  for (Bits b : {Bits{0}, kOne, kOne << kMantissa, kInf, kInf | kOne << (kMantissa - 1)}) {
    for (Bits neighbour : {Bits(b - 1), b, Bits(b + 1)}) {
      bits.push_back(neighbour & (kSign - 1));
      bits.push_back(neighbour | kSign);
    }
  }
  return bits;
}

}  // namespace

TEST_CASE("safetensors: a file byte by byte") {
  const Folder folder;
  Dict tensors;
  tensors.insert("b", tensor(true));
  tensors.insert("a", tensor(std::vector<int64_t>{1, -2}).to(kInt16).reshape({2, 1}));
  save_safetensors(folder / "file", tensors, {{"a\"b", "1"}});
  // 137 bytes of JSON and 7 of padding; the data of the wider elements comes first
  CHECK(read_bytes(folder / "file") == std::string("\x90\0\0\0\0\0\0\0", 8) +
                                           R"({"__metadata__":{"a\"b":"1"},)"
                                           R"("b":{"dtype":"BOOL","shape":[],"data_offsets":[4,5]},)"
                                           R"("a":{"dtype":"I16","shape":[2,1],"data_offsets":[0,4]}}       )" +
                                           std::string("\x01\0\xfe\xff\x01", 5));
}

TEST_CASE("safetensors: nothing at all is a file too") {
  const Folder folder;
  save_safetensors(folder / "file", Dict());
  CHECK(read_bytes(folder / "file") == std::string("\x08\0\0\0\0\0\0\0{}      ", 16));
  check_round_trip(Dict());
  check_round_trip(Dict(), {{"", ""}});
}

TEST_CASE("safetensors: every dtype, every shape") {
  manual_seed(0);
  Dict tensors;
  for (ScalarType dtype : {kBool, kUInt8, kInt8, kInt16, kInt32, kInt64, kFloat32, kFloat64}) {
    for (const std::vector<int64_t>& sizes : std::vector<std::vector<int64_t>>{
             {}, {0}, {1}, {7}, {3, 0, 2}, {0, 1 << 30, 1 << 30}, {2, 3, 5}, {1, 2, 1, 2, 1, 2, 1, 3}}) {
      const Tensor x = is_floating_point(dtype) ? randn(sizes, dtype) : randint(-100, 100, sizes).to(dtype);
      tensors.insert(detail::str(dtype, sizes), x);
    }
  }
  check_round_trip(tensors, {{"a", "b"}, {"c", "\n\"\\\x7f"}});
}

TEST_CASE("safetensors: any layout in memory is written row by row") {
  const Tensor x = arange(120, kFloat32).view({2, 3, 4, 5});
  Dict tensors;
  tensors.insert("transposed", x.transpose(0, 2));
  tensors.insert("permuted", x.permute({3, 1, 0, 2}));
  tensors.insert("every other", x.slice(3, 0, 5, 2));
  tensors.insert("a middle part", x.narrow(2, 1, 2));
  tensors.insert("a row", x.select(0, 1).select(0, 2));
  tensors.insert("expanded", x.slice(0, 0, 1).expand({6, 3, 4, 5}));
  tensors.insert("one value", tensor(2.5).expand({3, 3}));
  tensors.insert("diagonal", x.select(0, 0).select(0, 0).diagonal());
  check_round_trip(tensors);
}

TEST_CASE("safetensors: tensors that share memory are written each and share nothing when read") {
  const Tensor x = arange(6, kFloat32);
  Dict tensors;
  tensors.insert("x", x);
  tensors.insert("again", x);
  tensors.insert("part", x.slice(0, 2, 4));
  check_round_trip(tensors);
  const std::string bytes = safetensors(tensors);
  Dict loaded = load_safetensors(bytes.data(), bytes.size());
  loaded["x"].fill_(7);
  CHECK(equal(loaded["again"], x));
  CHECK(equal(loaded["part"], x.slice(0, 2, 4)));
}

TEST_CASE("safetensors: NaN, infinity, minus zero and denormal numbers keep their bits") {
  std::vector<uint32_t> narrow = odd_bits<uint32_t>();
  std::vector<uint64_t> wide = odd_bits<uint64_t>();
  Dict tensors;
  tensors.insert("float", from_blob(narrow.data(), {static_cast<int64_t>(narrow.size())}, kFloat32));
  tensors.insert("double", from_blob(wide.data(), {static_cast<int64_t>(wide.size())}, kFloat64));
  check_round_trip(tensors);
}

TEST_CASE("safetensors: names may be any UTF-8") {
  Dict tensors;
  for (const std::string name : {"", ".", "a.b", "größe", "層.重み", "\"quoted\\\"", "line\nbreak", "\x7f", "😀"}) {
    tensors.insert(name, ones({2}));
  }
  tensors.insert(std::string("zero\0byte", 9), ones({1}));
  tensors.insert(std::string(10000, 'n'), ones({1}));
  check_round_trip(tensors, {{"größe", "ü😀"}});
}

TEST_CASE("safetensors: tensors that require grad are saved like others") {
  const Tensor w = randn({3, 2}, requires_grad());
  Dict tensors;
  tensors.insert("leaf", w);
  tensors.insert("with history", (w * 2).t());
  check_round_trip(tensors);
  CHECK(w.requires_grad());
}

TEST_CASE("safetensors: every tensor lies at a multiple of its element size") {
  Dict tensors;
  for (ScalarType dtype : {kBool, kFloat64, kInt8, kInt32, kInt16, kUInt8, kFloat32, kInt64}) {
    tensors.insert(to_string(dtype), ones({3}, dtype));
  }
  const std::string bytes = safetensors(tensors);
  const size_t data = 8 + static_cast<unsigned char>(bytes[0]) + 256 * static_cast<unsigned char>(bytes[1]);
  CHECK(data % 8 == 0);
  for (const auto& item : tensors) {
    const size_t size = item.value().element_size();
    const std::string key = detail::str('"', item.key(), "\":");
    const size_t offset = std::stoul(bytes.substr(bytes.find("data_offsets\":[", bytes.find(key)) + 15));
    CHECK(offset % size == 0);
  }
}

TEST_CASE("safetensors: a file as another writer makes it") {
  // No padding, white space wherever JSON has it, keys in another order, the data in another order than the header, odd
  // but equal ways to write strings, an unaligned tensor, empty tensors between others.
  const std::string file = by_hand(
      "{ \"w\" :\r\n{\"data_offsets\" : [ 3 , 11 ], \"shape\":[2, 1],\n\t\"dtype\":\"F32\"} ,"
      R"("\u0062\/":{"shape":[3],"dtype":"U8","data_offsets":[0,3]},)"
      R"("none":{"shape":[2,0],"dtype":"F64","data_offsets":[3,3]},)"
      R"("__metadata__":{"format":"pt","\ud83d\ude00":"\u00e9"},)"
      R"("end":{"shape":[0],"dtype":"I64","data_offsets":[11,11]}})"
      "  \n",
      std::string("\x01\x02\xff\0\0\x80\x3f\0\0\0\xc0", 11));
  Metadata metadata;
  const Dict loaded = load_safetensors(file.data(), file.size(), &metadata);
  CHECK(loaded.keys() == std::vector<std::string>{"w", "b/", "none", "end"});
  CHECK(same_bits(loaded["w"], tensor({{1.f}, {-2.f}})));
  CHECK(same_bits(loaded["b/"], tensor(std::vector<int64_t>{1, 2, 255}).to(kUInt8)));
  CHECK(same_bits(loaded["none"], empty({2, 0}, kFloat64)));
  CHECK(same_bits(loaded["end"], empty({0}, kInt64)));
  CHECK(metadata == Metadata{{"format", "pt"}, {"😀", "é"}});
}

TEST_CASE("safetensors: bytes of a bool tensor other than 0 are true") {
  const std::string file =
      by_hand(R"({"x":{"dtype":"BOOL","shape":[4],"data_offsets":[0,4]}})", std::string("\0\x01\x02\xff", 4));
  CHECK(same_bits(load_safetensors(file.data(), file.size())["x"], tensor({false, true, true, true})));
}

TEST_CASE("safetensors: every number of 16 bits is read as it is, and has its value in float32") {
  std::string data;
  for (int i = 0; i < 65536; ++i) data += {static_cast<char>(i), static_cast<char>(i >> 8)};
  const std::string file = by_hand(R"({"f":{"dtype":"F16","shape":[256,256],"data_offsets":[0,131072]},)"
                                   R"("b":{"dtype":"BF16","shape":[65536],"data_offsets":[131072,262144]}})",
                                   data + data);
  const Dict loaded = load_safetensors(file.data(), file.size());
  REQUIRE((loaded["f"].dtype() == kHalf && loaded["b"].dtype() == kBFloat16));
  const Tensor f = loaded["f"].to(kFloat32), b = loaded["b"].to(kFloat32);
  const support::Folder folder;
  save_safetensors(folder / "again", loaded);
  const Dict again = load_safetensors(folder / "again");
  CHECK((same_bits(again["f"], loaded["f"]) && same_bits(again["b"], loaded["b"])));
  CHECK(f.sizes() == std::vector<int64_t>{256, 256});
  int wrong = 0;
  for (int i = 0; i < 65536; ++i) {
    const uint32_t high = std::bit_cast<uint32_t>(b.data_ptr<float>()[i]);
    wrong += high != static_cast<uint32_t>(i) << 16;
    const float value = f.data_ptr<float>()[i];
    const int exponent = i >> 10 & 31, fraction = i & 1023;
    const double size = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    if (exponent < 31) {
      wrong += value != (i & 0x8000 ? -size : size);
    } else {
      wrong += fraction == 0 ? !std::isinf(value) : !std::isnan(value);
    }
    wrong += std::signbit(value) != (i >= 0x8000);
  }
  CHECK(wrong == 0);
}

TEST_CASE("safetensors: what cannot be saved") {
  const Folder folder;
  const std::string path = folder / "file";
  const auto error = [&](const std::string& name, const Tensor& x, const Metadata& metadata = {}) {
    Dict tensors;
    tensors.insert(name, x);
    return error_of([&] { save_safetensors(path, tensors, metadata); });
  };
  const std::string start = "save_safetensors: " + path + ": ";
  CHECK(error("w", Tensor()) == start + "tensor 'w' must be defined; it is empty");
  CHECK_THAT(error("__metadata__", ones({1})), ContainsSubstring(start + "a tensor must not be named __metadata__"));
  CHECK(error("\xff", ones({1})) == start + "the name of a tensor must be UTF-8; got '\\xff'");
  CHECK(error("a", ones({1}), {{"\xc3", ""}}) == start + "a metadata key must be UTF-8; got '\\xc3'");
  CHECK(error("a", ones({1}), {{"", "\xed\xa0\x80"}}) ==
        start + "a metadata value must be UTF-8; got '\\xed\\xa0\\x80'");
  CHECK_THAT(error("a", ones({1}).expand({int64_t{1} << 61})),
             ContainsSubstring("the tensors must fit into a file; got sizes [2305843009213693952] for 'a'"));
  CHECK_THAT(error(std::string(100'000'000, 'x'), ones({1})),
             ContainsSubstring("the header must not exceed 100000000 bytes; got 1000000"));
  CHECK(folder.files() == 0);
}
