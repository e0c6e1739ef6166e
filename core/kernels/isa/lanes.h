// Sums and extremes of a run of values in vector registers. Only for files in core/kernels/isa/: everything here is
// local to the including file. The order of additions does not depend on the instruction set.
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
  using D = Vector<double>;
  static constexpr int kWidth = kVectorLanes<double>, kVectors = kFolded / kWidth;
  D d[kVectors] = {};

  // Adds sixteen values.
  template <class T>
  void add(const T* x) {
    for (int v = 0; v < kVectors; ++v) {
      Vector<T, kWidth> narrow;
      __builtin_memcpy(&narrow, x + v * kWidth, sizeof narrow);
      d[v] += __builtin_convertvector(narrow, D);
    }
  }
  double total() const {
    double s[kFolded];
    __builtin_memcpy(s, d, sizeof s);
    for (int step = kFolded / 2; step > 0; step /= 2) {
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
  using V = Vector<T>;
  constexpr int kWidth = kVectorLanes<T>, kVectors = kLanes / kWidth, kSixteen = kFolded / kWidth;
  Folded sums;
  T folded[kFolded];
  int64_t i = 0;
  while (i + kLanes <= n) {
    const int64_t end = n - i < kBlock ? i + (n - i) / kLanes * kLanes : i + kBlock;
    V sum[kVectors];
    for (int v = 0; v < kVectors; ++v) sum[v] = term_vector(i + v * kWidth);
    for (i += kLanes; i < end; i += kLanes) {
      for (int v = 0; v < kVectors; ++v) sum[v] += term_vector(i + v * kWidth);
    }
    for (int v = 0; v < kSixteen; ++v) {
      const V s = (sum[v] + sum[v + kSixteen]) + (sum[v + 2 * kSixteen] + sum[v + 3 * kSixteen]);
      __builtin_memcpy(folded + v * kWidth, &s, sizeof s);
    }
    sums.add(folded);
  }
  for (; i + kFolded <= n; i += kFolded) {
    for (int v = 0; v < kSixteen; ++v) {
      const V s = term_vector(i + v * kWidth);
      __builtin_memcpy(folded + v * kWidth, &s, sizeof s);
    }
    sums.add(folded);
  }
  double rest = 0;
  for (; i < n; ++i) rest += static_cast<double>(term(i));
  return sums.total() + rest;
}

// NaN wins: once the best is NaN both comparisons fail and it stays.
template <bool kMax, class T>
T better(T x, T best) {
  return ((kMax ? x > best : x < best) | (x != x)) ? x : best;
}

// n >= 1
template <bool kMax, class T>
T extreme(const T* x, int64_t n) {
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
