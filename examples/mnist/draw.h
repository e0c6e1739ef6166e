// Digits in the terminal.
#pragma once

#include <string>
#include <vector>

#include "../common/digits.h"
#include "train.h"

namespace examples::mnist {

// A row of test images that the last network in `results` got wrong, the most confident mistakes first, each with its
// label and the prediction of every network; empty if there is none. `columns` is the width of the terminal; `blocks`
// allows half-block characters, otherwise the drawing is ASCII.
std::string draw_mistakes(const std::vector<Result>& results, Digits& test, int columns, bool blocks);

}  // namespace examples::mnist
