// The DCGAN, run as users run it: small, on a small part of the data.
#include <taper/data/png.h>
#include <taper/taper.h>

#include <algorithm>
#include <csignal>

#include "program.h"

namespace {

struct Dcgan : Run {
  explicit Dcgan(const Arguments& arguments) : Run(TAPER_DCGAN, with(arguments, {"--width", "4"})) {}
};

}  // namespace

TEST_CASE("dcgan draws pictures and keeps losses and weights; the same with one thread") {
  const Arguments small = {"--train-size", "641", "--epochs", "2", "--every", "8"};
  Dcgan all(small), one(with(small, {"--threads", "1"}));
  INFO(all.program.err());
  REQUIRE(all.program.wait() == 0);
  REQUIRE(one.program.wait() == 0);

  const auto json = all.json();
  CHECK(json["data"] == "SynthDigits");
  REQUIRE(json["records"].size() == 3);  // 20 steps: a last batch of one image is left out
  CHECK(json["records"][2]["step"] == 20);
  for (const auto& record : json["records"]) {
    CHECK(record["discriminator_loss"] > 0);
    CHECK(record["generator_loss"] > 0);
    CHECK((record["real"] > 0 && record["real"] < 1));
  }
  const std::string csv = read_bytes(all.folder / "out/losses.csv");
  CHECK(csv.rfind("step,discriminator_loss,generator_loss,real,drawn\n8,", 0) == 0);
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 4);
  CHECK_THAT(all.program.out(),
             ContainsSubstring("probability of being real") && ContainsSubstring("641 training images, ready"));

  const auto first = taper::data::read_png(all.folder / "out/step-00008.png");
  const auto last = taper::data::read_png(all.folder / "out/step-00020.png");
  CHECK(first.sizes() == taper::IntArrayRef({1, 8 * 30 + 2, 8 * 30 + 2}));
  CHECK_FALSE(first.equal(last));
  CHECK(first[0][0][0].item<int64_t>() == 64);  // the lines between the images

  CHECK(read_bytes(all.folder / "out/generator.safetensors") == read_bytes(one.folder / "out/generator.safetensors"));
  const auto state = taper::serialize::load_safetensors(all.folder / "out/generator.safetensors");
  CHECK(state["0.weight"].sizes() == taper::IntArrayRef({64, 8, 7, 7}));
}

TEST_CASE("dcgan keeps its results when it is stopped") {
  Dcgan dcgan({"--train-size", "640", "--epochs", "100000", "--every", "5"});
  REQUIRE(dcgan.program.says("step-00010.png"));
  dcgan.program.send(SIGTERM);
  CHECK(dcgan.program.wait() == 128 + SIGTERM);
  CHECK(dcgan.json()["interrupted"] == true);
  CHECK(dcgan.json()["records"].size() >= 2);
  CHECK(std::filesystem::exists(dcgan.folder / "out/generator.safetensors"));
}

TEST_CASE("dcgan refuses a wrong command line") {
  check_refused<Dcgan>({
      {{"--batch-size", "1"}, "--batch-size: must be at least 2 for BatchNorm; got 1"},
      {{"--every", "0"}, "--every: must be a whole number from 1"},
      {{"--test-size", "5"}, "--test-size"},
  });
}
