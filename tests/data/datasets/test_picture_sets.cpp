// CIFAR10 and ImageFolder, on files made here.
#include "support/files.h"
#include "support/text.h"

#include <taper/taper.h>

#include <unistd.h>

using namespace taper;
using namespace taper::data;
using namespace support;
using datasets::CIFAR10;
using datasets::ImageFolder;
namespace fs = std::filesystem;

namespace {

std::string record(int label, int seed) {
  std::string bytes(1, static_cast<char>(label));
  for (int i = 0; i < 3072; ++i) bytes += static_cast<char>(seed + i * 7);
  return bytes;
}

void write_all(const Folder& folder, const std::string& sub = "") {
  for (int i = 1; i <= 5; ++i) {
    folder.write(sub + "data_batch_" + std::to_string(i) + ".bin", record(i, i) + record(9, 10 * i));
  }
  folder.write(sub + "test_batch.bin", record(0, 100));
}

}  // namespace

TEST_CASE("CIFAR10: bytes become floats in [0, 1], plane by plane, labels int64") {
  const Folder folder;
  write_all(folder);
  CIFAR10 train(folder.path), test(folder.path, CIFAR10::Mode::kTest);
  CHECK(train.size() == 10u);
  CHECK(train.is_train());
  CHECK(test.size() == 1u);
  CHECK(!test.is_train());
  CHECK(equal(train.targets(), tensor({1, 9, 2, 9, 3, 9, 4, 9, 5, 9})));
  CHECK(train.images().sizes() == IntArrayRef({10, 3, 32, 32}));
  const Example<> sample = train.get(2);
  CHECK(sample.data.sizes() == IntArrayRef({3, 32, 32}));
  CHECK(sample.target.item<int64_t>() == 2);
  for (int64_t i : {0, 1, 1023, 1024, 3071}) {
    CHECK(sample.data.flatten()[i].item<float>() == static_cast<float>((2 + i * 7) & 255) / 255.0f);
  }
  CHECK(equal(train.get_stacked({2, 4}).data, train.images().index_select(0, tensor({2, 4}))));
  CHECK_THROWS_WITH(train.get(10), "CIFAR10: the index must be below the number of samples; got 10 and 10 samples");

  const Folder outer;
  fs::create_directory(outer / "cifar-10-batches-bin");
  write_all(outer, "cifar-10-batches-bin/");
  CHECK(equal(CIFAR10(outer.path).images(), train.images()));
}

TEST_CASE("CIFAR10: files that are missing, cut short, too long or of another kind") {
  const Folder folder;
  CHECK(error_of([&] { CIFAR10(folder.path); }) ==
        "CIFAR10: data_batch_1.bin must be in " + folder.path + " or " + folder.path +
            "/cifar-10-batches-bin; it is in neither; unpack cifar-10-binary.tar.gz, the binary version of CIFAR-10, "
            "there");
  CHECK_THAT(error_of([&] { CIFAR10("/no/folder"); }), ContainsSubstring("(no such folder)"));
  write_all(folder);
  fs::remove(folder / "data_batch_3.bin");
  CHECK_THAT(error_of([&] { CIFAR10(folder.path); }), ContainsSubstring("data_batch_3.bin: must exist"));
  for (const std::string& bytes : {std::string(), record(1, 1).substr(1), record(1, 1) + "x"}) {
    folder.write("data_batch_3.bin", bytes);
    CHECK_THAT(error_of([&] { CIFAR10(folder.path); }),
               ContainsSubstring("data_batch_3.bin: must be records of 3073 bytes, at least one; got " +
                                 std::to_string(bytes.size()) + " bytes; the file is cut short"));
  }
  folder.write("data_batch_3.bin", record(1, 1) + record(10, 1));
  CHECK_THAT(error_of([&] { CIFAR10(folder.path); }),
             ContainsSubstring("data_batch_3.bin: labels must be from 0 to 9; got 10 in record 1"));
}

