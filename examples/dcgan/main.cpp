// dcgan: a generative adversarial network for digits: a generator is trained against a discriminator.
//
//   ./run example dcgan                     generated digits, nothing to download
//   ./run example dcgan --data FOLDER       MNIST itself, or Fashion-MNIST or KMNIST in its format
//   ./run example dcgan --help
//
// out/dcgan/step-00200.png, step-00400.png, ... are generated from the same noise.
//
// Files: net.cpp has the networks, train.cpp the training, picture.cpp the grid of images; ../common is shared by these
// programs.
#include <taper/data/png.h>
#include <taper/taper.h>

#include <chrono>
#include <cstdio>

#include "../common/interrupt.h"
#include "../common/program.h"
#include "../common/text.h"
#include "net.h"
#include "picture.h"
#include "report.h"
#include "train.h"

namespace examples::dcgan {
namespace {

int run(Options& options) {
  prepare(options);
  options.test_size = 1;  // the fewest: none is needed
  const auto start = std::chrono::steady_clock::now();
  const Data data = load_digits(options);
  options.test_size = 0;
  introduce(options, data.source, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  std::printf("%s in batches of %lld, Adam with lr %g; images in %s\n\n", counted(options.epochs, "epoch").c_str(),
              static_cast<long long>(options.batch_size), options.lr, options.out.c_str());

  taper::manual_seed(options.seed);
  auto generator = make_generator(options.width), discriminator = make_discriminator(options.width);
  bool ok = true;
  const std::vector<Record> records =
      train(generator, discriminator, data.train, options, [&](int64_t step, const taper::Tensor& images) {
        const std::string path = options.out + format("/step-%05lld.png", static_cast<long long>(step));
        ok &= keep("dcgan", path, [&](const std::string& file) { taper::data::write_png(grid(images, 8), file); });
      });
  tell_of_interrupt("");
  if (!records.empty()) {
    std::printf("\n%s\n", table(records).c_str());
    ok &= keep("dcgan", options.out + "/losses.csv", csv(records));
    ok &= keep("dcgan", options.out + "/generator.safetensors",
               [&](const std::string& file) { taper::save(generator, file); });
  }
  if (!options.json.empty()) {
    ok &= keep("dcgan", options.json, json(records, options, data.source, interrupted() != 0));
  }
  return exit_code(ok);
}

}  // namespace
}  // namespace examples::dcgan

int main(int argc, char** argv) {
  namespace dcgan = examples::dcgan;
  dcgan::Options options;
  if (const int code = dcgan::parse(argc, argv, options); code >= 0) return code;
  return examples::run_main("dcgan", [&] { return dcgan::run(options); });
}
