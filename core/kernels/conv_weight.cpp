// The gradient of a convolution's weight: for each pair of input channel and tap the sum over images and positions of
// the input, packed as for the output (core/kernels/conv.cpp) and moved by the tap, times dy.
#include <taper/core/kernels/conv.h>

#include <taper/core/factories.h>
#include <taper/core/kernels/conv_internal.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/isa/conv_weight.h>
#include <taper/core/kernels/scratch.h>
#include <taper/core/parallel.h>

namespace taper::kernels {
namespace convolution {
namespace {

constexpr int64_t kPieces = 16;  // at least, where there is work for them

// How many rows of Wq values, of each of `planes` planes, are half a piece.
template <class T>
int64_t rows_that_fit(int64_t Wq, int64_t planes) {
  return std::max<int64_t>(1, kPieceBytes / 2 / memory({sizeof(T), Wq, planes}));
}

// dw = the sum over images and positions of x moved by each tap, times dy
template <class T>
void correlate_weight(const T* dy, const T* x, T* dw, int64_t N, int64_t groups, int64_t K, int64_t C, Axis h,
                      const Axis& w) {
  const ConvWeightLoops<T>& loop = loops<ConvWeightLoops<T>>();
  const auto taps = static_cast<int64_t>(h.at.size() * w.at.size());
  const int64_t K_full = round_up(K, loop.lanes), weights = C * taps * K_full, P = h.count * w.count;

  // Bands of rows for the cache. Blocks of images, each with sums of its own, and runs of channels for the threads.
  const int64_t Wq = w.count + w.span;
  const int64_t blocks =
      std::clamp<int64_t>((1 << 20) / std::max<int64_t>(groups * weights, 1), 1, std::min<int64_t>(N, kPieces));
  const int64_t block = ceil_div(N, blocks), used = ceil_div(N, block);
  const int64_t c_parts = std::clamp<int64_t>(ceil_div(kPieces, used * groups), 1, ceil_div(C * taps, 96));
  const int64_t part = ceil_div(C, c_parts), parts = ceil_div(C, part);
  if (h.better_separate(rows_that_fit<T>(Wq, part * static_cast<int64_t>(w.phases.size()) + K_full))) h.separate();
  const int64_t phases = static_cast<int64_t>(h.phases.size() * w.phases.size());
  const int64_t row_bytes = memory({sizeof(T), memory({Wq, part, phases}) + memory({w.count, K_full})});
  const int64_t fixed = memory({sizeof(T), Wq, part, phases, h.span});
  const int64_t band = std::clamp<int64_t>((kPieceBytes - fixed) / row_bytes, 1, h.count);
  const int64_t bands = ceil_div(h.count, band);

  const Packing full(h, w, part, band), rest(h, w, part, h.count - (bands - 1) * band);
  const Scratch<T> sums(used * groups * weights);
  parallel_for(0, used * groups * parts, 1, [&](int64_t index, int64_t) {
    const int64_t c0 = index % parts * part, g = index / parts % groups, b = index / parts / groups;
    const int64_t channels = std::min(part, C - c0);
    const Scratch<T> input(full.size(1, loop.lanes)), output(band * w.count * K_full);
    T* const sum = sums.get() + (b * groups + g) * weights + c0 * taps * K_full;
    std::fill(sum, sum + channels * taps * K_full, T(0));
    for (int64_t n = b * block; n < std::min(N, (b + 1) * block); ++n) {
      for (int64_t row = 0; row < h.count; row += band) {
        const Packing& packing = row + band < h.count ? full : rest;
        packing.pack(h, w, x + ((n * groups + g) * C + c0) * h.input * w.input, channels, row, input.get());
        loop.transpose(K, packing.rows * w.count, dy + (n * groups + g) * K * P + row * w.count, P, output.get());
        const bool one_run = Wq == w.count;
        loop.multiply({.K = K_full,
                       .C = channels,
                       .taps = taps,
                       .rows = one_run ? 1 : packing.rows,
                       .columns = one_run ? packing.rows * w.count : w.count,
                       .Wq = Wq,
                       .plane = packing.channel,
                       .offset = packing.offset.data(),
                       .x = input.get(),
                       .dy = output.get(),
                       .dw = sum});
      }
    }
  });
  // [blocks, groups, C taps, K] -> [groups K, C taps]
  parallel_for(0, groups * C * taps, 1 + 16384 / (K * used), [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      T* const total = sums.get() + i * K_full;
      for (int64_t b = 1; b < used; ++b) {
        const T* const more = total + b * groups * weights;
        for (int64_t k = 0; k < K; ++k) total[k] += more[k];
      }
      const int64_t g = i / (C * taps), ct = i % (C * taps);
      for (int64_t k = 0; k < K; ++k) dw[(g * K + k) * C * taps + ct] = total[k];
    }
  });
}

}  // namespace
}  // namespace convolution

using namespace convolution;

Tensor conv_weight(const Tensor& dy_, const Tensor& x_, const ConvGeometry& geometry, IntArrayRef sizes) {
  const Tensor dy = contiguous(dy_), x = contiguous(x_);
  if (dy.numel() == 0 || x.numel() == 0) return zeros(sizes, x.dtype());
  Tensor dw = empty(sizes, x.dtype());
  if (dw.numel() == 0) return dw;
  const Planes planes(x.sizes(), dy.sizes(), sizes, geometry);
  const Axis h = output_axis(planes, 0), w = output_axis(planes, 1);
  dispatch_floating(x.dtype(), "conv", [&]<class T>(T) {
    correlate_weight<T>(dy.data_ptr<T>(), x.data_ptr<T>(), dw.data_ptr<T>(), x.size(0), geometry.groups,
                        sizes[0] / geometry.groups, sizes[1], h, w);
  });
  return dw;
}

}  // namespace taper::kernels
