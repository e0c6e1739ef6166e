// The common command-line options of these programs.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

namespace examples {

struct SharedOptions {
  std::string data;  // folder; empty: SynthDigits
  uint64_t seed = 0;
  int threads = 0;
  std::string out;   // folder for the output
  std::string json;  // file; empty: none
};

// Of programs that train in epochs.
struct TrainingOptions : SharedOptions {
  int64_t epochs = 1;
  int64_t batch_size = 64;
  double lr = 0.1;
  int64_t train_size = 0;  // images to use, 0: all
  int64_t test_size = 0;
  bool bf16 = false;  // products in bfloat16, by autocast
};

// --data, --seed, --threads, --out and --json; the values in `options` are the defaults. `out` describes the files
// there.
void add_shared_options(CLI::App& app, SharedOptions& options, const std::string& out);
// --epochs, --batch-size, --lr and --train-size. `optimizer` follows "learning rate".
void add_training_options(CLI::App& app, TrainingOptions& options, const std::string& optimizer);
// Makes a batch size of 1 an error: BatchNorm cannot train on a single image.
void need_two_per_batch(CLI::App& app, const TrainingOptions& options);
void add_test_size(CLI::App& app, TrainingOptions& options);
// --precision, and a line that says what computes it if it is not float32.
void add_precision(CLI::App& app, TrainingOptions& options);
void introduce_precision(const TrainingOptions& options);

// Parses the command line, with errors on stderr. Returns -1 to continue, otherwise the exit code: 0 after --help, 2
// for an invalid command line.
int parse(CLI::App& app, int argc, char** argv);

}  // namespace examples
