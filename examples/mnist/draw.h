// Digits in the terminal.
#pragma once

#include <string>
#include <vector>

#include "../common/digits.h"
#include "train.h"

namespace examples::mnist {

// A row of test images that the last net in `results` got wrong, the surest mistakes first, each with its label and
// what every net saw in it; empty when there is none. `columns` is the width there is; `blocks` allows half-block
// characters, otherwise it is ASCII.
std::string draw_mistakes(const std::vector<Result>& results, Digits& test, int columns, bool blocks);

}  // namespace examples::mnist
