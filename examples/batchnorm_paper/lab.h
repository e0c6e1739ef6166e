// Shared by all experiments: images, networks, a training loop and a progress bar.
#pragma once

#include <taper/taper.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../common/progress_bar.h"
#include "experiment.h"
#include "options.h"

namespace examples::paper {

// Thrown by Ctrl-C.
struct Interrupted {};

// Images in memory, one in a row. x: [N, 784] float32, mean 0 and standard deviation 1 over all pixels of MNIST unless
// said otherwise; y: [N] int64.
struct Images {
  taper::Tensor x, y;
  int64_t size() const { return x.size(0); }
};

class Lab {
 public:
  explicit Lab(const Options& options) : options_(options) {}

  // A hundredth of the work, to check that everything runs.
  bool quick() const { return options_.quick; }
  // `full` steps (or whatever is counted), fewer when quick.
  int64_t steps(int64_t full, int64_t quick) const { return this->quick() ? quick : full; }
  uint64_t seed() const { return options_.seed; }

  // Loaded on first use. With --quick a part of them.
  const Images& train();
  const Images& test();
  std::string source();  // "SynthDigits" or the folder

  // Begins a progress bar of so many steps for an experiment.
  void expect(const std::string& title, int64_t steps);
  // One step is done; `detail` is shown. Throws Interrupted.
  void step(const std::string& detail);
  // Removes the bar.
  void finish() { bar_.reset(); }

 private:
  void load();

  const Options options_;
  Images train_, test_;
  std::string source_;
  std::string title_;
  int64_t expected_ = 0, done_ = 0;
  std::unique_ptr<ProgressBar> bar_;
};

// An infinite sequence of batches: the images in a new random order in each pass, without a short last batch. Has its
// own generator, so the same seed gives two networks the same batches.
class Batches {
 public:
  Batches(Images images, int64_t batch_size, uint64_t seed);
  Images next();

 private:
  const Images images_;
  const int64_t batch_size_;
  taper::Generator generator_;
  taper::Tensor order_;
  int64_t at_ = 0;
};

struct MlpOptions {
  std::vector<int64_t> sizes = {784, 100, 100, 100, 10};
  bool batch_norm = false;
  bool sigmoid = false;   // instead of ReLU
  double weight_std = 0;  // weights from N(0, weight_std^2), biases 0; 0: PyTorch's own initialisation
  double dropout = 0;     // after each hidden layer
  double momentum = 0.1;  // of BatchNorm
};
// fc1, bn1, act1, (drop1), fc2, ..., out. A Linear in front of a BatchNorm has no bias.
taper::nn::Sequential mlp(const MlpOptions& options);

struct TrainOptions {
  int64_t steps = 1000;
  int64_t batch_size = 60;
  double lr = 0.1;
  double decay = 1;  // the last step's rate is decay * lr; in between it falls exponentially
  double momentum = 0;
  double weight_decay = 0;
  int64_t every = 100;    // steps between tests
  int64_t test_size = 0;  // images of the test set used for that, 0: all
  double stop_at = 101;   // ends training when a test reaches this accuracy
  std::string detail;     // for the progress bar
  Images train, test;     // instead of the Lab's, if defined
  // Called after each step that is tested, with the net in training mode.
  std::function<void(int64_t step)> watch;
};

// The learning curve.
struct Curve {
  std::vector<double> step, accuracy;  // tests: after how many steps, percent
  std::vector<double> loss;            // mean training loss since the test before
  bool diverged = false;               // the loss became infinite or NaN; training ended there

  double best() const;
  double last() const { return accuracy.empty() ? 0 : accuracy.back(); }
  // Steps until a test reached `accuracy`; infinity if none did.
  double steps_to(double accuracy) const;
};
// "1,200", or "never" for infinity.
std::string steps_text(double steps);

// Trains with SGD on cross-entropy, with the same batches for every network. Skips the remaining steps (and counts them
// as done) when the loss is NaN or infinite.
Curve train(Lab& lab, taper::nn::Sequential& net, const TrainOptions& options);

// Accuracy in percent on `images` in evaluation mode; restores the mode of the network.
double accuracy(taper::nn::Sequential& net, const Images& images);

}  // namespace examples::paper
