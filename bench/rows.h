// The common part of the training benchmarks: networks, measurement and output.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

namespace bench {

struct Row {
  const char* name;
  std::vector<int64_t> sizes;  // of the layers, beginning with the input; empty: the CNN
  bool sigmoid;                // as activation, otherwise ReLU
  bool batch_norm;             // before each activation
  int64_t batch;
  bool train;                  // SGD with momentum, otherwise forward only
  bool gpt = false;            // which gpt.h has, instead of the CNN
  const char* recurrent = "";  // "LSTM" or "GRU", of nets.h
};

inline const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      {"MLP 784-512-256-10, batch 64", {784, 512, 256, 10}, false, false, 64, true},
      {"the same with BatchNorm1d, batch 64", {784, 512, 256, 10}, false, true, 64, true},
      {"the same with BatchNorm1d, batch 256", {784, 512, 256, 10}, false, true, 256, true},
      {"784-100-100-100-10 sigmoid, batch 60", {784, 100, 100, 100, 10}, true, false, 60, true},
      {"the same with BatchNorm1d, batch 60", {784, 100, 100, 100, 10}, true, true, 60, true},
      {"inference of the MLP, batch 1000", {784, 512, 256, 10}, false, false, 1000, false},
      {"CNN with BatchNorm2d, batch 64", {}, false, true, 64, true},
      {"inference of the CNN, batch 256", {}, false, true, 256, false},
      {"GPT, 4 blocks, 64 tokens, batch 16", {}, false, false, 16, true, true},
      {"LSTM, 2 layers, both ways, batch 32", {}, false, false, 32, true, false, "LSTM"},
      {"GRU, 2 layers, both ways, batch 32", {}, false, false, 32, true, false, "GRU"},
  };
  return all;
}

constexpr double kLearningRate = 0.01, kMomentum = 0.9;
constexpr int64_t kBatches = 8;  // of random data, used cyclically: 25 MB at most

inline double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The shortest time per call, over `repeats` slices of as many calls as fit into `slice` seconds.
template <class Step>
double time_of(const Step& step, int repeats, double slice) {
  for (int i = 0; i < 10; ++i) step();
  double start = seconds();
  int calls = 0;
  for (; calls == 0 || seconds() - start < slice; ++calls) step();
  double best = std::numeric_limits<double>::infinity();
  for (int r = 0; r < repeats; ++r) {
    start = seconds();
    for (int i = 0; i < calls; ++i) step();
    best = std::min(best, (seconds() - start) / calls);
  }
  return best;
}

inline bool autocast = false;  // products in bfloat16

// main() of a training benchmark: `make(row)` returns a function that runs one batch, or null for an unsupported row.
template <class Make, class SetThreads>
int run(int argc, char* argv[], const Make& make, const SetThreads& set_threads) {
  int repeats = 10, only = -1;
  bool ok = argc % 2 == 1;
  for (int i = 1; ok && i + 1 < argc; i += 2) {
    const int value = std::atoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--threads") == 0 && value > 0) {
      set_threads(value);
    } else if (std::strcmp(argv[i], "--repeats") == 0 && value > 0) {
      repeats = value;
    } else if (std::strcmp(argv[i], "--autocast") == 0) {
      autocast = value != 0;
    } else if (std::strcmp(argv[i], "--row") == 0 && value > 0 && value <= static_cast<int>(rows().size())) {
      only = value - 1;
    } else {
      ok = false;
    }
  }
  if (!ok) {
    std::fprintf(stderr, "usage: %s [--threads N] [--repeats N, default 10] [--autocast 1] [--row 1 to %zu]\n", argv[0],
                 rows().size());
    return 2;
  }
  for (size_t i = 0; i < rows().size(); ++i) {
    const Row& row = rows()[i];
    if (only >= 0 && only != static_cast<int>(i)) continue;
    const auto step = make(row);
    if (!step) continue;
    std::printf("%-40s %9.0f inputs/s\n", row.name, static_cast<double>(row.batch) / time_of(step, repeats, 0.05));
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace bench
