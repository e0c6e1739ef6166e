// x is [outer, n, inner] along the softmax dim: lines whose elements are neighbours in memory (inner = 1), or blocks of
// columns.
#include <taper/core/kernels/softmax.h>

#include <taper/core/dims.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/isa/softmax.h>
#include <taper/core/kernels/lines.h>
#include <taper/core/parallel.h>

#include <algorithm>

namespace taper::kernels {
namespace {

constexpr int64_t kGrain = 1 << 14;  // elements of a piece

// Runs the loops on all of `result`; `in` are one or two row-major tensors of its sizes.
template <class T, class Loops, class... In>
void for_each_line(const char* op, const Tensor& result, int64_t dim, const Loops& loops, const In*... in) {
  const Lines lines(result.sizes(), wrap_dim(op, dim, result.dim()));
  if (result.numel() == 0) return;
  const int64_t outer = lines.outer, n = lines.n, inner = lines.inner;
  T* y = result.data_ptr<T>();
  if (inner == 1) {
    return parallel_for(0, outer, kGrain / n, [&](int64_t first, int64_t last) {
      for (int64_t o = first; o < last; ++o) loops.row(y + o * n, (in + o * n)..., n);
    });
  }
  const int64_t width = std::min(inner, kSoftmaxColumns), blocks = (inner - 1) / width + 1;
  parallel_for(0, outer * blocks, kGrain / (n * width), [&](int64_t first, int64_t last) {
    for (int64_t task = first; task < last; ++task) {
      const int64_t from = task % blocks * width, base = task / blocks * n * inner + from;
      loops.columns(y + base, (in + base)..., n, inner, std::min(width, inner - from));
    }
  });
}

template <class Choose>
Tensor forward(const char* op, const Tensor& x, int64_t dim, const Choose& choose) {
  const Tensor c = contiguous(x);
  Tensor y = empty(x.sizes(), x.dtype());
  dispatch_floating(x.dtype(), op, [&]<class T>(T) {
    for_each_line<T>(op, y, dim, choose(loops<SoftmaxLoops<T>>()), c.data_ptr<T>());
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
    for_each_line<T>(op, dx, dim, choose(loops<SoftmaxLoops<T>>()), cdy.data_ptr<T>(), cy.data_ptr<T>());
  });
  return dx;
}

}  // namespace

Tensor softmax(const Tensor& x, int64_t dim) {
  if (is_half(x)) return in_float32(x.dtype(), softmax, x, dim);
  return forward("softmax", x, dim, [](const auto& l) { return l.softmax; });
}
Tensor log_softmax(const Tensor& x, int64_t dim) {
  if (is_half(x)) return in_float32(x.dtype(), log_softmax, x, dim);
  return forward("log_softmax", x, dim, [](const auto& l) { return l.log_softmax; });
}
Tensor softmax_backward(const Tensor& dy, const Tensor& y, int64_t dim) {
  if (is_half(y)) return in_float32(y.dtype(), softmax_backward, dy, y, dim);
  return backward("softmax_backward", dy, y, dim, [](const auto& l) { return l.softmax_backward; });
}
Tensor log_softmax_backward(const Tensor& dy, const Tensor& y, int64_t dim) {
  if (is_half(y)) return in_float32(y.dtype(), log_softmax_backward, dy, y, dim);
  return backward("log_softmax_backward", dy, y, dim, [](const auto& l) { return l.log_softmax_backward; });
}

}  // namespace taper::kernels
