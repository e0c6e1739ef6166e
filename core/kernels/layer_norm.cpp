#include <taper/core/kernels/layer_norm.h>

#include <taper/core/factories.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/isa/layer_norm.h>
#include <taper/core/parallel.h>

#include <algorithm>

namespace taper::kernels {
namespace {

constexpr int64_t kPieceOfRows = 1 << 14;  // values of a piece
constexpr int64_t kFewestRows = 256;       // of a piece that has sums of its own over the rows

}  // namespace

LayerNormResult layer_norm(const Tensor& input, int64_t n, const Tensor& weight_, const Tensor& bias_, double eps) {
  if (is_half(input)) {
    const LayerNormResult wide =
        layer_norm(in_compute_type(input), n, in_compute_type(weight_), in_compute_type(bias_), eps);
    return {rounded(wide.y, input.dtype()), wide.stats};
  }
  const Tensor x = contiguous(input), weight = contiguous_if_defined(weight_), bias = contiguous_if_defined(bias_);
  const int64_t rows = x.numel() / n;
  LayerNormResult result{empty(x.sizes(), x.dtype()), empty({2, rows}, kFloat64)};
  double* const mean = result.stats.data_ptr<double>();
  dispatch_floating(x.dtype(), "layer_norm", [&]<class T>(T) {
    const T *in = x.data_ptr<T>(), *w = data_or_null<T>(weight), *b = data_or_null<T>(bias);
    T* const y = result.y.data_ptr<T>();
    parallel_for(0, rows, kPieceOfRows / n, [&](int64_t first, int64_t last) {
      loops<LayerNormLoops<T>>().forward(in + first * n, last - first, n, w, b, eps, y + first * n, mean + first,
                                         mean + rows + first);
    });
  });
  return result;
}

LayerNormGrads layer_norm_backward(const Tensor& cotangent, const Tensor& input, int64_t n, const Tensor& weight_,
                                   const Tensor& stats, bool needs_dx, bool needs_dparams) {
  if (is_half(input)) {  // the tape rounds the gradients
    return layer_norm_backward(in_compute_type(cotangent), in_compute_type(input), n, in_compute_type(weight_), stats,
                               needs_dx, needs_dparams);
  }
  const Tensor x = contiguous(input), dy = contiguous(cotangent), weight = contiguous_if_defined(weight_);
  const int64_t rows = x.numel() / n;
  const int64_t piece = std::max(kPieceOfRows / n, needs_dparams ? kFewestRows : 1), pieces = (rows - 1) / piece + 1;
  const double* const mean = stats.data_ptr<double>();
  LayerNormGrads grads;
  if (needs_dx) grads.dx = empty(x.sizes(), x.dtype());
  // dweight and dbias of each piece, which are added in the order of the pieces
  const Tensor partial = needs_dparams ? zeros({pieces, 2, n}, kFloat64) : Tensor();
  double* const sums = needs_dparams ? partial.data_ptr<double>() : nullptr;
  dispatch_floating(x.dtype(), "layer_norm", [&]<class T>(T) {
    const T *in = x.data_ptr<T>(), *g = dy.data_ptr<T>(), *w = data_or_null<T>(weight);
    T* const dx = needs_dx ? grads.dx.data_ptr<T>() : nullptr;
    parallel_for(0, rows, piece, [&](int64_t first, int64_t last) {
      double* const mine = sums ? sums + first / piece * 2 * n : nullptr;
      loops<LayerNormLoops<T>>().backward(g + first * n, in + first * n, last - first, n, w, mean + first,
                                          mean + rows + first, dx ? dx + first * n : nullptr, mine,
                                          mine ? mine + n : nullptr);
    });
    if (!needs_dparams) return;
    for (int64_t p = 1; p < pieces; ++p) {
      for (int64_t i = 0; i < 2 * n; ++i) sums[i] += sums[p * 2 * n + i];
    }
    grads.dweight = empty({n}, x.dtype());
    grads.dbias = empty({n}, x.dtype());
    std::transform(sums, sums + n, grads.dweight.data_ptr<T>(), [](double s) { return static_cast<T>(s); });
    std::transform(sums + n, sums + 2 * n, grads.dbias.data_ptr<T>(), [](double s) { return static_cast<T>(s); });
  });
  return grads;
}

}  // namespace taper::kernels
