// Generator and discriminator (Radford, Metz and Chintala 2016), small enough for two processors.
#pragma once

#include <taper/layers/nn.h>

namespace examples::dcgan {

constexpr int64_t kNoise = 64;

// Noise [N, kNoise, 1, 1] to images [N, 1, 28, 28] in -1..1: transposed convolutions to 7x7, 14x14 and 28x28, with
// BatchNorm and ReLU after each but the last, which is followed by tanh.
taper::nn::Sequential make_generator(int64_t width);

// Images to logits [N] of being real: convolutions to 14x14, 7x7 and a number, with LeakyReLU, and BatchNorm in all but
// the first and the last layer.
taper::nn::Sequential make_discriminator(int64_t width);

}  // namespace examples::dcgan
