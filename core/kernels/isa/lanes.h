// Sums, maxima and minima of a run of values in vector registers. Only for files in core/kernels/isa/: everything here
// is local to the including file. The order of additions does not depend on the instruction set.
#pragma once

#include <taper/core/kernels/isa/vectors.h>

#include <cstdint>

namespace taper::kernels::TAPER_ISA {
namespace {

constexpr int kLanes = 64;        // sums of T in a block
constexpr int kFolded = 16;       // sums of double that blocks are added to
constexpr int64_t kBlock = 2048;  // elements whose sum stays in T: 32 a lane

// Sixteen sums of double.
struct Folded {
  static constexpr int kWidth = kVectorLanes<double>, kVectors = kFolded / kWidth;
  Vector<double> d[kVectors] = {};

  // Adds sixteen values.
  template <class T>
  void add(const T* x) {
    for (int v = 0; v < kVectors; ++v) d[v] += load<double, kWidth>(x + v * kWidth);
  }
  // Sum i takes sum i + 8, then i + 4, ...: registers as long as there are several, then within one.
  double total() const {
    Vector<double, kWidth> t[kVectors];
    for (int v = 0; v < kVectors; ++v) t[v] = d[v];
    for (int step = kVectors / 2; step > 0; step /= 2) {
      for (int v = 0; v < step; ++v) t[v] += t[v + step];
    }
    double s[kWidth];
    __builtin_memcpy(s, t, sizeof s);
    for (int step = kWidth / 2; step > 0; step /= 2) {
      for (int i = 0; i < step; ++i) s[i] += s[i + step];
    }
    return s[0];
  }
};

// The sum over [0, n) of term(i), a T; term_vector(i) gives a vector of them.
template <class T, class Term, class TermVector>
double sum_terms(int64_t n, const Term& term, const TermVector& term_vector) {
  if (n < kFolded) {
    double even = 0, odd = 0;
    int64_t i = 0;
    for (; i + 1 < n; i += 2) {
      even += static_cast<double>(term(i));
      odd += static_cast<double>(term(i + 1));
    }
    return i < n ? even + odd + static_cast<double>(term(i)) : even + odd;
  }
  constexpr int kWidth = kVectorLanes<T>, kVectors = kLanes / kWidth, kSixteen = kFolded / kWidth;
  Folded sums;
  T folded[kFolded];
  int64_t i = 0;
  while (i + kLanes <= n) {
    const int64_t end = n - i < kBlock ? i + (n - i) / kLanes * kLanes : i + kBlock;
    Vector<T> sum[kVectors];
    for (int v = 0; v < kVectors; ++v) sum[v] = term_vector(i + v * kWidth);
    for (i += kLanes; i < end; i += kLanes) {
      for (int v = 0; v < kVectors; ++v) sum[v] += term_vector(i + v * kWidth);
    }
    for (int v = 0; v < kSixteen; ++v) {
      store<kWidth, T>(folded + v * kWidth,
                       (sum[v] + sum[v + kSixteen]) + (sum[v + 2 * kSixteen] + sum[v + 3 * kSixteen]));
    }
    sums.add(folded);
  }
  for (; i + kFolded <= n; i += kFolded) {
    for (int v = 0; v < kSixteen; ++v) store<kWidth, T>(folded + v * kWidth, term_vector(i + v * kWidth));
    sums.add(folded);
  }
  double rest = 0;
  for (; i < n; ++i) rest += static_cast<double>(term(i));
  return sums.total() + rest;
}

// sum x[i]
template <class T>
double sum_of(const T* x, int64_t n) {
  return sum_terms<compute_t<T>>(
      n, [x](int64_t i) { return x[i]; }, [x](int64_t i) { return load(x + i); });
}
// sum a[i] b[i]
template <class T>
double sum_of_products(const T* a, const T* b, int64_t n) {
  return sum_terms<compute_t<T>>(
      n, [a, b](int64_t i) { return a[i] * b[i]; }, [a, b](int64_t i) { return load(a + i) * load(b + i); });
}

// sum (x[i] - center)^2; lane l takes i = l, l + 16, ...
template <class T>
double squares_of(const T* x, int64_t n, double center) {
  Folded sums;
  int64_t i = 0;
  for (; i + kFolded <= n; i += kFolded) {
    for (int v = 0; v < Folded::kVectors; ++v) {
      const auto t = load<double, Folded::kWidth>(x + i + v * Folded::kWidth) - center;
      sums.d[v] += t * t;
    }
  }
  double lane[kFolded];
  __builtin_memcpy(lane, sums.d, sizeof lane);
  for (int l = 0; i < n; ++i, ++l) {
    const double t = static_cast<double>(x[i]) - center;
    lane[l] += t * t;
  }
  __builtin_memcpy(sums.d, lane, sizeof lane);
  return sums.total();
}

// NaN wins: once the best is NaN both comparisons fail and it stays.
template <bool kMax, class T>
T better(T x, T best) {
  return ((kMax ? x > best : x < best) | (x != x)) ? x : best;
}

// The largest or the smallest of x[0, n), n >= 1.
template <bool kMax, class T>
T max_or_min(const T* x, int64_t n) {
  using C = compute_t<T>;
  constexpr int kWidth = kVectorLanes<C>, kStep = 4 * kWidth;
  C best = x[0];
  int64_t i = 0;
  if (n >= kStep) {
    Vector<C> bests[4];
    for (int v = 0; v < 4; ++v) bests[v] = load(x + v * kWidth);
    for (i = kStep; i + kStep <= n; i += kStep) {
      for (int v = 0; v < 4; ++v) bests[v] = better<kMax>(load(x + i + v * kWidth), bests[v]);
    }
    for (int v = 1; v < 4; ++v) bests[0] = better<kMax>(bests[v], bests[0]);
    for (int l = 0; l < kWidth; ++l) best = better<kMax, C>(bests[0][l], best);
  }
  for (; i < n; ++i) best = better<kMax, C>(x[i], best);
  return static_cast<T>(best);
}

}  // namespace
}  // namespace taper::kernels::TAPER_ISA
