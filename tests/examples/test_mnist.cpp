// The bundled program, run as users run it: on a small part of the data.
#include <taper/core/blas.h>
#include <taper/core/blas_bf16.h>
#include <taper/taper.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "program.h"

namespace {

// Runs on 4,000 + 1,000 of the digits unless `arguments` say otherwise, with all results in a folder.
struct Mnist : Run {
  explicit Mnist(const Arguments& arguments, Arguments environment = {})
      : Run(TAPER_MNIST,
            preset(preset(preset(arguments, "--train-size", "4000"), "--test-size", "1000"), "--epochs", "2"),
            std::move(environment)) {}
};

// Whether products are taper's, and those of any x86-64 processor with fused multiply-adds.
bool has_fused_products() {
  const std::string backend = taper::blas::backend();
  if (backend == "taper (avx2)" || backend == "taper (avx512)") return true;
  WARN("the known checksums are not those of " << backend);
  return false;
}

}  // namespace

TEST_CASE("mnist learns, and reports as table, JSON and CSV") {
  Mnist mnist({"--seed", "3"});
  INFO(mnist.program.err());
  REQUIRE(mnist.program.wait() == 0);

  const auto json = mnist.json();
  CHECK(json["data"] == "SynthDigits");
  CHECK(json["seed"] == 3);
  CHECK(json["threads"] == taper::get_num_threads());
  CHECK(json["version"] == taper::kVersion);
  CHECK(json["interrupted"] == false);
  for (const auto& [net, floor] : {std::pair("plain", 70.0), std::pair("batchnorm", 80.0)}) {
    INFO(net << ": " << json[net].dump());
    CHECK(json[net]["test_accuracy"] > floor);
    CHECK(json[net]["test_accuracy_by_epoch"].size() == 2);
    CHECK(json[net]["test_accuracy_by_epoch"][1] == json[net]["test_accuracy"]);
    CHECK(json[net]["train_seconds"] > 0);
    CHECK(json[net]["images_per_second"] > 0);
  }

  CHECK_THAT(mnist.program.out(), ContainsSubstring("data: SynthDigits") && ContainsSubstring("without BatchNorm") &&
                                      ContainsSubstring(json["plain"]["weights_checksum"].get<std::string>()));
  const std::string csv = read_bytes(mnist.folder / "out/mnist.csv");
  CHECK(csv.rfind("net,epoch,loss,test_accuracy,train_seconds\nplain,1,", 0) == 0);
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 5);
}

TEST_CASE("mnist gives the same weights with one thread and with all, on every processor") {
  Mnist one({"--threads", "1"}), all({});
  REQUIRE(one.program.wait() == 0);
  REQUIRE(all.program.wait() == 0);
  for (const char* net : {"plain", "batchnorm"}) {
    CHECK(one.json()[net]["weights_checksum"] == all.json()[net]["weights_checksum"]);
  }
  CHECK(one.json()["plain"]["weights_checksum"] != one.json()["batchnorm"]["weights_checksum"]);
  if (!has_fused_products()) return;
  CHECK(one.json()["plain"]["weights_checksum"] == "f3bee2823d658aac");
  CHECK(one.json()["batchnorm"]["weights_checksum"] == "2a9c9cf97cdbe856");
}

TEST_CASE("mnist trains a net alone as it does beside the other") {
  Mnist both({"--epochs", "1"}), bn({"--epochs", "1", "--net", "bn"}),
      seed({"--epochs", "1", "--net", "bn", "--seed", "1"});
  REQUIRE(both.program.wait() == 0);
  REQUIRE(bn.program.wait() == 0);
  REQUIRE(seed.program.wait() == 0);
  CHECK_THAT(bn.program.out(), ContainsSubstring("4,000 training images and 1,000 test images") &&
                                   ContainsSubstring("784-512-256-10; 1 epoch in batches"));
  CHECK_FALSE(bn.json().contains("plain"));
  CHECK(bn.json()["batchnorm"]["weights_checksum"] == both.json()["batchnorm"]["weights_checksum"]);
  CHECK(bn.json()["batchnorm"]["weights_checksum"] != seed.json()["batchnorm"]["weights_checksum"]);
}

TEST_CASE("mnist trains a convolutional net, the same with one thread and with all") {
  const Arguments arguments{"--net", "cnn", "--epochs", "1", "--train-size", "1000"};
  Mnist all(arguments), one(with(arguments, {"--threads", "1"}));
  REQUIRE(all.program.wait() == 0);
  REQUIRE(one.program.wait() == 0);
  CHECK(all.program.says("net: conv32-BN-ReLU-pool"));
  CHECK(all.json()["cnn"]["test_accuracy"] > 60);
  CHECK(all.json()["cnn"]["weights_checksum"] == one.json()["cnn"]["weights_checksum"]);
  if (has_fused_products()) CHECK(one.json()["cnn"]["weights_checksum"] == "29ccc7e3b34c51e7");
}

