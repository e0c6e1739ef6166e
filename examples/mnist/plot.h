// Learning curves as an image.
#pragma once

#include <string>
#include <vector>

#include "train.h"

namespace examples::mnist {

// Test accuracy and loss by epoch as a PNG image, drawn by gnuplot. Empty, with the reason in `why`, if gnuplot is not
// installed or fails.
std::string plot_png(const std::vector<Result>& results, std::string& why);

}  // namespace examples::mnist
