// x is [outer, n, inner] along the softmax dim. Lines whose elements are neighbours in memory (inner = 1) go straight
// to the loops; others are transposed, some columns at a time, into scratch memory and back.
#include <taper/core/kernels/softmax.h>

#include <taper/core/dims.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/isa/softmax.h>
#include <taper/core/kernels/lines.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <memory>

namespace taper::kernels {
namespace {

constexpr int64_t kGrain = 1 << 14;  // elements of a piece
constexpr int64_t kColumns = 16;     // columns transposed together: a cache line of floats

// Calls f(y, inputs..., n) for each line of n values; `in` are one or two row-major tensors of y's sizes.
template <class T, int kInputs, class F>
void for_each_line(const char* op, const Tensor& result, const T* const (&in)[kInputs], int64_t dim, const F& f) {
  const Lines lines(result.sizes(), wrap_dim(op, dim, result.dim()));
  if (result.numel() == 0) return;
  const int64_t outer = lines.outer, n = lines.n, inner = lines.inner;
  T* y = result.data_ptr<T>();
  const auto run = [&](T* to, const T* from, const T* second) {
    if constexpr (kInputs == 1)
      f(to, from, n);
    else
      f(to, from, second, n);
  };
  if (inner == 1) {
    return parallel_for(0, outer, kGrain / n, [&](int64_t first, int64_t last) {
      for (int64_t o = first; o < last; ++o) run(y + o * n, in[0] + o * n, in[kInputs - 1] + o * n);
    });
  }
  const int64_t blocks = (inner + kColumns - 1) / kColumns;
  parallel_for(0, outer * blocks, kGrain / (n * std::min(inner, kColumns)), [&](int64_t first, int64_t last) {
    const std::unique_ptr<T[]> scratch(new T[static_cast<size_t>((kInputs + 1) * kColumns * n)]);
    for (int64_t task = first; task < last; ++task) {
      const int64_t from = task % blocks * kColumns, cols = std::min(kColumns, inner - from);
      const int64_t base = task / blocks * n * inner + from;
      for (int64_t t = 0; t < kInputs; ++t) {
        T* to = scratch.get() + (t + 1) * kColumns * n;
        for (int64_t i = 0; i < n; ++i) {
          for (int64_t j = 0; j < cols; ++j) to[j * n + i] = in[t][base + i * inner + j];
        }
      }
      for (int64_t j = 0; j < cols; ++j) {
        T* s = scratch.get() + j * n;
        run(s, s + kColumns * n, s + kInputs * kColumns * n);
      }
      for (int64_t i = 0; i < n; ++i) {
        for (int64_t j = 0; j < cols; ++j) y[base + i * inner + j] = scratch[static_cast<size_t>(j * n + i)];
      }
    }
  });
}

template <class Choose>
Tensor forward(const char* op, const Tensor& x, int64_t dim, const Choose& choose) {
  const Tensor c = contiguous(x);
  Tensor y = empty(x.sizes(), x.dtype());
  dispatch_floating(x.dtype(), op, [&]<class T>(T) {
    for_each_line<T>(op, y, {c.data_ptr<T>()}, dim, choose(loops<SoftmaxLoops<T>>()));
  });
  return y;
}

template <class Choose>
Tensor backward(const char* op, const Tensor& dy, const Tensor& y, int64_t dim, const Choose& choose) {
  TAPER_CHECK(dy.sizes() == y.sizes() && dy.dtype() == y.dtype(), op, ": the cotangent must be like the result; got ",
              dy.sizes(), " ", dy.dtype(), " and ", y.sizes(), " ", y.dtype());
  const Tensor cdy = contiguous(dy), cy = contiguous(y);
  Tensor dx = empty(y.sizes(), y.dtype());
  dispatch_floating(y.dtype(), op, [&]<class T>(T) {
    for_each_line<T>(op, dx, {cdy.data_ptr<T>(), cy.data_ptr<T>()}, dim, choose(loops<SoftmaxLoops<T>>()));
  });
  return dx;
}

}  // namespace

Tensor softmax(const Tensor& x, int64_t dim) {
  return forward("softmax", x, dim, [](const auto& l) { return l.softmax; });
}
Tensor log_softmax(const Tensor& x, int64_t dim) {
  return forward("log_softmax", x, dim, [](const auto& l) { return l.log_softmax; });
}
Tensor softmax_backward(const Tensor& dy, const Tensor& y, int64_t dim) {
  return backward("softmax_backward", dy, y, dim, [](const auto& l) { return l.softmax_backward; });
}
Tensor log_softmax_backward(const Tensor& dy, const Tensor& y, int64_t dim) {
  return backward("log_softmax_backward", dy, y, dim, [](const auto& l) { return l.log_softmax_backward; });
}

}  // namespace taper::kernels