TEST_CASE("mnist in bfloat16 learns as it does in float32, the same with one thread and with all") {
  const Arguments arguments{"--epochs", "1", "--precision", "bf16"};
  Mnist wide({"--epochs", "1"}), all(arguments), one(with(arguments, {"--threads", "1"}));
  REQUIRE(wide.program.wait() == 0);
  REQUIRE(all.program.wait() == 0);
  REQUIRE(one.program.wait() == 0);
  CHECK(all.program.says("products in bfloat16, computed by: " + taper::blas::bf16_backend()));
  for (const char* net : {"plain", "batchnorm"}) {
    CHECK(all.json()[net]["weights_checksum"] == one.json()[net]["weights_checksum"]);
    CHECK(all.json()[net]["weights_checksum"] != wide.json()[net]["weights_checksum"]);
    const double accuracy = all.json()[net]["test_accuracy"], expected = wide.json()[net]["test_accuracy"];
    CHECK(std::abs(accuracy - expected) < 3);
  }
}

TEST_CASE("mnist saves models that load again") {
  Folder models;
  Mnist mnist({"--epochs", "1", "--save", models / "new/folder"});
  INFO(mnist.program.err());
  REQUIRE(mnist.program.wait() == 0);
  const auto state = taper::serialize::load_safetensors(models / "new/folder/batchnorm.safetensors");
  CHECK(state["fc1.weight"].sizes() == taper::IntArrayRef({512, 784}));
  CHECK(state["bn2.running_mean"].sizes() == taper::IntArrayRef({256}));
  CHECK(state["bn2.num_batches_tracked"].item<int64_t>() == 63);
  CHECK(taper::serialize::load_safetensors(models / "new/folder/plain.safetensors").contains("fc1.bias"));
}

TEST_CASE("mnist refuses a wrong command line before it begins") {
  const int cores = std::max(static_cast<int>(std::thread::hardware_concurrency()), taper::get_num_threads());
  const std::vector<std::pair<Arguments, std::string>> wrong = {
      {{"--batch-size", "0"}, "--batch-size: must be a whole number from 1"},
      {{"--batch-size", "-3"}, "got -3"},
      {{"--batch-size", "1e3"}, "got 1e3"},
      {{"--batch-size", "99999999999999999999"}, "got 99999999999999999999"},
      {{"--batch-size", "1"}, "--net plain trains without it"},
      {{"--lr", "nan"}, "--lr: must be a finite number above 0; got nan"},
      {{"--lr", "inf"}, "got inf"},
      {{"--lr", "0"}, "got 0"},
      {{"--lr", "-0.1"}, "got -0.1"},
      {{"--lr", "fast"}, "got fast"},
      {{"--lr", "1e-60"}, "got 1e-60"},
      {{"--epochs", "0"}, "--epochs: must be a whole number from 1"},
      {{"--seed", "-1"}, "--seed: must be a whole number from 0"},
      {{"--threads", "0"}, "--threads: must be a whole number from 1"},
      {{"--threads", std::to_string(cores + 1)}, "to " + std::to_string(cores) + ", the number of processors"},
      {{"--net", "big"}, "--net"},
      {{"--precision", "fp8"}, "--precision"},
      {{"--data", ""}, "--data: must not be empty"},
      {{"--train-size", "1"}, "--train-size: must be a whole number from 2"},
      {{"--lr"}, "--lr"},
      {{"--learning-rate", "1"}, "--learning-rate: there is no such option\n"},
      {{"--epoch", "1"}, "--epoch: there is no such option (did you mean --epochs?)"},
      {{"--epohcs=1"}, "--epohcs: there is no such option (did you mean --epochs?)"},
      {{"7", "--tain-size"}, "--tain-size: there is no such option (did you mean --train-size?)"},
      {{"extra"}, "extra: the program takes options only"},
  };
  for (const auto& [arguments, text] : wrong) {
    Mnist mnist(arguments);
    INFO(arguments[0] << ": " << mnist.program.err());
    CHECK(mnist.program.wait() == 2);
    CHECK_THAT(mnist.program.err(), ContainsSubstring(text) && ContainsSubstring("--help"));
    CHECK_THAT(mnist.program.out(), !ContainsSubstring("data:"));
  }
}

TEST_CASE("mnist --help lists the options") {
  Mnist mnist({"--help"});
  REQUIRE(mnist.program.wait() == 0);
  for (const char* option : {"--data", "--epochs", "--batch-size", "--lr", "--seed", "--threads", "--net", "--json",
                             "--precision", "--save"}) {
    CHECK_THAT(mnist.program.out(), ContainsSubstring(option));
  }
}

TEST_CASE("mnist finds out before training that it cannot write") {
  Folder folder;
  folder.write("file", "not a folder");
  const std::vector<std::pair<Arguments, std::string>> wrong = {
      {{"--out", folder / "file"}, "--out: must be a folder"},
      {{"--out", "/proc/taper"}, "--out: must be a folder"},
      {{"--save", folder / "file/models"}, "--save: must be a folder"},
      {{"--json", folder / "missing/out.json"}, "--json: the folder " + (folder / "missing") + " must be there"},
      {{"--json", folder / "."}, "--json: must name a file"},
      {{"--json", "/proc/out.json"}, "--json: files cannot be made in /proc"},
  };
  for (const auto& [arguments, text] : wrong) {
    Mnist mnist(arguments);
    CHECK(mnist.program.wait() == 1);
    CHECK_THAT(mnist.program.err(), ContainsSubstring(text) && !ContainsSubstring("epoch"));
  }
}

