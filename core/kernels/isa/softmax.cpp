#include <taper/core/kernels/isa/math.h>
#include <taper/core/kernels/isa/softmax.h>

namespace taper::kernels::TAPER_ISA {
namespace {

constexpr int kLanes = 16;
constexpr int64_t kBlock = 512;  // elements whose sum stays in T: 32 a lane

// NaN wins, so that a slice with a NaN is all NaN.
template <class T>
T max_of(const T* x, int64_t n) {
  T lane[kLanes];
  for (int l = 0; l < kLanes; ++l) lane[l] = x[l < n ? l : 0];
  int64_t i = kLanes;
  for (; i + kLanes <= n; i += kLanes) {
    for (int l = 0; l < kLanes; ++l) lane[l] = (x[i + l] > lane[l]) | (x[i + l] != x[i + l]) ? x[i + l] : lane[l];
  }
  T best = lane[0];
  for (int l = 1; l < kLanes; ++l) best = (lane[l] > best) | (lane[l] != lane[l]) ? lane[l] : best;
  for (; i < n; ++i) best = (x[i] > best) | (x[i] != x[i]) ? x[i] : best;
  return best;
}

// sum term(i) over [0, n), blocks of lanes in T combined in double.
template <class T, class Term>
double sum_of(int64_t n, const Term& term) {
  double total = 0;
  for (int64_t from = 0; from < n; from += kBlock) {
    const int64_t end = n - from < kBlock ? n : from + kBlock;
    T lane[kLanes] = {};
    int64_t i = from;
    for (; i + kLanes <= end; i += kLanes) {
      for (int l = 0; l < kLanes; ++l) lane[l] += term(i + l);
    }
    for (int l = 0; i < end; ++i, ++l) lane[l] += term(i);
    T half[kLanes / 2];
    for (int l = 0; l < kLanes / 2; ++l) half[l] = lane[l] + lane[l + kLanes / 2];
    for (int l = 0; l < kLanes / 4; ++l) half[l] += half[l + kLanes / 4];
    total += static_cast<double>((half[0] + half[2]) + (half[1] + half[3]));
  }
  return total;
}

template <class T>
void softmax(T* y, const T* x, int64_t n) {
  const T best = max_of(x, n);
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = exp_of(x[i] - best);
  const T scale = static_cast<T>(1 / sum_of<T>(n, [y](int64_t i) { return y[i]; }));
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] *= scale;
}

template <class T>
void log_softmax(T* y, const T* x, int64_t n) {
  const T best = max_of(x, n);
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = exp_of(x[i] - best);
  const T log_sum = static_cast<T>(__builtin_log(sum_of<T>(n, [y](int64_t i) { return y[i]; })));
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - best) - log_sum;
}

template <class T>
void softmax_backward(T* dx, const T* dy, const T* y, int64_t n) {
  const T mean = static_cast<T>(sum_of<T>(n, [dy, y](int64_t i) { return dy[i] * y[i]; }));
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) dx[i] = y[i] * (dy[i] - mean);
}

template <class T>
void log_softmax_backward(T* dx, const T* dy, const T* y, int64_t n) {
  const T sum = static_cast<T>(sum_of<T>(n, [dy](int64_t i) { return dy[i]; }));
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) dx[i] = dy[i] - exp_of(y[i]) * sum;
}

}  // namespace

#define TAPER_LOOPS(T) {softmax<T>, log_softmax<T>, softmax_backward<T>, log_softmax_backward<T>}
extern const SoftmaxLoops softmax_loops{TAPER_LOOPS(float), TAPER_LOOPS(double)};
#undef TAPER_LOOPS

}  // namespace taper::kernels::TAPER_ISA
