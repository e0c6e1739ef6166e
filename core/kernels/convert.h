// Conversion of values from one dtype to another. Internal.
#pragma once

#include <taper/core/dtype.h>
#include <taper/core/kernels/elementwise_ops.h>

namespace taper::kernels {

// The loop that reads elements of `from` and writes elements of `to`. Every value has a defined result: to bool,
// whether it is not zero; floats to integers, the fraction cut off, beyond int64 its nearest end, NaN as 0; to a
// narrower integer, the low bits.
Loop conversion(ScalarType from, ScalarType to);

}  // namespace taper::kernels
