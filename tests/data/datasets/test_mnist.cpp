#include <taper/autograd/functions.h>
#include <taper/core/factories.h>
#include <taper/data/data.h>

#include "catch.h"
#include "support/files.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace taper::data;
using namespace support;
using datasets::MNIST;
using taper::Tensor;
using Indices = std::vector<size_t>;
namespace fs = std::filesystem;

namespace {

// An IDX file of bytes i * step with the sizes declared; `length` bytes of them, all unless given.
void write_idx(const fs::path& path, const std::vector<uint32_t>& sizes, uint32_t step,
               taper::optional<size_t> length = {}) {
  std::string bytes = idx_header(sizes);
  size_t n = 1;
  for (const uint32_t size : sizes) n *= size;
  for (size_t i = 0; i < length.value_or(n); ++i) bytes.push_back(static_cast<char>(i * step));
  std::ofstream(path, std::ios::binary) << bytes;
}

struct Files : Folder {
  fs::path images = *this / "train-images-idx3-ubyte", labels = *this / "train-labels-idx1-ubyte";
};

}  // namespace

TEST_CASE("MNIST: bytes become floats in [0, 1], labels int64") {
  Files files;
  write_idx(files.images, {3, 28, 28}, 1);
  write_idx(files.labels, {3}, 4);
  MNIST dataset(files.path);
  CHECK(dataset.size() == 3u);
  CHECK(dataset.is_train());
  CHECK(dataset.images().sizes() == taper::IntArrayRef({3, 1, 28, 28}));
  CHECK(dataset.images().dtype() == taper::kFloat32);
  CHECK(taper::equal(dataset.targets(), taper::tensor({0, 4, 8})));
  const float* pixels = dataset.images().data_ptr<float>();
  for (int i = 0; i < 3 * 784; ++i) REQUIRE(pixels[i] == static_cast<float>(i % 256) / 255.f);

  const Example<> sample = dataset.get(2);
  CHECK(taper::equal(sample.data, dataset.images()[2]));
  CHECK(sample.target.dim() == 0);
  CHECK(sample.target.item<int64_t>() == 8);
  const Example<> batch = dataset.map(transforms::Stack<>()).get_batch(Indices{2, 0});
  CHECK(taper::equal(batch.data, dataset.images().index_select(0, taper::tensor({2, 0}))));
  CHECK(taper::equal(batch.target, taper::tensor({8, 0})));
}

TEST_CASE("MNIST: images() is converted once, also when several copies ask at once") {
  Files files;
  write_idx(files.images, {50, 28, 28}, 1);
  write_idx(files.labels, {50}, 1);
  const MNIST dataset(files.path);
  const MNIST copy = dataset;
  const Tensor* seen[4] = {};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&, i] { seen[i] = &(i % 2 ? copy : dataset).images(); });
  for (std::thread& thread : threads) thread.join();
  for (const Tensor* images : seen) CHECK(images == seen[0]);
}

TEST_CASE("MNIST: the test split has files of its own") {
  Files files;
  write_idx(files / "t10k-images-idx3-ubyte", {2, 28, 28}, 1);
  write_idx(files / "t10k-labels-idx1-ubyte", {2}, 1);
  CHECK(!MNIST(files.path, MNIST::Mode::kTest).is_train());
  CHECK_THROWS_AS(MNIST(files.path), taper::Error);
}

TEST_CASE("MNIST: a missing folder lists where it looked, by absolute path") {
  const Folder folder;
  const std::string missing = folder / "nothing/here";
  CHECK_THROWS_WITH(MNIST(missing), ContainsSubstring(missing + "/train-images-idx3-ubyte") &&
                                        ContainsSubstring(missing + "/MNIST/raw/train-images-idx3-ubyte.gz"));
  CHECK_THROWS_WITH(MNIST("no/such/folder"), ContainsSubstring((fs::current_path() / "no/such/folder").string()));
}

TEST_CASE("MNIST: files that do not fit together or are no MNIST") {
  Files files;
  const auto load = [&] { MNIST dataset(files.path); };
  write_idx(files.images, {3, 28, 28}, 1);
  write_idx(files.labels, {4}, 1);
  CHECK_THROWS_WITH(load(), ContainsSubstring("3 images") && ContainsSubstring("4 labels") &&
                                ContainsSubstring(files.images.string()) && ContainsSubstring(files.labels.string()));
  write_idx(files.labels, {3, 1}, 1);
  CHECK_THROWS_WITH(load(), ContainsSubstring("[3, 1]"));
  write_idx(files.labels, {3}, 1);
  write_idx(files.images, {3, 32, 32}, 1);
  CHECK_THROWS_WITH(load(), ContainsSubstring("[3, 32, 32]"));
  write_idx(files.images, {3, 784}, 1);
  CHECK_THROWS_WITH(load(), ContainsSubstring("[3, 784]"));
  write_idx(files.images, {0, 28, 28}, 1);
  write_idx(files.labels, {0}, 1);
  CHECK_THROWS_AS(load(), taper::Error);
}

TEST_CASE("MNIST: hostile files are refused by name") {
  Files files;
  write_idx(files.labels, {3}, 1);
  const auto load = [&] { MNIST dataset(files.path); };
  SECTION("truncated") { write_idx(files.images, {3, 28, 28}, 1, 3 * 784 - 1); }
  SECTION("longer than it says") { write_idx(files.images, {3, 28, 28}, 1, 3 * 784 + 1); }
  SECTION("says it is huge") { write_idx(files.images, {0xffffffff, 0xffffffff, 0xffffffff}, 1, 100); }
  SECTION("a product that overflows to its length") { write_idx(files.images, {1u << 31, 1u << 31, 4}, 1, 0); }
  SECTION("empty") { std::ofstream(files.images).flush(); }
  SECTION("text") { std::ofstream(files.images) << "<html>not found</html>"; }
  SECTION("broken gzip") {
    std::ofstream(files.images, std::ios::binary) << "\x1f\x8b\x08garbage that is no deflate stream";
  }
  CHECK_THROWS_WITH(load(), ContainsSubstring(files.images.string()));
}

TEST_CASE("MNIST: the real files, where TAPER_DATA says they are") {
  const char* folder = std::getenv("TAPER_DATA");
  if (folder == nullptr) return;
  MNIST train(folder), test(folder, MNIST::Mode::kTest);
  CHECK(train.size() == 60000u);
  CHECK(test.size() == 10000u);
  // Published figures of the training set: mean 0.1307, standard deviation 0.3081, first label 5.
  CHECK(train.images().mean().item<float>() == Approx(0.1307).margin(5e-5));
  CHECK(train.images().std().item<float>() == Approx(0.3081).margin(5e-5));
  CHECK(train.get(0).target.item<int64_t>() == 5);
  CHECK(test.targets().max().item<int64_t>() == 9);
}
