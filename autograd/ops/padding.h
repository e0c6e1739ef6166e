// Borders around a tensor. pad has two numbers for each dimension, the last one first: pad[0] elements before and
// pad[1] after the last dimension, pad[2] and pad[3] for the last but one, and so on. Negative numbers cut off. What
// does not fit is a ValueError.
#pragma once

#include <taper/core/tensor.h>

#include <string_view>

namespace taper {

// y = x with a border of value                             dx = dy without the border
TAPER_API Tensor constant_pad_nd(const Tensor& x, IntArrayRef pad, const Scalar& value = 0);

// The same by mode: "constant", or of the last 1, 2 or 3 dimensions, which have one or two before them, "reflect"
// (edges not repeated, pad below the size), "replicate" the edge, or "circular" (pad at most the size).
//                                                          dx = dy added up where it came from
TAPER_API Tensor pad(const Tensor& x, IntArrayRef pad, std::string_view mode = "constant",
                     optional<double> value = nullopt);
TAPER_API Tensor reflection_pad1d(const Tensor& x, IntArrayRef padding);
TAPER_API Tensor reflection_pad2d(const Tensor& x, IntArrayRef padding);
TAPER_API Tensor replication_pad1d(const Tensor& x, IntArrayRef padding);
TAPER_API Tensor replication_pad2d(const Tensor& x, IntArrayRef padding);

}  // namespace taper
