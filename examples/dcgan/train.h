// The two nets' game.
#pragma once

#include <functional>
#include <vector>

#include "../common/digits.h"
#include "options.h"

#include <taper/layers/nn.h>

namespace examples::dcgan {

// Means over the steps between two pictures.
struct Record {
  int64_t step;
  double discriminator, generator;  // losses
  double real, fake;                // what the discriminator gives real and drawn images: the probability of being real
  double images_per_second;
};

// Trains both nets as the options say. After each `every` steps and at the end `picture` gets what the generator makes
// of the same noise, [64, 1, 28, 28] in -1..1. Ends early, with what is done, at an interrupt.
std::vector<Record> train(taper::nn::Sequential& generator, taper::nn::Sequential& discriminator, Digits digits,
                          const Options& options,
                          const std::function<void(int64_t step, const taper::Tensor& images)>& picture);

}  // namespace examples::dcgan
