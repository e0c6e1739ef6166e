// NumPy's .npz files: round trips, zip files as others write them, files that lie.

#include "support/files.h"
#include "support/npy_bytes.h"
#include "support/scopes.h"
#include "support/text.h"

#include <taper/core/allocator.h>
#include <taper/taper.h>

#include <random>

#include <zlib.h>

using namespace taper;
using namespace std::string_literals;
using namespace support;
using serialize::load_npz;
using serialize::save_npy;
using serialize::save_npz;
using Dict = OrderedDict<std::string, Tensor>;

namespace {

// A zip file as another writer makes it; every field can lie.
struct Member {
  std::string name, data;
  bool deflated = false;
  std::string extra = "";  // of the local header
  unsigned flags = 0;
  int method = -1;                 // instead of the right one
  int64_t size = -1, packed = -1;  // instead of the right ones
  int64_t crc = -1, offset = -1;
};

std::string zip(const std::vector<Member>& members, const std::string& comment = "", int count = -1,
                const std::string& gap = "") {
  std::string bytes, directory;
  for (const Member& m : members) {
    std::string packed = m.data;
    if (m.deflated) {
      packed.resize(compressBound(m.data.size()) + 64);
      z_stream stream = {};
      deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(m.data.data()));
      stream.avail_in = static_cast<uInt>(m.data.size());
      stream.next_out = reinterpret_cast<Bytef*>(packed.data());
      stream.avail_out = static_cast<uInt>(packed.size());
      deflate(&stream, Z_FINISH);
      packed.resize(stream.total_out);
      deflateEnd(&stream);
    }
    const uint64_t crc =
        m.crc >= 0 ? static_cast<uint64_t>(m.crc)
                   : crc32(0, reinterpret_cast<const Bytef*>(m.data.data()), static_cast<uInt>(m.data.size()));
    std::string fields;
    put(fields, 20, 2);
    put(fields, m.flags, 2);
    put(fields, m.method >= 0 ? static_cast<uint64_t>(m.method) : m.deflated ? 8 : 0, 2);
    put(fields, 0, 4);
    put(fields, crc, 4);
    put(fields, m.packed >= 0 ? static_cast<uint64_t>(m.packed) : packed.size(), 4);
    put(fields, m.size >= 0 ? static_cast<uint64_t>(m.size) : m.data.size(), 4);
    put(fields, m.name.size(), 2);
    put(directory, 0x02014b50, 4);
    put(directory, 20, 2);
    directory += fields;
    directory.append(12, '\0');
    put(directory, m.offset >= 0 ? static_cast<uint64_t>(m.offset) : bytes.size(), 4);
    directory += m.name;
    put(bytes, 0x04034b50, 4);
    bytes += fields;
    put(bytes, m.extra.size(), 2);
    bytes += m.name + m.extra + packed;
  }
  const size_t begin = bytes.size();
  bytes += directory + gap;
  const uint64_t n = count >= 0 ? static_cast<uint64_t>(count) : members.size();
  put(bytes, 0x06054b50, 4);
  put(bytes, 0, 4);
  put(bytes, n, 2);
  put(bytes, n, 2);
  put(bytes, directory.size(), 4);
  put(bytes, begin, 4);
  put(bytes, comment.size(), 2);
  return bytes + comment;
}

const std::string kTwoFloats = npy("<f4", false, "(2,)", "\0\0\x80\x3f\0\0\0\x40"s);  // 1, 2

std::string error_of_npz(const std::string& bytes) {
  return error_of_file("load_npz", bytes, [](const std::string& path) { load_npz(path); });
}

}  // namespace

