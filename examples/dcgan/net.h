// The two nets (Radford, Metz and Chintala 2016), small enough for two processors.
#pragma once

#include <taper/layers/nn.h>

namespace examples::dcgan {

constexpr int64_t kNoise = 64;

// Noise [N, kNoise, 1, 1] to images [N, 1, 28, 28] in -1..1: transposed convolutions to 7x7, 14x14 and 28x28, with
// BatchNorm and ReLU after each but the last, whose values tanh brings into range.
taper::nn::Sequential make_generator(int64_t width);

// Images to scores [N], above 0 for what it takes for a real one: convolutions back to 14x14, 7x7 and one number, with
// LeakyReLU, and BatchNorm where neither image nor score are near.
taper::nn::Sequential make_discriminator(int64_t width);

}  // namespace examples::dcgan
