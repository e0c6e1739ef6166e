// mnist: trains a small network on handwritten digits, without and with batch normalisation.
//
//   ./run mnist                          generated digits, nothing to download
//   ./run mnist --data FOLDER            MNIST itself, or Fashion-MNIST or KMNIST in its format
//   ./run mnist --data FOLDER --lr 1     a learning rate at which only the network with batch normalisation trains
//   ./run mnist --net cnn --epochs 3     a convolutional net
//   ./run mnist --help
//
// Takes about 20 s on two cores. Expect, on MNIST after 5 epochs, a test accuracy of 95 to 96.5 % without and about 98
// % with batch normalisation; at --lr 1 about 10 % (chance) and 94 to 97 %.
//
// Files: net.cpp has the networks, train.cpp the training, the others show results; ../common is
// what all such programs need.
#include <chrono>
#include <cstdio>

#include "../common/files.h"
#include "../common/interrupt.h"
#include "../common/program.h"
#include "../common/text.h"
#include "draw.h"
#include "options.h"
#include "plot.h"
#include "report.h"
#include "train.h"

namespace examples::mnist {
namespace {

void introduce_net(const Options& options) {
  std::printf("net: %s; %s in batches of %lld, SGD with lr %g and momentum %g\n\n", layers(options.nets[0]),
              counted(options.epochs, "epoch").c_str(), static_cast<long long>(options.batch_size), options.lr,
              kMomentum);
  introduce_precision(options);
  if (leaves_one(options)) {
    std::printf("note: the last batch of an epoch would be a single image and is left out\n\n");
  }
}

bool report(const std::vector<Result>& results, const Options& options, Data& data) {
  bool ok = true;
  if (!options.json.empty()) ok &= keep("mnist", options.json, json(results, options, data.source, interrupted() != 0));
  if (results.empty()) return ok;
  std::printf("\n%s\n", table(results, options.epochs).c_str());
  const std::string drawing = draw_mistakes(results, data.test, terminal_width(stdout), is_utf8());
  if (!drawing.empty()) std::printf("Most confident mistakes:\n%s\n", drawing.c_str());

  ok &= keep("mnist", options.out + "/mnist.csv", csv(results));
  std::string why;
  const std::string png = plot_png(results, why);
  if (png.empty()) {
    std::printf("no plot of the learning curves: %s\n", why.c_str());
  } else {
    ok &= keep("mnist", options.out + "/mnist.png", png);
  }
  for (const Result& result : results) {
    ok &= result.saved;
    if (result.saved && !options.save.empty())
      std::printf("wrote %s/%s.safetensors\n", options.save.c_str(), result.name.c_str());
  }
  return ok;
}

int run(Options& options) {
  prepare(options);
  if (!options.save.empty()) check_folder("--save", options.save);

  const auto start = std::chrono::steady_clock::now();
  Data data = load_digits(options);
  introduce(options, data.source, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  introduce_net(options);

  std::vector<Result> results;
  for (Net net : options.nets) {
    if (interrupted()) break;
    Result result = train(net, data, options);
    if (!result.epochs.empty()) results.push_back(std::move(result));
  }
  tell_of_interrupt(results.empty() ? " before the first epoch was over" : "; what was finished:");
  return exit_code(report(results, options, data));
}

}  // namespace
}  // namespace examples::mnist

int main(int argc, char** argv) {
  namespace mnist = examples::mnist;
  mnist::Options options;
  if (const int code = mnist::parse(argc, argv, options); code >= 0) return code;
  return examples::run_main("mnist", [&] { return mnist::run(options); });
}
