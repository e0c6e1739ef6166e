// Pooling: one element for each window of x, [N, C, H, W] or [C, H, W], for 1d [N, C, L] or [C, L]; of a
// floating-point dtype. Windows of `kernel_size` positions, `dilation` apart, start every `stride` (that of the kernel
// when empty) from `padding` positions before the input on; with `in` the size of the input
//
//   out = floor((in + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1
//
// or, in ceil_mode, ceil, without windows that would start after the input. padding is at most half the kernel. Lists
// have one number per axis, or one for all. Sizes and settings that do not fit are a ValueError, other dtypes a
// TypeError.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// y = the largest element of each window; NaN is larger than all, padding smaller
//                                                          dx = dy, summed, at the first of equal ones
TAPER_API Tensor max_pool1d(const Tensor& x, IntArrayRef kernel_size, IntArrayRef stride = {}, IntArrayRef padding = 0,
                            IntArrayRef dilation = 1, bool ceil_mode = false);
TAPER_API Tensor max_pool2d(const Tensor& x, IntArrayRef kernel_size, IntArrayRef stride = {}, IntArrayRef padding = 0,
                            IntArrayRef dilation = 1, bool ceil_mode = false);

// (y, the index of each in its plane: h W + w, int64)
TAPER_API std::tuple<Tensor, Tensor> max_pool1d_with_indices(const Tensor& x, IntArrayRef kernel_size,
                                                             IntArrayRef stride = {}, IntArrayRef padding = 0,
                                                             IntArrayRef dilation = 1, bool ceil_mode = false);
TAPER_API std::tuple<Tensor, Tensor> max_pool2d_with_indices(const Tensor& x, IntArrayRef kernel_size,
                                                             IntArrayRef stride = {}, IntArrayRef padding = 0,
                                                             IntArrayRef dilation = 1, bool ceil_mode = false);

// y = the sum of each window, padding counting as 0, divided by the positions of the window within input and padding;
// without count_include_pad by those within the input; or by divisor_override (not 0).
//                                                          dx = dy / divisor, summed
TAPER_API Tensor avg_pool1d(const Tensor& x, IntArrayRef kernel_size, IntArrayRef stride = {}, IntArrayRef padding = 0,
                            bool ceil_mode = false, bool count_include_pad = true);
TAPER_API Tensor avg_pool2d(const Tensor& x, IntArrayRef kernel_size, IntArrayRef stride = {}, IntArrayRef padding = 0,
                            bool ceil_mode = false, bool count_include_pad = true,
                            optional<int64_t> divisor_override = nullopt);

// output_size windows: window o of an axis is [floor(o in / out), ceil((o + 1) in / out)).
TAPER_API Tensor adaptive_avg_pool1d(const Tensor& x, IntArrayRef output_size);
TAPER_API Tensor adaptive_avg_pool2d(const Tensor& x, IntArrayRef output_size);

// (y, indices) as of max_pool2d_with_indices
TAPER_API std::tuple<Tensor, Tensor> adaptive_max_pool1d(const Tensor& x, IntArrayRef output_size);
TAPER_API std::tuple<Tensor, Tensor> adaptive_max_pool2d(const Tensor& x, IntArrayRef output_size);

}  // namespace taper
