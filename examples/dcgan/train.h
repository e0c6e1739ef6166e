// Adversarial training.
#pragma once

#include <functional>
#include <vector>

#include "../common/digits.h"
#include "options.h"

#include <taper/layers/nn.h>

namespace examples::dcgan {

// Means over the steps between two images.
struct Record {
  int64_t step;
  double discriminator, generator;  // losses
  double real, fake;                // probability of being real that the discriminator gives real and generated images
  double images_per_second;
};

// Trains both networks as the options say. After every `every` steps and at the end `picture` gets images generated
// from the same noise, [64, 1, 28, 28] in -1..1. Ends early, with the records so far, on an interrupt.
std::vector<Record> train(taper::nn::Sequential& generator, taper::nn::Sequential& discriminator, Digits digits,
                          const Options& options,
                          const std::function<void(int64_t step, const taper::Tensor& images)>& picture);

}  // namespace examples::dcgan
