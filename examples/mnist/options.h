// The command line of the program.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "net.h"

namespace examples::mnist {

constexpr double kMomentum = 0.9;

struct Options {
  std::string data;  // folder with MNIST files; empty: SynthDigits
  int64_t epochs = 5;
  int64_t batch_size = 64;
  double lr = 0.1;
  uint64_t seed = 0;
  int threads = 0;
  std::vector<Net> nets = {Net::Plain, Net::BatchNorm};  // to train, in this order
  int64_t train_size = 0;                                // images to use, 0: all
  int64_t test_size = 0;
  std::string out = "out/mnist";  // folder for curves and CSV
  std::string json;               // file; empty: none
  std::string save;               // folder; empty: none
};

// Whether the last batch of an epoch would hold one image. It is left out: batch normalisation cannot train on it, and
// both nets are to see the same images.
inline bool leaves_one(const Options& options) {
  return options.batch_size > 1 && options.train_size % options.batch_size == 1;
}

// Fills `options`, complaining on stderr about whatever makes no sense. Returns -1 to go on, else the exit code: 0
// after --help, 2 for a wrong command line.
int parse(int argc, char** argv, Options& options);

}  // namespace examples::mnist
