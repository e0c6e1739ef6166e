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

template <class T>
constexpr SoftmaxLoops<T> kLoops{softmax, log_softmax, softmax_backward, log_softmax_backward};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(SoftmaxLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
