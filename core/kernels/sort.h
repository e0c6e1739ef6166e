// Order along a dimension, without autograd. Elements are compared by unsigned keys: NaN is larger than all, -0 equals
// 0, and of equal elements the one that stands first is the smaller. So results do not depend on the algorithm.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

// The k smallest (or, descending, largest) along dim in order, k up to the size: (values, int64 indices).
TAPER_API std::tuple<Tensor, Tensor> sort(const Tensor& x, int64_t dim, int64_t k, bool descending);

// One element of each line: the rank-th smallest, the lower middle one (of those that are no NaN), or the most frequent
// one. dim stays, with size 1.
enum class Pick { Rank, Median, NanMedian, Mode };
TAPER_API std::tuple<Tensor, Tensor> pick(const Tensor& x, int64_t dim, Pick what, int64_t rank);

// The different elements; inverse has x's sizes, counts those of values.
struct Unique {
  Tensor values, inverse, counts;
};
TAPER_API Unique unique(const Tensor& x);
TAPER_API Unique unique_consecutive(const Tensor& x);
// The same of the rows of a matrix: values are the indices of rows, one for each different one.
TAPER_API Unique unique_rows(const Tensor& x, bool consecutive);

// Where each value goes in the sorted lines [..., n], as an index of type int64. Same dtype; the leading dims agree, or
// sorted is one line for all values. sorter, where defined, has the sizes of sorted.
TAPER_API Tensor searchsorted(const Tensor& sorted, const Tensor& values, bool right, const Tensor& sorter);
TAPER_API Tensor isin(const Tensor& elements, const Tensor& among, bool invert);
// x holds numbers of [0, size); weights are undefined or as many floats.
TAPER_API Tensor bincount(const Tensor& x, const Tensor& weights, int64_t size);
TAPER_API Tensor histc(const Tensor& x, int64_t bins, double low, double high);

}  // namespace taper::kernels
