// A grid of images in one.
#pragma once

#include <taper/core/tensor.h>

namespace examples::dcgan {

// Images [N, 1, H, W] in -1..1, `columns` in a row, to one [rows * (H + 2) + 2, columns * (W + 2) + 2] uint8, with dark
// lines between them; cells without an image stay dark.
taper::Tensor grid(const taper::Tensor& images, int64_t columns);

}  // namespace examples::dcgan