TEST_CASE("mnist keeps the other results when one file cannot be written") {
  if (!std::filesystem::exists("/dev/full")) return;
  Mnist mnist({"--epochs", "1", "--json", "/dev/full"});
  CHECK(mnist.program.wait() == 1);
  CHECK_THAT(mnist.program.err(), ContainsSubstring("cannot write /dev/full: No space left on device"));
  CHECK_THAT(mnist.program.out(), ContainsSubstring("images/s"));
  CHECK(std::filesystem::exists(mnist.folder / "out/mnist.csv"));
}

TEST_CASE("mnist says where it looked for data") {
  for (bool by_option : {true, false}) {
    Folder folder;
    Mnist mnist(by_option ? Arguments{"--data", folder / "none"} : Arguments{},
                by_option ? Arguments{} : Arguments{"TAPER_DATA=" + (folder / "none")});
    CHECK(mnist.program.wait() == 1);
    CHECK_THAT(mnist.program.err(), ContainsSubstring(folder / "none/train-images-idx3-ubyte"));
  }
}

TEST_CASE("mnist reads MNIST's files, --data before TAPER_DATA") {
  Folder folder;
  constexpr size_t kTrain = 65, kTest = 10;  // 65 = 64 + 1: a last batch of one
  std::string pixels(kTrain * 784, '\0'), labels(kTrain, '\0');
  for (size_t i = 0; i < labels.size(); ++i) {
    labels[i] = static_cast<char>(i % 10);
    for (size_t p = 0; p < 784; ++p) pixels[i * 784 + p] = static_cast<char>((i % 10) * 20 + p % 7);
  }
  folder.write("train-images-idx3-ubyte", support::idx_header({kTrain, 28, 28}) + pixels);
  folder.write("train-labels-idx1-ubyte", support::idx_header({kTrain}) + labels);
  folder.write("t10k-images-idx3-ubyte", support::idx_header({kTest, 28, 28}) + pixels.substr(0, kTest * 784));
  folder.write("t10k-labels-idx1-ubyte", support::idx_header({kTest}) + labels.substr(0, kTest));
  const std::string& data = folder.path;

  Mnist mnist({"--data", data, "--train-size", "65", "--test-size", "10"}, {"TAPER_DATA=/nowhere"});
  INFO(mnist.program.err());
  REQUIRE(mnist.program.wait() == 0);
  CHECK(mnist.json()["data"] == data);
  CHECK_THAT(mnist.program.out(), ContainsSubstring("last batch of an epoch would be a single image"));

  Mnist too_many({"--data", data, "--train-size", "66", "--test-size", "10"});
  CHECK(too_many.program.wait() == 1);
  CHECK_THAT(too_many.program.err(), ContainsSubstring("--train-size: must be at most 65"));
}

TEST_CASE("mnist goes on with the other net when a loss is NaN") {
  Mnist mnist({"--lr", "1e20"});
  REQUIRE(mnist.program.wait() == 0);
  CHECK_THAT(mnist.program.err(), ContainsSubstring("without BatchNorm: the loss became"));
  const auto json = mnist.json();
  CHECK(json["plain"]["diverged"] == true);
  CHECK(json["plain"]["train_loss_by_epoch"].back().is_null());
  CHECK(json["plain"]["test_accuracy"] < 30);
  CHECK(json.contains("batchnorm"));
}

TEST_CASE("mnist keeps the finished epochs when it is interrupted, and a repetition gives the same") {
  Mnist mnist({"--epochs", "100000", "--net", "bn"});
  REQUIRE(mnist.program.says("epoch 2/"));
  mnist.program.send(SIGINT);
  CHECK(mnist.program.wait() == 130);
  const auto json = mnist.json();
  CHECK(json["interrupted"] == true);
  const auto epochs = json["batchnorm"]["test_accuracy_by_epoch"].size();
  REQUIRE(epochs >= 2);
  CHECK(epochs < 100000);
  CHECK(std::filesystem::exists(mnist.folder / "out/mnist.csv"));

  Mnist again({"--epochs", std::to_string(epochs), "--net", "bn"});
  REQUIRE(again.program.wait() == 0);
  CHECK(again.json()["batchnorm"]["weights_checksum"] == json["batchnorm"]["weights_checksum"]);
  CHECK(again.json()["batchnorm"]["test_accuracy_by_epoch"] == json["batchnorm"]["test_accuracy_by_epoch"]);
}

TEST_CASE("mnist writes its JSON even when it is interrupted before the first epoch is over") {
  Mnist mnist({"--train-size", "60000", "--batch-size", "2"});
  REQUIRE(mnist.program.says("net: 784-512-256-10"));
  mnist.program.send(SIGTERM);
  CHECK(mnist.program.wait() == 128 + SIGTERM);
  CHECK(mnist.json()["interrupted"] == true);
  CHECK_FALSE(mnist.json().contains("plain"));
}
