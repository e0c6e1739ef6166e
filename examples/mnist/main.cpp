// mnist: what batch normalisation does to the training of a small net, on handwritten digits.
//
//   ./run mnist                          digits drawn by the program, nothing to download
//   ./run mnist --data FOLDER            MNIST itself, or Fashion-MNIST or KMNIST in its format
//   ./run mnist --data FOLDER --lr 1     a learning rate that only the net with batch normalisation survives
//   ./run mnist --net cnn --epochs 3     a convolutional net
//   ./run mnist --help
//
// Takes about 20 s on two cores. Expect, for MNIST after 5 epochs, 95 to 96.5 % of the test images right without and
// about 98 % with batch normalisation; at --lr 1 about 10 % (guessing) and 94 to 97 %.
//
// Where things are: net.cpp the nets, train.cpp the training, data.* the images, the rest is for looking at results.
#include <taper/core/error.h>
#include <taper/core/parallel.h>
#include <taper/version.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>

#include "../common/files.h"
#include "../common/interrupt.h"
#include "../common/text.h"
#include "draw.h"
#include "options.h"
#include "plot.h"
#include "report.h"
#include "train.h"

namespace examples::mnist {
namespace {

// Everything that could fail after minutes of training and can be known before.
void check_outputs(const Options& options) {
  check_folder("--out", options.out);
  if (!options.save.empty()) check_folder("--save", options.save);
  if (!options.json.empty()) check_file("--json", options.json);
}

void introduce(const Options& options, const Data& data, double seconds) {
  std::printf("taper %s, %d thread%s, seed %llu\n", taper::kVersion, options.threads, options.threads == 1 ? "" : "s",
              static_cast<unsigned long long>(options.seed));
  std::printf("data: %s, %s training and %s test images, ready in %.1f s%s\n", data.source.c_str(),
              with_commas(static_cast<double>(options.train_size)).c_str(),
              with_commas(static_cast<double>(options.test_size)).c_str(), seconds,
              options.data.empty() ? " (--data DIR or TAPER_DATA for MNIST)" : "");
  std::printf("net: %s; %lld epochs in batches of %lld, SGD with lr %g and momentum %g\n\n", layers(options.nets[0]),
              static_cast<long long>(options.epochs), static_cast<long long>(options.batch_size), options.lr,
              kMomentum);
  if (leaves_one(options)) {
    std::printf("note: the last batch of an epoch would be a single image and is left out\n\n");
  }
}

// Writes one file and says so; a failure is told and leaves the others alone.
bool keep(const std::string& path, const std::string& contents) {
  try {
    write_file(path, contents);
    std::printf("wrote %s\n", path.c_str());
    return true;
  } catch (const taper::Error& error) {
    std::fprintf(stderr, "mnist: %s\n", error.what());
    return false;
  }
}

bool report(const std::vector<Result>& results, const Options& options, Data& data) {
  bool ok = true;
  if (!options.json.empty()) ok &= keep(options.json, json(results, options, data.source, interrupted() != 0));
  if (results.empty()) return ok;
  std::printf("\n%s\n", table(results, options.epochs).c_str());
  const std::string drawing = draw_mistakes(results, data.test, terminal_width(stdout), is_utf8());
  if (!drawing.empty()) std::printf("Mistakes it was surest of:\n%s\n", drawing.c_str());

  ok &= keep(options.out + "/mnist.csv", csv(results));
  std::string why;
  const std::string png = plot_png(results, why);
  if (png.empty()) {
    std::printf("no picture of the learning curves: %s\n", why.c_str());
  } else {
    ok &= keep(options.out + "/mnist.png", png);
  }
  for (const Result& result : results) {
    ok &= result.saved;
    if (result.saved && !options.save.empty())
      std::printf("wrote %s/%s.safetensors\n", options.save.c_str(), result.name.c_str());
  }
  return ok;
}

int run(Options& options) {
  taper::set_num_threads(options.threads);
  check_outputs(options);
  watch_for_interrupts();

  const auto start = std::chrono::steady_clock::now();
  Data data = load(options);
  introduce(options, data, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());

  std::vector<Result> results;
  for (Net net : options.nets) {
    if (interrupted()) break;
    Result result = train(net, data, options);
    if (!result.epochs.empty()) results.push_back(std::move(result));
  }
  if (interrupted()) {
    std::printf("stopped by %s%s\n", interrupted() == SIGINT ? "Ctrl-C" : "a signal",
                results.empty() ? " before the first epoch was over" : "; what was finished:");
  }
  const bool ok = report(results, options, data);
  return interrupted() ? 128 + interrupted() : ok ? 0 : 1;
}

}  // namespace
}  // namespace examples::mnist

int main(int argc, char** argv) {
  namespace mnist = examples::mnist;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  mnist::Options options;
  if (const int code = mnist::parse(argc, argv, options); code >= 0) return code;
  try {
    return mnist::run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mnist: %s\n", error.what());
    return 1;
  }
}
