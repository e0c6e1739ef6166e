// sequences: an LSTM that reads handwritten digits row by row.
//
//   ./run example sequences                     generated digits, nothing to download
//   ./run example sequences --data FOLDER       MNIST itself, or Fashion-MNIST or KMNIST in its format
//   ./run example sequences --gru --layers 2
//   ./run example sequences --help
//
// At the end it prints how many digits are recognised from their upper rows alone: the network answers after each row.
//
// Files: net.h has the network, train.cpp the training and the test; ../common is shared by these programs. The weights
// are saved to out/sequences/sequences.safetensors.
#include <taper/taper.h>

#include <chrono>
#include <cstdio>

#include "../common/interrupt.h"
#include "../common/program.h"
#include "../common/text.h"
#include "report.h"
#include "train.h"

namespace examples::sequences {
namespace {

int run(Options& options) {
  prepare(options);
  const auto start = std::chrono::steady_clock::now();
  const Data data = load_digits(options);
  introduce(options, data.source, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  std::printf("net: %s, %s of %lld units; %s in batches of %lld, Adam with lr %g\n\n", options.gru ? "GRU" : "LSTM",
              counted(options.layers, "layer").c_str(), static_cast<long long>(options.hidden),
              counted(options.epochs, "epoch").c_str(), static_cast<long long>(options.batch_size), options.lr);

  taper::manual_seed(options.seed);
  RowReader net(options.hidden, options.layers, options.gru);
  bool ok = true;
  const Result result = train(net, data, options);
  tell_of_interrupt(result.epochs.empty() ? " before the first epoch was over" : "; what was finished:");
  if (!result.epochs.empty()) {
    std::printf("\n%s\n", table(result).c_str());
    ok &= keep("sequences", options.out + "/rows.csv", csv(result));
    ok &= keep("sequences", options.out + "/sequences.safetensors",
               [&](const std::string& file) { taper::save(net, file); });
  }
  if (!options.json.empty()) {
    ok &= keep("sequences", options.json, json(result, options, data.source, interrupted() != 0));
  }
  return exit_code(ok);
}

}  // namespace
}  // namespace examples::sequences

int main(int argc, char** argv) {
  namespace sequences = examples::sequences;
  sequences::Options options;
  if (const int code = sequences::parse(argc, argv, options); code >= 0) return code;
  return examples::run_main("sequences", [&] { return sequences::run(options); });
}
