// Learning curves as a picture.
#pragma once

#include <string>
#include <vector>

#include "train.h"

namespace examples::mnist {

// Test accuracy and loss against epochs as a PNG image, drawn by gnuplot. Empty, with the reason in `why`, when gnuplot
// is not there or fails.
std::string plot_png(const std::vector<Result>& results, std::string& why);

}  // namespace examples::mnist
