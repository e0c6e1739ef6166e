#include <taper/core/kernels/isa/lanes.h>
#include <taper/core/kernels/isa/math.h>
#include <taper/core/kernels/isa/softmax.h>

namespace taper::kernels::TAPER_ISA {
namespace {

template <class T>
void softmax(T* y, const T* x, int64_t n) {
  const T best = max_or_min<true>(x, n);
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = exp_of(x[i] - best);
  const T scale = static_cast<T>(1 / sum_of(y, n));
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] *= scale;
}

template <class T>
void log_softmax(T* y, const T* x, int64_t n) {
  const T best = max_or_min<true>(x, n);
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = exp_of(x[i] - best);
  const T log_sum = static_cast<T>(__builtin_log(sum_of(y, n)));
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - best) - log_sum;
}

template <class T>
void softmax_backward(T* dx, const T* dy, const T* y, int64_t n) {
  const T mean = static_cast<T>(sum_of_products(dy, y, n));
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) dx[i] = y[i] * (dy[i] - mean);
}

template <class T>
void log_softmax_backward(T* dx, const T* dy, const T* y, int64_t n) {
  const T sum = static_cast<T>(sum_of(dy, n));
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) dx[i] = dy[i] - exp_of(y[i]) * sum;
}

// ---- columns: x[i ld + c], the lines c < cols <= kSoftmaxColumns of n values each -----------------------------------

// best[c] = max of column c; sum[c] = sum of exp(x - best), which are stored
template <class T>
void exponentials(T* y, const T* x, int64_t n, int64_t ld, int64_t cols, T* best, double* sum) {
  for (int64_t c = 0; c < cols; ++c) best[c] = x[c];
  for (int64_t i = 1; i < n; ++i) {
    const T* row = x + i * ld;
    TAPER_VECTORISE for (int64_t c = 0; c < cols; ++c) best[c] = better<true>(row[c], best[c]);
  }
  for (int64_t c = 0; c < cols; ++c) sum[c] = 0;
  for (int64_t i = 0; i < n; ++i) {
    const T* row = x + i * ld;
    T* to = y + i * ld;
    TAPER_VECTORISE for (int64_t c = 0; c < cols; ++c) {
      const T e = exp_of(row[c] - best[c]);
      to[c] = e;
      sum[c] += static_cast<double>(e);
    }
  }
}

template <class T>
void softmax_columns(T* y, const T* x, int64_t n, int64_t ld, int64_t cols) {
  T best[kSoftmaxColumns];
  double sum[kSoftmaxColumns];
  exponentials(y, x, n, ld, cols, best, sum);
  for (int64_t c = 0; c < cols; ++c) best[c] = static_cast<T>(1 / sum[c]);
  for (int64_t i = 0; i < n; ++i) {
    T* to = y + i * ld;
    TAPER_VECTORISE for (int64_t c = 0; c < cols; ++c) to[c] *= best[c];
  }
}

template <class T>
void log_softmax_columns(T* y, const T* x, int64_t n, int64_t ld, int64_t cols) {
  T best[kSoftmaxColumns], log_sum[kSoftmaxColumns];
  double sum[kSoftmaxColumns];
  exponentials(y, x, n, ld, cols, best, sum);
  for (int64_t c = 0; c < cols; ++c) log_sum[c] = static_cast<T>(__builtin_log(sum[c]));
  for (int64_t i = 0; i < n; ++i) {
    const T* row = x + i * ld;
    T* to = y + i * ld;
    TAPER_VECTORISE for (int64_t c = 0; c < cols; ++c) to[c] = (row[c] - best[c]) - log_sum[c];
  }
}

template <class T>
void softmax_backward_columns(T* dx, const T* dy, const T* y, int64_t n, int64_t ld, int64_t cols) {
  double sum[kSoftmaxColumns] = {};
  T mean[kSoftmaxColumns];
  for (int64_t i = 0; i < n; ++i) {
    const T *g = dy + i * ld, *v = y + i * ld;
    TAPER_VECTORISE for (int64_t c = 0; c < cols; ++c) sum[c] += static_cast<double>(g[c] * v[c]);
  }
  for (int64_t c = 0; c < cols; ++c) mean[c] = static_cast<T>(sum[c]);
  for (int64_t i = 0; i < n; ++i) {
    const T *g = dy + i * ld, *v = y + i * ld;
    T* to = dx + i * ld;
    TAPER_VECTORISE for (int64_t c = 0; c < cols; ++c) to[c] = v[c] * (g[c] - mean[c]);
  }
}

template <class T>
void log_softmax_backward_columns(T* dx, const T* dy, const T* y, int64_t n, int64_t ld, int64_t cols) {
  double sum[kSoftmaxColumns] = {};
  T total[kSoftmaxColumns];
  for (int64_t i = 0; i < n; ++i) {
    const T* g = dy + i * ld;
    TAPER_VECTORISE for (int64_t c = 0; c < cols; ++c) sum[c] += static_cast<double>(g[c]);
  }
  for (int64_t c = 0; c < cols; ++c) total[c] = static_cast<T>(sum[c]);
  for (int64_t i = 0; i < n; ++i) {
    const T *g = dy + i * ld, *v = y + i * ld;
    T* to = dx + i * ld;
    TAPER_VECTORISE for (int64_t c = 0; c < cols; ++c) to[c] = g[c] - exp_of(v[c]) * total[c];
  }
}

template <class T>
constexpr SoftmaxLoops<T> kLoops{{softmax, softmax_columns},
                                 {log_softmax, log_softmax_columns},
                                 {softmax_backward, softmax_backward_columns},
                                 {log_softmax_backward, log_softmax_backward_columns}};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(SoftmaxLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