namespace {

struct Animals : Folder {
  Animals() {
    for (const char* sub : {"cat", "Dog", "ant", "ant/more", ".hidden"}) fs::create_directory(*this / sub);
    write_png(full({3, 2, 4}, 51, kUInt8), *this / "cat/b.png");
    write_png(full({1, 3, 3}, 102, kUInt8), *this / "cat/a.PNG");
    write_png(arange(27, kUInt8).view({3, 3, 3}), *this / "Dog/1.png");
    write_png(zeros({3, 3, 3}, kUInt8), *this / "ant/2.png");
    write_png(zeros({3, 3, 3}, kUInt8), *this / "ant/more/1.png");
    write("cat/notes.txt", "no picture");
    write("cat/.b.png", "a leftover of another system");
    write("readme.png", "not in a class");
  }
};

}  // namespace

TEST_CASE("ImageFolder: classes by name, files by path, pictures read when asked for") {
  const Animals folder;
  ImageFolder animals(folder.path);
  CHECK(animals.classes() == std::vector<std::string>{"Dog", "ant", "cat"});
  CHECK(animals.class_to_idx("cat") == 2);
  CHECK_THROWS_WITH(animals.class_to_idx("cow"),
                    "ImageFolder: the class must be one of 'Dog', 'ant', 'cat'; got 'cow'");
  std::vector<std::string> names;
  for (const std::string& file : animals.files()) names.push_back(file.substr(folder.path.size()));
  CHECK(names == std::vector<std::string>{"/Dog/1.png", "/ant/2.png", "/ant/more/1.png", "/cat/a.PNG", "/cat/b.png"});
  CHECK(equal(animals.targets(), tensor({0, 1, 1, 2, 2})));
  CHECK(animals.size() == 5u);
  const Example<> dog = animals.get(0), cat = animals.get(3), other = animals.get(4);
  CHECK(equal(dog.data, arange(27).view({3, 3, 3}).to(kFloat32) / 255.0));
  CHECK(dog.target.item<int64_t>() == 0);
  CHECK(cat.data.sizes() == IntArrayRef({3, 3, 3}));
  CHECK(cat.data[2][1][1].item<float>() == 102.0f / 255.0f);
  CHECK(other.data.sizes() == IntArrayRef({3, 2, 4}));
  CHECK(ImageFolder(folder.path, 1).get(0).data.sizes() == IntArrayRef({1, 3, 3}));
  CHECK(ImageFolder(folder.path, 0).get(3).data.sizes() == IntArrayRef({1, 3, 3}));
  CHECK_THROWS_AS(animals.get(5), IndexError);
}

TEST_CASE("ImageFolder: what is no such folder, and files that cannot be read") {
  const Folder folder;
  CHECK(error_of([&] { ImageFolder(folder / "none"); }) ==
        "ImageFolder: " + folder.path +
            "/none: must be a folder with a sub-folder of PNG files for each class; there is no such folder");
  CHECK_THAT(error_of([&] { ImageFolder{folder.path}; }), ContainsSubstring("for each class; it has none"));
  CHECK_THROWS_AS(ImageFolder(folder.path, 2), ValueError);
  const Animals animals;
  fs::create_directory(animals / "bee");
  fs::create_directory(animals / "zebra");
  CHECK_THAT(
      error_of([&] { ImageFolder{animals.path}; }),
      ContainsSubstring("each class must have at least one PNG file; got none in 'bee', 'zebra'; other formats"));
  fs::remove(animals / "bee");
  fs::remove(animals / "zebra");
  animals.write("cat/a.PNG", "damaged");
  ImageFolder dataset(animals.path);
  CHECK_THAT(error_of([&] { dataset.get(3); }), ContainsSubstring("read_png: " + animals.path + "/cat/a.PNG: must be"));
  auto loader = make_data_loader<samplers::SequentialSampler>(dataset, DataLoaderOptions(1).workers(1));
  CHECK_THROWS_WITH(
      [&] {
        for (auto& batch : *loader) CHECK(batch.size() == 1);
      }(),
      ContainsSubstring("Original message: read_png: ") && ContainsSubstring("cat/a.PNG"));
}

