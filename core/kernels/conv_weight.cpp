// The gradient of a convolution's weight: for each pair of input channel and tap the sum over images and positions of
// the input, packed as for the output (core/kernels/conv.cpp) and moved by the tap, times dy.
#include <taper/core/kernels/conv.h>

#include <taper/core/factories.h>
#include <taper/core/kernels/conv_internal.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/isa/conv_weight.h>
#include <taper/core/kernels/scratch.h>
#include <taper/core/parallel.h>

#include <type_traits>

namespace taper::kernels {
namespace convolution {
namespace {

constexpr int64_t kPositions =
    256;                         // of an output in one sum, about: their dy, of two vectors of channels, stays in cache
constexpr int64_t kPairs = 320;  // of input channel and tap, at least, that read what is transposed of dy
constexpr int64_t kFewChannels = 8;  // of dy, below which they do not fill vectors

// Where pair (c, tap) of a packed image starts.
std::vector<int64_t> pair_offsets(const Packing& packing, int64_t channels) {
  std::vector<int64_t> offsets;
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t t : packing.offset) offsets.push_back(c * packing.channel + t);
  }
  return offsets;
}

// Channels of dy as vectors.
template <class T>
void correlate_weight(const WeightCorrelation<T>& s, Axis h, Axis w) {
  const ConvWeightLoops<T>& loop = loops<ConvWeightLoops<T>>();
  const int64_t groups = s.groups, K = s.K, C = s.C, H = h.count, W = w.count, P = H * W;
  const auto taps = static_cast<int64_t>(h.at.size() * w.at.size());
  const int64_t K_full = round_up(K, loop.lanes), weights = C * taps * K_full;
  const int64_t block = image_block(s.N, P, groups * C * taps * K), blocks = ceil_div(s.N, block);

  // A sum runs over a band of rows, or a few images.
  const int64_t band = std::clamp<int64_t>(kPositions / W, 1, H), bands = ceil_div(H, band);
  const int64_t images = bands > 1 ? 1 : std::clamp<int64_t>(kPositions / P, 1, block);
  if (h.better_separate(band)) h.separate();
  const Packing one_channel(h, w, 1, band);
  const int64_t fit = kPieceBytes / 2 / memory({sizeof(T), images, one_channel.channel});
  const int64_t parts =
      std::max(ceil_div(C, std::max<int64_t>(fit, 1)),
               std::clamp<int64_t>(ceil_div(kPieces, blocks * groups), 1, ceil_div(C * taps, kPairs)));
  const int64_t part = ceil_div(C, parts), used = ceil_div(C, part);
  const Packing packings[2] = {Packing(h, w, part, band), Packing(h, w, part, H - (bands - 1) * band)};
  const std::vector<int64_t> offsets[2] = {pair_offsets(packings[0], part), pair_offsets(packings[1], part)};

  const Scratch<T> sums(blocks * groups * weights);
  const int64_t work = std::max<int64_t>(1, block * P * K_full * part * taps);
  parallel_for(0, blocks * groups * used, 1 + kPieceWork / work, [&](int64_t first, int64_t last) {
    const Scratch<T> input(packings[0].size(images, loop.lanes)), output(images * band * W * K_full);
    for (int64_t index = first; index < last; ++index) {
      const int64_t c0 = index % used * part, g = index / used % groups, b = index / used / groups;
      const int64_t channels = std::min(part, C - c0);
      T* const sum = sums.get() + (b * groups + g) * weights + c0 * taps * K_full;
      std::fill(sum, sum + channels * taps * K_full, T(0));
      const int64_t end = std::min(s.N, (b + 1) * block);
      for (int64_t n = b * block; n < end; n += images) {
        for (int64_t row = 0; row < H; row += band) {
          const bool is_last = row + band >= H;
          const Packing& packing = packings[is_last];
          const int64_t count = std::min(images, end - n), positions = packing.rows * W;
          for (int64_t i = 0; i < count; ++i) {
            packing.pack(h, w, s.x_at(n + i, g, c0, h, w), channels, row, input.get() + i * packing.image());
            loop.transpose(K, positions, s.dy_at(n + i, g, P) + row * W, P, output.get() + i * positions * K_full);
          }
          const bool one_run = packing.Wq == W;
          loop.multiply({.K = K_full,
                         .pairs = channels * taps,
                         .images = count,
                         .rows = one_run ? 1 : packing.rows,
                         .columns = one_run ? positions : W,
                         .offset = offsets[is_last].data(),
                         .x = input.get(),
                         .x_image = packing.image(),
                         .x_row = packing.Wq,
                         .dy = output.get(),
                         .dy_image = positions * K_full,
                         .dw = sum});
        }
      }
    }
  });
  add_blocks(sums.get(), blocks, groups * weights);
  // [groups, C taps, K] -> [groups, K, C taps], some channels at a time: whole lines of both.
  constexpr int64_t kLine = 16;
  const int64_t lines = ceil_div(K, kLine), pairs = C * taps;
  parallel_for(0, groups * lines, 1 + 16384 / (pairs * kLine), [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const int64_t g = i / lines, k0 = i % lines * kLine, k1 = std::min(K, k0 + kLine);
      for (int64_t q = 0; q < pairs; ++q) {
        const T* const total = sums.get() + g * weights + q * K_full;
        for (int64_t k = k0; k < k1; ++k) s.dw[(g * K + k) * pairs + q] = total[k];
      }
    }
  });
}

