// Reductions: over all elements (the result is a zero-dim tensor), or over `dim`, a dimension or several (an empty list
// means all), which disappear, or stay as 1 with keepdim. Dimensions out of range are an IndexError, one named twice is
// a ValueError, a tensor of more than 64 dimensions an Error. dtype converts x first. dy below is the cotangent
// expanded over what was reduced.
#pragma once

#include <taper/core/tensor.h>

namespace taper {

// y = the sum of the elements                              dx = dy
// Integers and bool give int64. Floats are summed in blocked lanes that are combined in double.
TAPER_API Tensor sum(const Tensor& x, optional<ScalarType> dtype = nullopt);
TAPER_API Tensor sum(const Tensor& x, IntArrayRef dim, bool keepdim = false, optional<ScalarType> dtype = nullopt);
// The sum of what is not NaN                               dx = dy, 0 at NaN
TAPER_API Tensor nansum(const Tensor& x, IntArrayRef dim = {}, bool keepdim = false,
                        optional<ScalarType> dtype = nullopt);
// Sum / m, the number of elements reduced                  dx = dy / m
// TypeError for integers, unless dtype makes them floats.
TAPER_API Tensor mean(const Tensor& x, optional<ScalarType> dtype = nullopt);
TAPER_API Tensor mean(const Tensor& x, IntArrayRef dim, bool keepdim = false, optional<ScalarType> dtype = nullopt);
// The product                                              dx_i = dy prod_(j != i) x_j, zeros included
TAPER_API Tensor prod(const Tensor& x, optional<ScalarType> dtype = nullopt);
TAPER_API Tensor prod(const Tensor& x, int64_t dim, bool keepdim = false, optional<ScalarType> dtype = nullopt);
// The sum of a matrix's diagonal; an Error for other shapes.
TAPER_API Tensor trace(const Tensor& x);
// ln sum exp x, without overflow                           dx = dy exp(x - y)
TAPER_API Tensor logsumexp(const Tensor& x, IntArrayRef dim, bool keepdim = false);
// x summed over what broadcasting from `sizes` would have stretched; y has `sizes`. An Error unless they broadcast.
TAPER_API Tensor sum_to_size(const Tensor& x, IntArrayRef sizes);

// ---- moments, in two passes: var = sum (x - mean)^2 / (m - correction), std = sqrt(var) -----------------------------
//                                                          dx = dy 2 (x - mean) / (m - correction)
// `unbiased` stands for a correction of 1, else it is 0. A correction of 0 must be an optional<int64_t>: a plain 0 is
// `unbiased`, as in libtorch. And a number alone is a dim. NaN where m <= correction.
TAPER_API Tensor var(const Tensor& x, bool unbiased = true);
TAPER_API Tensor var(const Tensor& x, IntArrayRef dim, bool unbiased = true, bool keepdim = false);
TAPER_API Tensor var(const Tensor& x, IntArrayRef dim, optional<int64_t> correction, bool keepdim = false);
TAPER_API Tensor std(const Tensor& x, bool unbiased = true);
TAPER_API Tensor std(const Tensor& x, IntArrayRef dim, bool unbiased = true, bool keepdim = false);
TAPER_API Tensor std(const Tensor& x, IntArrayRef dim, optional<int64_t> correction, bool keepdim = false);
// (variance or standard deviation, mean)
#define TAPER_MOMENTS(name)                                                                                        \
  TAPER_API detail::TensorPair name(const Tensor& x, bool unbiased = true);                                        \
  TAPER_API detail::TensorPair name(const Tensor& x, IntArrayRef dim, bool unbiased = true, bool keepdim = false); \
  TAPER_API detail::TensorPair name(const Tensor& x, IntArrayRef dim, optional<int64_t> correction,                \
                                    bool keepdim = false);                                                         \
  inline detail::TensorPair name(const Tensor& x, int dim) { return name(x, IntArrayRef(dim)); }                   \
  inline detail::TensorPair name(const Tensor& x, int64_t dim) { return name(x, IntArrayRef(dim)); }
TAPER_MOMENTS(var_mean)
TAPER_MOMENTS(std_mean)
#undef TAPER_MOMENTS

// ---- extremes: NaN wins; dimensions without elements are an IndexError ----------------------------------------------
// y = the largest (smallest) element                       dx = dy, shared evenly between equal ones
TAPER_API Tensor max(const Tensor& x);
TAPER_API Tensor min(const Tensor& x);
TAPER_API Tensor amax(const Tensor& x, IntArrayRef dim = {}, bool keepdim = false);
TAPER_API Tensor amin(const Tensor& x, IntArrayRef dim = {}, bool keepdim = false);
TAPER_API std::tuple<Tensor, Tensor> aminmax(const Tensor& x, optional<int64_t> dim = nullopt, bool keepdim = false);
// (y, the int64 index of the first such element)           dx = dy at the index
TAPER_API std::tuple<Tensor, Tensor> max(const Tensor& x, int64_t dim, bool keepdim = false);
TAPER_API std::tuple<Tensor, Tensor> min(const Tensor& x, int64_t dim, bool keepdim = false);
// The index alone, in the flattened tensor without dim.
TAPER_API Tensor argmax(const Tensor& x, optional<int64_t> dim = nullopt, bool keepdim = false);
TAPER_API Tensor argmin(const Tensor& x, optional<int64_t> dim = nullopt, bool keepdim = false);

// ---- truth and counts, without derivative ---------------------------------------------------------------------------
// Whether all (any) elements are not 0; true (false) of none. Bool, but uint8 of uint8.
TAPER_API Tensor all(const Tensor& x);
TAPER_API Tensor all(const Tensor& x, int64_t dim, bool keepdim = false);
TAPER_API Tensor any(const Tensor& x);
TAPER_API Tensor any(const Tensor& x, int64_t dim, bool keepdim = false);
// How many elements are not 0.
TAPER_API Tensor count_nonzero(const Tensor& x, IntArrayRef dim = {});

// ---- norms ----------------------------------------------------------------------------------------------------------
// y = (sum |x|^p)^(1/p); p = inf (-inf) is the largest (smallest) magnitude, p = 0 counts what is not 0
//                                                          dx = dy sign(x) (|x| / y)^(p - 1), 0 where y = 0
TAPER_API Tensor norm(const Tensor& x, const Scalar& p = 2);
TAPER_API Tensor norm(const Tensor& x, const optional<Scalar>& p, IntArrayRef dim, bool keepdim = false);
inline Tensor norm(const Tensor& x, const optional<Scalar>& p, IntArrayRef dim, bool keepdim, ScalarType dtype) {
  return norm(x.to(dtype), p, dim, keepdim);
}
inline Tensor norm(const Tensor& x, const optional<Scalar>& p, ScalarType dtype) {
  return norm(x, p, {}, false, dtype);
}

}  // namespace taper
