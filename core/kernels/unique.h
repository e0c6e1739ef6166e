// Which values occur and how often, without autograd. -0 equals 0 and NaN nothing, not even itself.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

// The different elements; of equal ones the first. inverse, with x's sizes, and counts, one for each of values, are
// undefined where they are not asked for.
struct Unique {
  Tensor values, inverse, counts;
};
TAPER_API Unique unique(const Tensor& x, bool inverse, bool counts);  // in order
TAPER_API Unique unique_consecutive(const Tensor& x, bool inverse, bool counts);
// The same of the rows of a matrix: values are the indices of rows, one for each different one.
TAPER_API Unique unique_rows(const Tensor& x, bool consecutive);

TAPER_API Tensor isin(const Tensor& elements, const Tensor& among, bool invert);
// x holds numbers of [0, size); weights are undefined or as many floats.
TAPER_API Tensor bincount(const Tensor& x, const Tensor& weights, int64_t size);
TAPER_API Tensor histc(const Tensor& x, int64_t bins, double low, double high);

}  // namespace taper::kernels
