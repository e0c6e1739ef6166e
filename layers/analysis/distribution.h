// The distribution of a tensor's elements, and distances of distributions: what Recorder records
// (activation_recorder.h) and how covariate shift is measured. Everything is computed in double, whatever the dtype,
// and without overflow.
//
// The units of a tensor are its channels: dimension 1 of [N, C], [N, C, L], ...; a tensor of one or no dimension is one
// unit. No argument is changed and nothing is recorded for differentiation.
#pragma once

#include <taper/core/tensor.h>

#include <limits>
#include <utility>
#include <vector>

namespace taper::nn::utils {

// Of an empty tensor all but the counts is NaN; of one without a finite value all but the counts and `dead`.
struct Distribution {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

  int64_t count = 0;       // finite elements; mean, deviation, percentiles and saturated are of these
  int64_t non_finite = 0;  // NaN and infinities
  double mean = kNone;
  double deviation = kNone;         // standard deviation: sqrt(sum (x - mean)^2 / count)
  std::vector<double> percentiles;  // in the order they were asked for
  double dead = kNone;              // fraction of units all of whose elements are <= 0 (not NaN), as of a dead ReLU
  double saturated = kNone;         // fraction of elements below low or above high; NaN without limits
};

// Percentile q is, as by numpy's default, the element at position (count - 1) q / 100 of the sorted ones, interpolated
// linearly; ValueError for a q outside [0, 100]. `limits` are the low and high of saturated, (0.01, 0.99) for a
// sigmoid.
TAPER_API Distribution describe(const Tensor& values, const std::vector<double>& percentiles = {15, 50, 85},
                                const optional<std::pair<double, double>>& limits = nullopt);

// The Wasserstein-1 (earth mover's) distance of the distributions of all elements of `a` and of `b`, with quantile
// functions Qa and Qb:
//
//   W = integral over q from 0 to 1 of |Qa(q) - Qb(q)|
//
// The numbers of elements may differ. ValueError for NaN, infinity or no elements.
TAPER_API double wasserstein_distance(const Tensor& a, const Tensor& b);

// The shift of each unit's distribution in standard deviations, [C] float64:
//
//   W(before_c, after_c) / sqrt((std(before_c)^2 + std(after_c)^2) / 2)
//
// A unit whose elements all move by k standard deviations has k. One that is constant in both has 0 if it is the same
// constant, else infinity. Both must have the same number of units; their other sizes may differ. ValueError for NaN,
// infinity or no elements.
TAPER_API Tensor unit_shifts(const Tensor& before, const Tensor& after);

// The mean of unit_shifts: the shift of the distribution of a layer's input (layer_inputs in covariate_shift.h) between
// two steps. Two samples of n elements of one normal distribution are about 1.8 / sqrt(n) apart; using the same batch
// both times avoids this noise.
TAPER_API double distribution_shift(const Tensor& before, const Tensor& after);

// The change of a gradient. NaN and infinities in the gradients propagate; for a gradient of zeros, which has no
// direction, cosine and angle are NaN.
struct GradientShift {
  double cosine = 0;    // <before, after> / (|before| |after|)
  double angle = 0;     // in degrees, 0 to 180; accurate for small angles, where the cosine rounds to 1
  double l2 = 0;        // |after - before|
  double relative = 0;  // l2 / |before|
};

// Of one tensor, or of several concatenated to one vector. ValueError unless both sides have the same sizes.
TAPER_API GradientShift gradient_shift(TensorList before, TensorList after);

namespace detail {
TAPER_API double l2_norm(const Tensor& values);
TAPER_API bool all_finite(const Tensor& values);
TAPER_API void check_percentiles(const char* op, const std::vector<double>& percentiles);
}  // namespace detail

}  // namespace taper::nn::utils
