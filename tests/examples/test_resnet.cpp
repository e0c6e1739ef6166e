// The ResNet, run as users run it: small, on a small part of the data.
#include <taper/data/png.h>
#include <taper/taper.h>

#include <csignal>
#include <fstream>

#include "program.h"

namespace {

struct ResNet : Run {
  explicit ResNet(const Arguments& arguments) : Run(TAPER_RESNET, arguments) {}
};

const Arguments kSmall = {"--train-size", "4097", "--batch-size", "32", "--test-size", "500",
                          "--epochs",     "2",    "--width",      "8",  "--seed",      "1"};

}  // namespace

TEST_CASE("resnet learns, and keeps table, JSON, CSV and weights; the same with one thread") {
  ResNet all(kSmall), one(with(kSmall, {"--threads", "1"}));
  INFO(all.program.err());
  REQUIRE(all.program.wait() == 0);
  REQUIRE(one.program.wait() == 0);

  const auto json = all.json();
  CHECK(json["data"] == "SynthDigits");
  CHECK(json["seed"] == 1);
  CHECK(json["augment"] == true);
  REQUIRE(json["epochs"].size() == 2);
  CHECK(json["epochs"][0]["learning_rate"] > json["epochs"][1]["learning_rate"]);
  CHECK(json["test_accuracy"] > 60);
  CHECK(json["test_accuracy"] == json["epochs"][1]["test_accuracy"]);
  CHECK_THAT(all.program.out(), ContainsSubstring("ResNet-8") && ContainsSubstring("images/s"));
  CHECK(
      read_bytes(all.folder / "out/resnet.csv").rfind("epoch,loss,test_accuracy,learning_rate,train_seconds\n1,", 0) ==
      0);

  const std::string weights = read_bytes(all.folder / "out/resnet.safetensors");
  CHECK(weights == read_bytes(one.folder / "out/resnet.safetensors"));
  const auto state = taper::serialize::load_safetensors(all.folder / "out/resnet.safetensors");
  CHECK(state["conv1.weight"].sizes() == taper::IntArrayRef({8, 1, 3, 3}));
  CHECK(state["stages.1.downsample.0.weight"].sizes() == taper::IntArrayRef({16, 8, 1, 1}));
  CHECK_FALSE(state.contains("stages.0.downsample.0.weight"));
  CHECK(state["stages.2.bn2.weight"].abs().max().item<float>() > 0);   // begun at 0
  CHECK(state["bn1.num_batches_tracked"].item<int64_t>() == 2 * 128);  // the last batch, of one image, is left out
}

TEST_CASE("resnet: more blocks, images as they are") {
  ResNet resnet(
      {"--train-size", "200", "--test-size", "100", "--width", "4", "--blocks", "2", "--epochs", "1", "--no-augment"});
  INFO(resnet.program.err());
  REQUIRE(resnet.program.wait() == 0);
  CHECK(resnet.json()["augment"] == false);
  CHECK_THAT(resnet.program.out(), ContainsSubstring("ResNet-14"));
}

TEST_CASE("resnet learns CIFAR-10's files and folders of pictures, too") {
  Folder data;
  const auto run = [](const std::string& folder, const std::string& sizes) {
    ResNet resnet({"--data", folder, "--width", "4", "--epochs", "1", "--batch-size", "8"});
    INFO(resnet.program.err());
    REQUIRE(resnet.program.wait() == 0);
    CHECK_THAT(resnet.program.out(), ContainsSubstring("data: " + folder + ", " + sizes));
    return taper::serialize::load_safetensors(resnet.folder / "out/resnet.safetensors");
  };
  std::filesystem::create_directory(data / "cifar");
  for (const std::string name :
       {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"}) {
    std::ofstream file(data / ("cifar/" + name + ".bin"), std::ios::binary);
    for (char label = 0; label < 10; ++label) file << label << std::string(3072, static_cast<char>(20 * label));
  }
  const auto cifar = run(data / "cifar", "50 training images and 10 test images");
  CHECK(cifar["conv1.weight"].sizes() == taper::IntArrayRef({4, 3, 3, 3}));
  CHECK(cifar["fc.weight"].size(0) == 10);

  for (const std::string folder : {"train/cat", "train/dog", "test/cat", "test/dog"}) {
    std::filesystem::create_directories(data / ("pictures/" + folder));
    for (int i = 0; i < 6; ++i) {
      const taper::Tensor image = taper::full({3, 12, 10}, 40 * i, taper::kUInt8);
      taper::data::write_png(image, data / ("pictures/" + folder + "/" + std::to_string(i) + ".png"));
    }
  }
  CHECK(run(data / "pictures", "12 training images and 12 test images")["fc.weight"].size(0) == 2);

  std::filesystem::create_directories(data / "pictures/test/cow");
  std::filesystem::copy(data / "pictures/test/cat/0.png", data / "pictures/test/cow/0.png");
  ResNet resnet({"--data", data / "pictures"});
  CHECK(resnet.program.wait() == 1);
  CHECK_THAT(resnet.program.err(), ContainsSubstring("must have the same classes"));
}

TEST_CASE("resnet keeps its results when it is stopped") {
  ResNet resnet({"--train-size", "300", "--test-size", "100", "--width", "4", "--epochs", "100000"});
  REQUIRE(resnet.program.says("epoch 2/100000  test"));
  resnet.program.send(SIGINT);
  CHECK(resnet.program.wait() == 128 + SIGINT);
  CHECK(resnet.json()["interrupted"] == true);
  CHECK(resnet.json()["epochs"].size() >= 2);
  CHECK(std::filesystem::exists(resnet.folder / "out/resnet.safetensors"));
}

TEST_CASE("resnet refuses a wrong command line") {
  check_refused<ResNet>({
      {{"--batch-size", "1"}, "--batch-size: must be at least 2 for BatchNorm; got 1"},
      {{"--blocks", "0"}, "--blocks: must be a whole number from 1 to 100; got 0"},
      {{"--lr", "nan"}, "--lr: must be a finite number above 0; got nan"},
  });
}
