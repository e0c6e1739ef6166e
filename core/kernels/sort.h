// Order along a dimension, without autograd. Elements are compared by unsigned keys: NaN is larger than all, -0 equals
// 0, and of equal elements the one that comes first is the smaller. So results do not depend on the algorithm.
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

// The k smallest (or, descending, largest) along dim in order, k up to the size: (values, int64 indices).
TAPER_API std::tuple<Tensor, Tensor> sort(const Tensor& x, int64_t dim, int64_t k, bool descending);

// One element of each line: the rank-th smallest, the lower middle one (of those that are no NaN), or the most frequent
// one. dim stays, with size 1.
enum class Pick { Rank, Median, NanMedian, Mode };
TAPER_API std::tuple<Tensor, Tensor> pick(const Tensor& x, int64_t dim, Pick what, int64_t rank);

// Where each value goes in the sorted lines [..., n], as an index of type int64. Same dtype; the leading dims agree, or
// sorted is one line for all values. sorter, where defined, has the sizes of sorted.
TAPER_API Tensor searchsorted(const Tensor& sorted, const Tensor& values, bool right, const Tensor& sorter);

}  // namespace taper::kernels
