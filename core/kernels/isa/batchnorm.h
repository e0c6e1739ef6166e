// The loops of batch normalisation, over a block of an [N, C, S] array (N samples, C channels, S values of a channel
// side by side; S = 1 is the N x C layout). The values of channel c are numbered j = n S + s, from 0 to M = N S.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

struct BatchNormBlock {
  int64_t C, S;
  int64_t c0, c1;  // channels [c0, c1)
  int64_t j0, j1;  // values [j0, j1) of each, at least one
  // Lanes hold T by default. `wide`: double, for values whose squares or differences leave the range of float.
  bool wide;
};

// The mean of each channel in two parts, of which float holds the first exactly. Where the mean is a million times the
// standard deviation, x - high is small and exact, and low is a large part of it: (x - high) - low loses nothing.
struct BatchNormMean {
  const double *high, *low;
};

// Arrays of doubles are [C]: one value per channel, of which a loop reads or writes those of its block.
template <class T>
struct BatchNormLoops {
  // mean = sum x / m, m2 = sum (x - mean)^2 over the m = j1 - j0 values of the block. Two passes: the first finds a
  // point near the mean, the second sums the differences from it and their squares. A block that overflows is done
  // again wide.
  void (*statistics)(const BatchNormBlock& block, const T* x, double* mean, double* m2, double* scratch);
  // var = m2 / m in place, invstd = 1 / sqrt(var + eps), of n channels
  void (*variances)(int64_t n, double* var, double m, double eps, double* invstd);
  // y = (x - mean) scale + shift
  void (*normalise)(const BatchNormBlock& block, const T* x, T* y, const BatchNormMean& mean, const double* scale,
                    const double* shift);
  // sum_g = sum g, sum_gd = sum g (x - mean)
  void (*sums)(const BatchNormBlock& block, const T* x, const T* g, const BatchNormMean& mean, double* sum_g,
               double* sum_gd);
  // dx = ((g - mean_g) - (x - mean) slope) scale
  void (*gradient)(const BatchNormBlock& block, const T* x, const T* g, T* dx, const BatchNormMean& mean,
                   const double* mean_g, const double* slope, const double* scale);
};

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(BatchNormLoops)