// Few channels: positions as vectors.
template <class T>
void correlate_few(const WeightCorrelation<T>& s, Axis h, Axis w) {
  const ConvWeightLoops<T>& loop = loops<ConvWeightLoops<T>>();
  const int64_t groups = s.groups, K = s.K, C = s.C, H = h.count, W = w.count, P = H * W;
  const auto taps = static_cast<int64_t>(h.at.size() * w.at.size());
  const int64_t weights = groups * K * C * taps;
  const int64_t block = image_block(s.N, P, weights), blocks = ceil_div(s.N, block);
  if (w.span > 0) w.separate();
  const int64_t band = std::clamp<int64_t>(16 * kPositions / W, 1, H), bands = ceil_div(H, band);
  if (h.better_separate(band)) h.separate();
  const Packing packings[2] = {Packing(h, w, 1, band), Packing(h, w, 1, H - (bands - 1) * band)};

  const Scratch<T> sums(blocks * weights);
  const int64_t work = std::max<int64_t>(1, block * P * K * C * taps);
  parallel_for(0, blocks * groups, 1 + kPieceWork / work, [&](int64_t first, int64_t last) {
    const Scratch<T> input(packings[0].size(1, loop.lanes)), sum(K * taps);
    for (int64_t index = first; index < last; ++index) {
      const int64_t g = index % groups, b = index / groups;
      T* const total = sums.get() + b * weights + g * K * C * taps;
      for (int64_t c = 0; c < C; ++c) {
        std::fill(sum.get(), sum.get() + K * taps, T(0));
        for (int64_t n = b * block; n < std::min(s.N, (b + 1) * block); ++n) {
          for (int64_t row = 0; row < H; row += band) {
            const Packing& packing = packings[row + band >= H];
            packing.pack(h, w, s.x_at(n, g, c, h, w), 1, row, input.get());
            loop.dots({.K = K,
                       .pairs = taps,
                       .length = packing.rows * W,
                       .offset = packing.offset.data(),
                       .x = input.get(),
                       .dy = s.dy_at(n, g, P) + row * W,
                       .dy_row = P,
                       .dw = sum.get()});
          }
        }
        for (int64_t k = 0; k < K; ++k) std::copy_n(sum.get() + k * taps, taps, total + (k * C + c) * taps);
      }
    }
  });
  for (int64_t i = 0; i < weights; ++i) {
    T value = sums.get()[i];
    for (int64_t b = 1; b < blocks; ++b) value += sums.get()[b * weights + i];
    s.dw[i] = value;
  }
}

}  // namespace
}  // namespace convolution

Tensor conv_weight(const Tensor& dy_, const Tensor& x_, const ConvGeometry& geometry, IntArrayRef sizes) {
  if (is_half(x_)) return in_float32(x_.dtype(), conv_weight, dy_, x_, geometry, sizes);
  using namespace convolution;
  const Tensor dy = contiguous(dy_), x = contiguous(x_);
  if (dy.numel() == 0 || x.numel() == 0) return zeros(sizes, x.dtype());
  Tensor dw = empty(sizes, x.dtype());
  if (dw.numel() == 0) return dw;
  const Planes planes(x.sizes(), dy.sizes(), sizes, geometry);
  const Axis h = output_axis(planes, 0), w = output_axis(planes, 1);
  dispatch_floating(x.dtype(), "conv", [&]<class T>(T) {
    const int64_t groups = geometry.groups, K = sizes[0] / groups;
    const WeightCorrelation<T> s{dy.data_ptr<T>(), x.data_ptr<T>(), dw.data_ptr<T>(), x.size(0), groups, K, sizes[1]};
    if constexpr (std::is_same_v<T, float>) {
      if (winograd_pays(K, sizes[1], h, w)) return correlate_weight_winograd(s, h, w);
    }
    K < kFewChannels ? correlate_few(s, h, w) : correlate_weight(s, h, w);
  });
  return dw;
}

}  // namespace taper::kernels