TEST_CASE("npz: tensors come back under their names, in their order") {
  const Folder folder;
  Dict tensors;
  tensors.insert("fc.weight", rand({3, 4}));
  tensors.insert("b/steps", tensor(7));
  tensors.insert("leer \xc3\xbc", zeros({0, 2}));
  tensors.insert("x.npy", arange(6).view({2, 3}).t());
  tensors.insert("", ones({2}, kBool));
  save_npz(tensors, folder / "x.npz");
  const Dict back = load_npz(folder / "x.npz");
  CHECK(back.keys() == tensors.keys());
  for (const auto& item : tensors) CHECK(equal(item.value(), back[item.key()]));
  save_npz(Dict(), folder / "x.npz");
  CHECK(load_npz(folder / "x.npz").is_empty());
  CHECK(folder.files() == 1);

  nn::Sequential net(nn::Linear(3, 4), nn::BatchNorm1d(4)), other(nn::Linear(3, 4), nn::BatchNorm1d(4));
  save_npz(net->state_dict(), folder / "net.npz");
  other->load_state_dict(load_npz(folder / "net.npz"));
  CHECK(equal(other->parameters()[0], net->parameters()[0]));
}

TEST_CASE("npz: as other writers make it: deflated, extra fields, a comment") {
  const Folder folder;
  const Tensor expected = tensor({1.0f, 2.0f});
  const Dict tensors = load_npz(folder.write(
      "x.npz", zip({{"a.npy", kTwoFloats}, {"b.npy", kTwoFloats, true}, {"c.npy", kTwoFloats, true, "\1\0\4\0extr"s}},
                   "made by hand")));
  CHECK(tensors.keys() == std::vector<std::string>{"a", "b", "c"});
  for (const auto& item : tensors) CHECK(equal(item.value(), expected));
  std::string large(1'000'000, '\0');  // several buffers of input, a thousandfold of output
  std::mt19937 random(1);
  for (size_t i = 0; i < 300'000; ++i) large[i] = static_cast<char>(random());
  const Tensor back =
      load_npz(folder.write("x.npz", zip({{"x.npy", npy("|u1", false, "(1000000,)", large), true}})))["x"];
  CHECK(std::string(static_cast<const char*>(back.data_ptr()), 1'000'000) == large);
}

TEST_CASE("npz: folders, and something before the zip file") {
  const Folder folder;
  const Tensor expected = tensor({1.0f, 2.0f});
  const std::string good = zip({{"sub/", ""}, {"sub/a.npy", kTwoFloats}, {"b.npy", kTwoFloats, true}});
  for (const std::string& before : {""s, "x"s, "#!/bin/sh\n"s, std::string(100'000, 'P'), "PK\3\4"s}) {
    const Dict tensors = load_npz(folder.write("x.npz", before + good));
    CHECK(tensors.keys() == std::vector<std::string>{"sub/a", "b"});
    for (const auto& item : tensors) CHECK(equal(item.value(), expected));
  }
  CHECK(load_npz(folder.write("x.npz", zip({{"sub/", ""}}))).is_empty());
  // The records of zip64, where they are not needed.
  const std::string zip64 = "PK\6\6" + std::string(52, '\1') + "PK\6\7" + std::string(16, '\1');
  CHECK(load_npz(folder.write("x.npz", zip({{"a.npy", kTwoFloats}}, "", 1, zip64))).keys().size() == 1);
  CHECK(load_npz(folder.write("x.npz", "x" + zip({{"a.npy", kTwoFloats}}, "", 1, zip64))).keys().size() == 1);
}

TEST_CASE("npz: what cannot be read is named, and hinders nothing else") {
  const Folder folder;
  CatchWarnings warnings;
  Member locked{"locked.npy", kTwoFloats}, packed{"packed.npy", kTwoFloats};
  locked.flags = 1;
  packed.method = 12;
  const std::string path = folder.write(
      "x.npz", zip({{"text.npy", npy("<U3", false, "(1,)", std::string(12, 'x'))},
                    {"a.npy", kTwoFloats},
                    {"complex.npy", npy("<c8", false, "(1,)", "12345678"), true},
                    {"record.npy", npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': ()}", "")},
                    {"object.npy", npy("|O", false, "(1,)", "anything")},
                    locked,
                    packed,
                    {"notes.txt", "no array"},
                    {"b.npy", kTwoFloats, true}}));
  const Dict tensors = load_npz(path);
  CHECK(tensors.keys() == std::vector<std::string>{"a", "b"});
  for (const auto& item : tensors) CHECK(equal(item.value(), tensor({1.0f, 2.0f})));
  CHECK(warnings.messages.back() ==
        "load_npz: " + path +
            ": 'text.npy': the array must be of bool, integers, float16, float32 or float64; got '<U3'; convert it in "
            "Python: x.astype(numpy.float32); left out, 7 of 9: 'text', 'complex', 'record', 'object', 'locked', "
            "'packed', 'notes.txt'");
  warnings.messages.clear();
  CHECK(load_npz(path, {"b"}).keys() == std::vector<std::string>{"b"});
  CHECK(load_npz(path, {"b", "a", "b"}).keys() == std::vector<std::string>{"b", "a"});
  CHECK(load_npz(path, std::vector<std::string>{}).is_empty());
  CHECK(warnings.messages.empty());
  const auto error = [&](const char* name) { return error_of([&] { load_npz(path, {name}); }); };
  CHECK_THAT(error("text"), ContainsSubstring("'text.npy': the array must be of bool"));
  CHECK_THAT(error("complex"), ContainsSubstring("'complex.npy': the array must be of bool"));
  CHECK_THAT(error("locked"), ContainsSubstring("'locked.npy' must not be encrypted"));
  CHECK_THAT(error("packed"), ContainsSubstring("got compression 12"));
  CHECK_THAT(error("notes.txt"), ContainsSubstring("'notes.txt' must be a .npy file"));
  CHECK(error("c") == "load_npz: " + path +
                          ": must hold an array named 'c'; got 9 members: 'text', 'a', 'complex', 'record', 'object', "
                          "'locked', 'packed', 'notes.txt', 'b'");
  CHECK_THROWS_AS(load_npz(path, {"a", "text"}), TypeError);
  // Damage is no matter of kind: it makes the file an error.
  Member damaged{"b.npy", kTwoFloats};
  damaged.crc = 1;
  CHECK_THAT(error_of_npz(zip({{"a.npy", kTwoFloats}, damaged})), ContainsSubstring("must have the checksum"));
  CHECK(error_of([&] { load_npz(folder.write("y.npz", zip({{"a.npy", kTwoFloats}, damaged})), {"a"}); }) == "no error");
}

TEST_CASE("npz: a limit to what is unpacked, before memory is taken for it") {
  const Folder folder;
  const auto zeros_of = [](int64_t megabytes) {  // unpacks to a thousand times its length
    return npy("|u1", false, "(" + std::to_string(megabytes << 20) + ",)",
               std::string(static_cast<size_t>(megabytes << 20), '\0'));
  };
  const std::string path = folder.write("x.npz", zip({{"a.npy", zeros_of(3), true}, {"b.npy", zeros_of(2), true}}));
  const auto size = std::filesystem::file_size(path);
  CHECK(size < 20'000);
  CHECK(load_npz(path).size() == 2);
  const uint64_t whole = zeros_of(3).size() + zeros_of(2).size();
  CHECK(load_npz(path, whole).size() == 2);
  const auto before = memory_stats().peak;
  const std::string error = error_of([&] { load_npz(path, whole - 1); });
  CHECK(memory_stats().peak == before);
  CHECK(error == "load_npz: " + path + ": must unpack to at most " + std::to_string(whole - 1) + " bytes; got " +
                     std::to_string(whole) + " from a file of " + std::to_string(size) +
                     "; if that is meant, say so by max_bytes");
  CHECK(load_npz(path, {"b"}, zeros_of(2).size()).size() == 1);  // what is not asked for does not count
  // By default 256 MiB: a small file that claims more is not believed, though it could hold that.
  Member bomb{"bomb.npy", std::string(300'000, 'x')};
  bomb.method = 8;
  bomb.size = 269'000'000;
  const std::string bombs = folder.write("bomb.npz", zip({bomb, {"b.npy", kTwoFloats}}));
  CHECK_THAT(error_of([&] { load_npz(bombs); }),
             ContainsSubstring("must unpack to at most 268435456 bytes; got 2690000"));
  CHECK_THAT(error_of([&] { load_npz(bombs, 300'000'000); }), ContainsSubstring("must be undamaged compressed data"));
  CHECK(load_npz(bombs, {"b"}).size() == 1);
}

TEST_CASE("npz: names of every length of UTF-8, to its limits") {
  const Folder folder;
  Dict tensors;
  for (const char* name :
       {"", "a", "\xc3\xa9", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    tensors.insert(name, ones({1}));
  }
  save_npz(tensors, folder / "x.npz");
  CHECK(load_npz(folder / "x.npz").keys() == tensors.keys());
}

TEST_CASE("npz: what cannot be saved leaves the file that was there") {
  const Folder folder;
  const std::string path = folder.write("x.npz", "old");
  const auto error = [&](const std::string& name, const Tensor& value) {
    Dict tensors;
    tensors.insert(name, value);
    return error_of([&] { save_npz(tensors, path); });
  };
  CHECK_THAT(error("x", Tensor()), ContainsSubstring("x.npz: 'x': the tensor must be defined"));
  for (const std::string& name : {"\xff"s, "a\0b"s, "\xc3"s, "\xe0\x80"s, std::string(70000, 'x')}) {
    CHECK_THAT(error(name, ones({1})), ContainsSubstring("must be a name in UTF-8, without zero bytes"));
  }
  for (const char* name : {"\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80"}) {
    CHECK_THAT(error(name, ones({1})), ContainsSubstring("must be a name in UTF-8"));
  }
  CHECK_THAT(error("x", ones({1}).expand({int64_t{1} << 30})), ContainsSubstring("the file must be below 4 GiB"));
  CHECK_THAT(error("x", ones({1}).expand({int64_t{1} << 40, 1 << 20})),
             ContainsSubstring("the file must be below 4 GiB"));
  CHECK(read_bytes(path) == "old");
  CHECK_THAT(error_of([&] { save_npy(Tensor(), path); }),
             ContainsSubstring("save_npy: " + path + ": the tensor must be"));
  CHECK_THAT(error_of([&] { save_npy(ones({1}), folder / "no/x"); }), ContainsSubstring("make the folder first"));
  CHECK(folder.files() == 1);
}

TEST_CASE("hostile npz: cut short at every byte, damaged at every byte") {
  const Folder folder;
  CatchWarnings warnings;
  const std::string good = zip({{"a.npy", kTwoFloats}, {"b.npy", kTwoFloats, true}});
  REQUIRE(error_of_npz(good) == "no error");
  for (size_t size = 0; size < good.size(); ++size) CHECK(error_of_npz(good.substr(0, size)) != "no error");
  CHECK(error_of_npz(good + "x") != "no error");
  const Tensor expected = tensor({1.0f, 2.0f});
  for (size_t i = 0; i < good.size(); ++i) {
    for (int flip : {1, 128}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ flip);
      Dict tensors;
      const std::string path = folder.write("bad.npz", bad);
      const std::string error = error_of([&] { tensors = load_npz(path); });
      if (error != "no error") CHECK_THAT(error, ContainsSubstring("load_npz: " + path));
      for (const auto& item : tensors) CHECK(equal(item.value(), expected));  // times and versions do not count
    }
  }
}

TEST_CASE("hostile npz: members that lie") {
  const Member good{"a.npy", kTwoFloats}, packed{"a.npy", kTwoFloats, true};
  const auto error = [](Member member, auto change) {
    change(member);
    return error_of_npz(zip({member}));
  };
  CHECK_THAT(error(good, [](Member& m) { m.flags = 1; }), ContainsSubstring("'a.npy' must not be encrypted"));
  CHECK_THAT(error(good, [](Member& m) { m.method = 12; }), ContainsSubstring("got compression 12"));
  CHECK_THAT(error(good, [](Member& m) { m.size = 1; }), ContainsSubstring("must have one size"));
  CHECK_THAT(error(good, [](Member& m) { m.size = 0xffffffff; }), ContainsSubstring("(zip64 is not read)"));
  CHECK_THAT(error(good, [](Member& m) { m.offset = 0xffffffff; }), ContainsSubstring("(zip64 is not read)"));
  CHECK_THAT(error(good, [](Member& m) { m.offset = 1; }), ContainsSubstring("must end before what follows it"));
  CHECK_THAT(error(good, [](Member& m) { m.offset = 0x7fffffff; }),
             ContainsSubstring("must end before what follows it"));
  CHECK_THAT(error(good, [](Member& m) { m.size = m.packed = 5000; }),
             ContainsSubstring("must end before what follows"));
  CHECK_THAT(error(good, [](Member& m) { m.extra = std::string(9, 'x'); }), ContainsSubstring("no error"));
  CHECK_THAT(error(good, [](Member& m) { m.crc = 1; }), ContainsSubstring("must have the checksum"));
  CHECK_THAT(error(packed, [](Member& m) { m.crc = 1; }), ContainsSubstring("must have the checksum"));
  CHECK_THAT(error(packed, [](Member& m) { m.size = 200'000; }), ContainsSubstring("must not claim more than 1032"));
  CHECK_THAT(error(packed, [](Member& m) { m.size = 1000; }), ContainsSubstring("'a.npy': must have 8 bytes after"));
  CHECK_THAT(error(packed, [](Member& m) { m.size = 20; }), ContainsSubstring("must have the whole of its header"));
  CHECK_THAT(error(good, [](Member& m) { m.method = 8; }), ContainsSubstring("must "));
  CHECK_THAT(error(good, [](Member& m) { m.name = "a.txt"; }),
             ContainsSubstring("must have .npy files as its members; got 'a.txt'; the file is a zip file; unpack it"));
  CHECK_THAT(error(good, [](Member& m) { m.name = "\x1b[31m\xff.npy"; }),
             ContainsSubstring("'\\x1b[31m\\xff.npy' must be a name in UTF-8"));
  // Says 9 bytes of values, has 8 and stops.
  std::string longer = npy("|u1", false, "(9,)", "12345678");
  CHECK_THAT(error({"a.npy", longer, true}, [&](Member& m) { m.size = static_cast<int64_t>(longer.size()) + 1; }),
             ContainsSubstring("must unpack to"));
  CHECK_THAT(
      error({"a.npy", kTwoFloats + "more", true}, [](Member& m) { m.size = static_cast<int64_t>(kTwoFloats.size()); }),
      ContainsSubstring("got more; the file is damaged"));
  CHECK_THAT(error_of_npz(zip({good, good})), ContainsSubstring("must have each name once; got 'a' twice"));
  CHECK_THAT(error_of_npz(zip({good}, "", 2)),
             ContainsSubstring("the directory must have 2 members; entry 1 is damaged"));
  CHECK_THAT(error_of_npz(zip({good}, "", 0xffff)), ContainsSubstring("(zip64 is not read)"));
  CHECK_THAT(error_of_npz(zip({good}, "", 0)), ContainsSubstring("bytes more"));
  CHECK_THAT(error_of_npz(zip({good}, "", 1, "gap")),
             ContainsSubstring("the directory must have 1 members; entry 0 is damaged"));
  Member second = good;
  second.name = "b.npy";
  second.offset = 0;
  CHECK(error_of_npz(zip({good, second})) != "no error");  // both at one place
  CHECK_THAT(error_of_npz(kTwoFloats), ContainsSubstring("must be a .npz file; got a NumPy array (.npy); read it by"));
  CHECK_THAT(error_of_npz("text"), ContainsSubstring("must end with the directory of a zip file; there is none"));
  Member pickled{"model/data.pkl", "x"};
  CHECK_THAT(
      error_of_npz(zip({pickled, {"model/version", "3"}})),
      ContainsSubstring("must have .npy files as its members; got 'model/data.pkl', 'model/version'; the file is a "
                        "file of PyTorch's torch.save; convert it in Python"));
}
