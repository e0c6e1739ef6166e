// Inner loops of cdist: kStrip distances, or kStrip components of a gradient, at a time.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels {

// The norms with loops of their own.
enum class Norm : uint8_t { Zero, One, Two, Infinite, Count };

template <class T>
struct DistanceLoops {
  static constexpr int64_t kStrip = 128 / sizeof(T);
  // For every l in [0, kStrip), with d = x[c] - strip[c, l] over c in [0, k):
  //   y[l] = the number of d that are not 0, sum_c |d|, sqrt(sum_c d^2), max_c |d| (NaN wins)
  // The sums of 64 terms are of T, those of these of double.
  void (*distance[static_cast<int>(Norm::Count)])(const T* x, const T* strip, int64_t k, T* y);
  // For every l in [0, kStrip), with d = x[l] - strip[j, l] over j in [0, m):
  //   dx[l] = (none), sum_j w[j] sign(d), sum_j w[j] d, sum_j w[j] sign(d) [|d| = y[j]]
  void (*slope[static_cast<int>(Norm::Count)])(const T* x, const T* strip, const T* w, const T* y, int64_t m, T* dx);
  // w = dy / y, 0 where y is. False where one of these (but for 0 / y) is not in [2^-100, 2^100].
  bool (*divide)(const T* dy, const T* y, int64_t n, T* w);
};

}  // namespace taper::kernels

TAPER_FLOAT_LOOPS(DistanceLoops)
