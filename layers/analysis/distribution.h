// What a tensor's values look like, and how far two of them are apart: the figures that Recorder notes
// (activation_recorder.h) and the measures of covariate shift. Everything is computed in double, whatever the dtype,
// and without overflow.
//
// The units of a tensor are its columns: dimension 1 of [N, C], [N, C, L], ...; a tensor of one or no dimension is one
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

  int64_t count = 0;       // finite values; mean, deviation, percentiles and saturated are theirs
  int64_t non_finite = 0;  // NaN and infinities
  double mean = kNone;
  double deviation = kNone;         // sqrt(1/count sum (x - mean)^2)
  std::vector<double> percentiles;  // in the order they were asked for
  double dead = kNone;              // fraction of units whose values are all <= 0, as those of a dead ReLU; NaN is not
  double saturated = kNone;         // fraction of values below low or above high; NaN if no such limits were given
};

// Percentile q is, as numpy's default, the value at position (count - 1) q / 100 of the sorted ones, linear between
// neighbours; q must be from 0 to 100. `limits` are the low and high of saturated, (0.01, 0.99) for a sigmoid.
TAPER_API Distribution describe(const Tensor& values, const std::vector<double>& percentiles = {15, 50, 85},
                                const optional<std::pair<double, double>>& limits = nullopt);

// The Wasserstein-1 distance of all values of `a` from all of `b`, sorted into quantile functions Fa and Fb:
//
//   W = integral over q from 0 to 1 of |Fa(q) - Fb(q)|
//
// what it takes to turn one heap of values into the other: values times the way they go. The counts may differ. NaN,
// infinity or no values at all are a ValueError.
TAPER_API double wasserstein_distance(const Tensor& a, const Tensor& b);

// For each unit c how far its values have moved, in deviations, [C] float64:
//
//   W(before_c, after_c) / sqrt((deviation(before_c)^2 + deviation(after_c)^2) / 2)
//
// A unit that is shifted by k deviations gets k. One that is constant in both gets 0 if it is the same constant, else
// infinity. Both must have the same units, but may have more or fewer values of them; NaN, infinity or no values are a
// ValueError.
TAPER_API Tensor unit_shifts(const Tensor& before, const Tensor& after);

// The mean of unit_shifts: how far the distribution of a layer's input (layer_inputs in covariate_shift.h) has moved
// between two steps. Chance alone takes two batches of n normal values about 1.8 / sqrt(n) apart; comparing what became
// of the same batch leaves that out.
TAPER_API double distribution_shift(const Tensor& before, const Tensor& after);

// How far a gradient has moved. NaN and infinities in the gradients come through; a gradient of zeros has no direction,
// and cosine and angle are NaN.
struct GradientShift {
  double cosine = 0;    // <before, after> / (|before| |after|)
  double angle = 0;     // between them, in degrees, 0 to 180; exact for small ones, where the cosine rounds to 1
  double l2 = 0;        // |after - before|
  double relative = 0;  // l2 / |before|
};

// Of one tensor, or of several taken together as one long vector; both sides must have the same sizes.
TAPER_API GradientShift gradient_shift(const Tensor& before, const Tensor& after);
TAPER_API GradientShift gradient_shift(TensorList before, TensorList after);

namespace detail {
TAPER_API double l2_norm(const Tensor& values);
TAPER_API bool all_finite(const Tensor& values);
TAPER_API void check_percentiles(const char* op, const std::vector<double>& percentiles);
}  // namespace detail

}  // namespace taper::nn::utils
