// The images, as the command line asks for them.
#pragma once

#include "../common/digits.h"
#include "options.h"

namespace examples::mnist {

// Reads or draws the images, and sets the sizes in `options` that were left open. Throws when files are missing or
// damaged, or hold fewer images than asked for.
Data load(Options& options);

}  // namespace examples::mnist
