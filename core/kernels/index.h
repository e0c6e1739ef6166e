// Gathering and scattering by index, without autograd. Indices are int64 (or int32), checked against the dimension;
// negative ones count from the end where PyTorch allows it (integer-array indexing, not index_select and gather).
#pragma once

#include <taper/core/tensor.h>

namespace taper::kernels {

TAPER_API Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index);
TAPER_API Tensor gather(const Tensor& x, int64_t dim, const Tensor& index);
// out[..., index, ...] = src, or combined with it, in element order (deterministic); `op` is named in errors.
enum class Combine { Replace, Add, Multiply, Max, Min };
TAPER_API void scatter_out(const char* op, const Tensor& out, int64_t dim, const Tensor& index, const Tensor& src,
                           Combine how);
TAPER_API void index_add_out(const Tensor& out, int64_t dim, const Tensor& index, const Tensor& source);
// Indices of non-zero elements, [n, rank] int64.
TAPER_API Tensor nonzero(const Tensor& x);
// x[i0, i1, ...] over the first dims for broadcast integer tensors (undefined = the whole dim); see index.cpp.
TAPER_API Tensor index(const Tensor& x, const std::vector<Tensor>& indices);
TAPER_API void index_put(const Tensor& x, const std::vector<Tensor>& indices, const Tensor& value, bool accumulate);
// Which of the values stay that are written in order at indices (checked before) of a dim of `size`, as by scatter_out,
// or of a tensor of `sizes`, as by index_put: bool, and false for what a later value of the same place replaces. Of the
// index's sizes, or such that it broadcasts to the values. Undefined when all stay.
TAPER_API Tensor last_written(const Tensor& index, int64_t dim, int64_t size);
TAPER_API Tensor last_written(IntArrayRef sizes, const std::vector<Tensor>& indices);

}  // namespace taper::kernels
