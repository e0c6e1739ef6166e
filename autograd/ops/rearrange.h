// Copies with the elements in another order, repeated, or in part. dx = the sum of dy over the copies of each element,
// 0 for those left out.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// Reversed along dims; along dim 1; along dim 0. ValueError for a dimension named twice.
TAPER_API Tensor flip(const Tensor& x, IntArrayRef dims);
TAPER_API Tensor fliplr(const Tensor& x);
TAPER_API Tensor flipud(const Tensor& x);
// k quarter turns from the first of the two dims towards the second.
TAPER_API Tensor rot90(const Tensor& x, int64_t k = 1, IntArrayRef dims = {0, 1});
// y[(i + shift) mod n] = x[i] along each of the dims; without dims the flattened tensor is rolled. ValueError unless
// there is one shift per dimension.
TAPER_API Tensor roll(const Tensor& x, IntArrayRef shifts, IntArrayRef dims = {});

// x repeated, as a whole, dims[d] times along dimension d; missing numbers are 1 at the left. (x.repeat: the
// method, which wants a number for each dimension.)
TAPER_API Tensor tile(const Tensor& x, IntArrayRef dims);
// Each element (slice along dim) `repeats` times, one number for all or one for each; without dim those of the
// flattened tensor. output_size is the size this gives, if known. ValueError for negative numbers.
TAPER_API Tensor repeat_interleave(const Tensor& x, const Tensor& repeats, optional<int64_t> dim = nullopt,
                                   optional<int64_t> output_size = nullopt);
TAPER_API Tensor repeat_interleave(const Tensor& x, int64_t repeats, optional<int64_t> dim = nullopt,
                                   optional<int64_t> output_size = nullopt);
// The indices that this takes: [0, 0, 2] for repeats [2, 0, 1].
TAPER_API Tensor repeat_interleave(const Tensor& repeats, optional<int64_t> output_size = nullopt);

// y[..., i, j] = x[..., i, j] where j - i <= diagonal (tril) or >= diagonal (triu), else 0. An Error for vectors.
TAPER_API Tensor tril(const Tensor& x, int64_t diagonal = 0);
TAPER_API Tensor triu(const Tensor& x, int64_t diagonal = 0);
// The indices [2, n], row by row, of those elements in a matrix [row, col].
TAPER_API Tensor tril_indices(int64_t row, int64_t col, int64_t offset = 0, const TensorOptions& options = kInt64);
TAPER_API Tensor triu_indices(int64_t row, int64_t col, int64_t offset = 0, const TensorOptions& options = kInt64);

// The diagonal of a matrix (a copy), or a matrix of zeros with the vector as its diagonal. An Error for other shapes.
TAPER_API Tensor diag(const Tensor& x, int64_t diagonal = 0);
// x's last dimension as the diagonals of matrices in dims dim1 and dim2 of y, 0 elsewhere; of the flattened tensor.
TAPER_API Tensor diag_embed(const Tensor& x, int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1);
TAPER_API Tensor diagflat(const Tensor& x, int64_t offset = 0);

// [..., C r^2, H, W] -> [..., C, H r, W r] with r = upscale_factor, and back with r = downscale_factor. ValueError
// unless the sizes divide.
TAPER_API Tensor pixel_shuffle(const Tensor& x, int64_t upscale_factor);
TAPER_API Tensor pixel_unshuffle(const Tensor& x, int64_t downscale_factor);
// Channels of `groups` groups of n interleaved: channel g n + i of x [N, C, ...] becomes i groups + g. ValueError
// unless groups divides C.
TAPER_API Tensor channel_shuffle(const Tensor& x, int64_t groups);

}  // namespace taper
