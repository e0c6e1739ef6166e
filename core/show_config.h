// What a report of a fault or of a figure should begin with.
#pragma once

#include <taper/core/macros.h>

#include <string>

namespace taper {

// A line each: taper's version and compiler, the processor, the instruction set in use (and the machine's best, where
// TAPER_ISA names another), what computes matrix products (TAPER_GEMM) and the number of threads; where OpenBLAS
// computes them and falls short of the processor, what was or can be done about it. Loads OpenBLAS only if it is what
// computes products.
TAPER_API std::string show_config();

}  // namespace taper