TEST_CASE("ImageFolder: pictures in folders of a class come behind its own, folders by name") {
  const Folder folder;
  fs::create_directories(folder / "cat/a/x");
  fs::create_directories(folder / "cat/a-b");
  for (const char* file : {"cat/b.png", "cat/z.png", "cat/a/1.png", "cat/a/x/0.png", "cat/a-b/2.png"}) {
    write_png(zeros({2, 2}, kUInt8), folder / file);
  }
  const ImageFolder cats(folder.path);
  std::vector<std::string> names;
  for (const std::string& file : cats.files()) names.push_back(file.substr(folder.path.size() + 5));
  CHECK(names == std::vector<std::string>{"b.png", "z.png", "a/1.png", "a-b/2.png", "a/x/0.png"});
}

TEST_CASE("ImageFolder: links that lead nowhere are errors, links to folders are no classes' sub-folders") {
  const Animals folder;
  fs::create_symlink("..", folder / "cat/up");  // a circle for whoever follows it
  CHECK(ImageFolder(folder.path).size() == 5u);
  fs::create_symlink("gone.png", folder / "cat/c.png");
  CHECK(error_of([&] { ImageFolder{folder.path}; }) ==
        "ImageFolder: " + folder.path +
            "/cat/c.png: must be a readable file or folder; got: No such "
            "file or directory");
  fs::remove(folder / "cat/c.png");
  fs::create_symlink("d.png", folder / "cat/d.png");
  CHECK_THAT(error_of([&] { ImageFolder{folder.path}; }), ContainsSubstring("/cat/d.png: must be a readable file"));
  fs::remove(folder / "cat/d.png");
  fs::create_symlink("/no/such/class", folder / "emu");
  CHECK_THAT(error_of([&] { ImageFolder{folder.path}; }), ContainsSubstring("/emu: must be a readable file"));
}

TEST_CASE("ImageFolder: a folder that cannot be read is named") {
  if (geteuid() == 0) return;  // root reads everything
  const Animals folder;
  fs::permissions(folder / "ant/more", fs::perms::none);
  const std::string error = error_of([&] { ImageFolder{folder.path}; });
  fs::permissions(folder / "ant/more", fs::perms::all);
  CHECK(error == "ImageFolder: " + folder.path + "/ant/more: must be a readable folder; got: Permission denied");
}

TEST_CASE("pictures of a folder, cropped and flipped in worker threads: the same batches for any number of them") {
  const Folder folder;
  fs::create_directory(folder / "a");
  fs::create_directory(folder / "b");
  for (int i = 0; i < 12; ++i) {
    write_png(randint(0, 256, {3, 10 + i % 3, 9 + i % 4}, kUInt8),
              folder / ((i % 2 == 0 ? "a/" : "b/") + std::to_string(i) + ".png"));
  }
  const auto epochs = [&](size_t workers) {
    manual_seed(11);
    auto loader = make_data_loader(ImageFolder(folder.path)
                                       .map(transforms::RandomCrop<>({8, 8}, 2))
                                       .map(transforms::RandomHorizontalFlip<>())
                                       .map(transforms::Stack<>()),
                                   DataLoaderOptions(5).workers(workers));
    std::vector<Tensor> seen;
    for (int epoch = 0; epoch < 2; ++epoch) {
      for (auto& batch : *loader) seen.insert(seen.end(), {batch.data, batch.target});
    }
    return seen;
  };
  const std::vector<Tensor> expected = epochs(0);
  REQUIRE(expected.size() == 12);
  CHECK(expected[0].sizes() == IntArrayRef({5, 3, 8, 8}));
  for (size_t workers : {1, 3}) {
    const std::vector<Tensor> seen = epochs(workers);
    REQUIRE(seen.size() == expected.size());
    for (size_t i = 0; i < seen.size(); ++i) CHECK(equal(seen[i], expected[i]));
  }
}
