#include <taper/core/kernels/cumulative.h>

#include <taper/core/dims.h>
#include <taper/core/float_types.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/lines.h>
#include <taper/core/kernels/loop_nest.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

namespace taper::kernels {
namespace {

// The accumulator of T: integers are added as unsigned ones, where overflow is defined.
template <class T>
using Running =
    std::conditional_t<is_float_type<T>, double, std::conditional_t<std::is_same_v<T, bool>, bool, uint64_t>>;

// y = running results along the lines of y: acc = step(acc, offset of the element), from `first`. Neighbours in memory
// advance together.
template <class T, class Step>
void scan_rows(const char* op, const Tensor& y, int64_t dim, bool reverse, Running<T> first, Step step) {
  constexpr int64_t kColumns = 256;
  const Lines lines(y.sizes(), wrap_dim(op, dim, y.dim()));
  if (y.numel() == 0) return;
  const int64_t outer = lines.outer, n = lines.n, inner = lines.inner;
  T* const out = static_cast<T*>(y.data_ptr());
  const int64_t blocks = (inner + kColumns - 1) / kColumns, width = std::min(inner, kColumns);
  parallel_for(0, outer * blocks, kCheapGrain / std::max<int64_t>(n * width, 1), [&](int64_t begin, int64_t end) {
    Running<T> acc[kColumns];
    for (int64_t task = begin; task < end; ++task) {
      const int64_t column = task % blocks * kColumns, count = std::min(kColumns, inner - column);
      if (inner == 1) {  // one at a time, in a register
        Running<T> one = first;
        for (int64_t i = 0; i < n; ++i) {
          const int64_t at = task * n + (reverse ? n - 1 - i : i);
          one = step(one, at);
          out[at] = static_cast<T>(one);
        }
        continue;
      }
      std::fill(acc, acc + count, first);
      for (int64_t i = 0; i < n; ++i) {
        const int64_t row = (task / blocks * n + (reverse ? n - 1 - i : i)) * inner + column;
        for (int64_t c = 0; c < count; ++c) {
          acc[c] = step(acc[c], row + c);
          out[row + c] = static_cast<T>(acc[c]);
        }
      }
    }
  });
}

// cumsum and cumprod: combine(acc, x) of two Running<T>, which for bool is + and * of 0 and 1.
template <class Combine>
Tensor accumulate(const char* op, const Tensor& x, int64_t dim, ScalarType dtype, bool reverse, int first,
                  const Combine& combine) {
  if (isReducedFloatingType(dtype)) return to_dtype(accumulate(op, x, dim, kFloat32, reverse, first, combine), dtype);
  wrap_dim(op, dim, x.dim());
  const Tensor in = x.dtype() == dtype ? contiguous(x) : to_dtype(x, dtype);
  Tensor y = make_tensor(op, x.sizes(), dtype);
  dispatch(dtype, [&]<class T>(T) {
    scan_rows<T>(op, y, dim, reverse, static_cast<Running<T>>(first),
                 [&combine, v = in.data_ptr<T>()](Running<T> acc, int64_t i) {
                   return static_cast<Running<T>>(combine(acc, static_cast<Running<T>>(v[i])));
                 });
  });
  return y;
}

double log_add_exp(double a, double b) {
  const double low = std::min(a, b), high = std::max(a, b);
  if (a != a || b != b) return a + b;
  return low == high && std::isinf(low) ? low : high + std::log1p(std::exp(low - high));
}

}  // namespace

Tensor cumsum(const Tensor& x, int64_t dim, ScalarType dtype, bool reverse) {
  return accumulate("cumsum", x, dim, dtype, reverse, 0, [](auto acc, auto v) { return acc + v; });
}

Tensor cumprod(const Tensor& x, int64_t dim, ScalarType dtype, bool reverse) {
  return accumulate("cumprod", x, dim, dtype, reverse, 1, [](auto acc, auto v) { return acc * v; });
}

Tensor logcumsumexp(const Tensor& x, int64_t dim) {
  if (is_half(x)) return in_float32(x.dtype(), logcumsumexp, x, dim);
  wrap_dim("logcumsumexp", dim, x.dim());
  const Tensor in = contiguous(x);
  Tensor y = make_tensor("logcumsumexp", x.sizes(), x.dtype());
  dispatch_floating(x.dtype(), "logcumsumexp", [&]<class T>(T) {
    const T* v = static_cast<const T*>(in.data_ptr());
    scan_rows<T>("logcumsumexp", y, dim, false, -std::numeric_limits<double>::infinity(),
                 [v](double acc, int64_t i) { return log_add_exp(acc, static_cast<double>(v[i])); });
  });
  return y;
}

Tensor recurrence(const Tensor& a, const Tensor& b, int64_t dim, bool reverse) {
  if (is_half(b)) return in_float32(b.dtype(), recurrence, a, b, dim, reverse);
  const Tensor factor = contiguous(a), summand = contiguous(b);
  Tensor y = make_tensor("recurrence", b.sizes(), b.dtype());
  dispatch_floating(b.dtype(), "recurrence", [&]<class T>(T) {
    const T *u = static_cast<const T*>(factor.data_ptr()), *v = static_cast<const T*>(summand.data_ptr());
    scan_rows<T>("recurrence", y, dim, reverse, 0,
                 [u, v](double acc, int64_t i) { return static_cast<double>(v[i]) + static_cast<double>(u[i]) * acc; });
  });
  return y;
}

}  // namespace taper::kernels
