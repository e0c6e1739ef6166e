// Rows are short (10 classes): the last values of a row fill up a group of lanes of their own, so that they too are done
// as a vector.
#include <taper/core/kernels/isa/loss.h>
#include <taper/core/kernels/isa/math.h>

namespace taper::kernels::TAPER_ISA {
namespace {

constexpr int kLanes = 16;
constexpr int kFlush = 32;  // additions a lane before they move to double

// NaN wins.
template <class T>
T larger(T a, T b) {
  return (b > a) | (b != b) ? b : a;
}

// f(lane index, x) for kLanes values at a time; where the row ends, `rest` stands for what is missing.
template <class T, class F>
void each_group(const T* x, int64_t n, T rest, const F& f) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) f(i, x + i);
  if (i == n) return;
  T padded[kLanes];
  for (int l = 0; l < kLanes; ++l) padded[l] = l < n - i ? x[i + l] : rest;
  f(i, padded);
}

template <class T>
void sum_exp(const T* x, int64_t R, int64_t C, T* max, double* sum) {
  for (int64_t r = 0; r < R; ++r, x += C) {
    T lane[kLanes];
    for (int l = 0; l < kLanes; ++l) lane[l] = x[0];
    each_group(x, C, x[0], [&lane](int64_t, const T* v) {
      for (int l = 0; l < kLanes; ++l) lane[l] = larger(lane[l], v[l]);
    });
    T best = lane[0];
    for (int l = 1; l < kLanes; ++l) best = larger(best, lane[l]);
    max[r] = best;

    double total = 0;
    for (int l = 0; l < kLanes; ++l) lane[l] = 0;
    int64_t added = 0;
    const auto flush = [&] {
      for (int l = 0; l < kLanes; ++l) {
        total += static_cast<double>(lane[l]);
        lane[l] = 0;
      }
    };
    // exp(-1e4) = 0 for the values that are not there
    each_group(x, C, best - static_cast<T>(1e4), [&](int64_t, const T* v) {
      for (int l = 0; l < kLanes; ++l) lane[l] += exp_of(v[l] - best);
      if (++added % kFlush == 0) flush();
    });
    flush();
    sum[r] = total;
  }
}

template <class T>
void scaled_exp(const T* x, int64_t R, int64_t C, const T* max, const T* scale, T* y) {
  for (int64_t r = 0; r < R; ++r, x += C, y += C) {
    const T best = max[r], s = scale[r];
    if (s == 0) {  // a row that does not count, whatever it holds
      for (int64_t c = 0; c < C; ++c) y[c] = 0;
      continue;
    }
    each_group(x, C, best, [&](int64_t i, const T* v) {
      T e[kLanes];
      for (int l = 0; l < kLanes; ++l) e[l] = exp_of(v[l] - best) * s;
      if (C - i >= kLanes) {
        __builtin_memcpy(y + i, e, sizeof e);
      } else {
        for (int64_t l = 0; l < C - i; ++l) y[i + l] = e[l];
      }
    });
  }
}

}  // namespace

extern const LossLoops loss_loops{{sum_exp<float>, scaled_exp<float>}, {sum_exp<double>, scaled_exp<double>}};

}  // namespace taper::kernels::TAPER_ISA
