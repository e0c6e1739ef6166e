// A convolution is a product of the weight, [K, C taps], and a matrix that is never built: row (c, t) is channel c of
// the input, moved by tap t. A piece of work packs the rows of the input that a band of output rows, or a few images,
// need, with zeros around and each step of the stride a plane of its own, so small that it stays in the cache; there
// every row of the matrix is a plane from another start, and the loops (isa/conv.h) read it in place. Where no zeros
// are needed they read the input itself.
//
// The gradient of the input is the same with other taps: for each offset a in [0, stride) the values at a + stride i
// are a convolution of dy with every stride-th tap of the weight, flipped.
//
// The sum over (c, t) is cut into blocks of channels, whose sums are added one after the other: an output's bits depend
// on that, but neither on how the work is cut nor on the other images.
//
// n, g, k, c: image, group, channels of one group.
#include <taper/core/kernels/conv.h>

#include <taper/core/factories.h>
#include <taper/core/kernels/conv_internal.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/scratch.h>
#include <taper/core/parallel.h>

#include <type_traits>

namespace taper::kernels {
namespace convolution {
namespace {

// Products of a block's sum, at most, so that what a tile reads stays in the first cache: it has a plane of its own for
// each column of the kernel, whose rows lie apart in wide images.
constexpr int64_t kSteps = 320, kStepsOfWide = 160, kWide = 17;
constexpr int64_t kCopyChannels = 24;  // above which a tile copies what it reads from rows at bad distances

// How x is read: itself, or packed; in runs of positions that lie side by side in x (or its planes) and in the result.
struct Reading {
  bool in_place = false, by_rows = false;

  template <class T>
  Reading(const Correlation<T>& s, Axis& h, Axis& w) {
    const int64_t lanes = loops<ConvLoops<T>>().lanes, H = h.count, W = w.count;
    const auto is_inside = [](const Axis& a) {
      for (int64_t at : a.at) {
        if (at < 0 || at + (a.count - 1) * a.step >= a.input) return false;
      }
      return !a.at.empty();
    };
    const bool whole_rows = W == w.input && h.step == 1;
    if (w.step == 1 && is_inside(h) && is_inside(w) && (whole_rows ? H * W : W) >= lanes) {
      in_place = true;
      by_rows = !whole_rows;
      return;
    }
    if (w.span > 0) {
      // Rows of one plane, each a run, or a plane for each tap, where all rows are one run: by what is multiplied and
      // what is packed.
      const auto taps = static_cast<int64_t>(h.at.size() * w.at.size()), S = static_cast<int64_t>(w.at.size());
      const auto phases = static_cast<int64_t>(w.phases.size());
      const int64_t joint = s.K * taps * round_up(W, lanes) + 3 * phases * (W + w.span);
      const int64_t separate = s.K * taps * W + 3 * S * W;
      if (separate <= joint) {
        w.separate();
      } else {
        by_rows = true;
      }
    }
  }
};

template <class T>
void correlate(const Correlation<T>& s, Axis h, Axis w) {
  if (s.N == 0 || s.groups == 0 || s.K == 0 || h.count <= 0 || w.count <= 0) return;
  if constexpr (std::is_same_v<T, float>) {
    if (winograd_pays(s.K, s.C, h, w)) return correlate_winograd(s, h, w);
  }
  const ConvLoops<T>& loop = loops<ConvLoops<T>>();
  const int64_t K = s.K, C = s.C, H = h.count, W = w.count;
  const auto taps = static_cast<int64_t>(h.at.size() * w.at.size());
  const int64_t blocks = std::clamp<int64_t>(ceil_div(C * taps, taps > 1 && W >= kWide ? kStepsOfWide : kSteps), 1,
                                             std::max<int64_t>(C, 1));
  const int64_t block = std::max<int64_t>(1, ceil_div(C, blocks));
  const Reading reading(s, h, w);
  const bool copies = reading.in_place && !reading.by_rows && taps == 1 && K > kCopyChannels;
  const bool direct = h.spacing == 1 && w.spacing == 1;  // y's rows lie side by side

  // Pieces: images, or a band of rows of one; channels where that is not enough for the threads.
  const int64_t Wq = W + w.span;
  const auto row_bytes_of = [&] {
    return memory({sizeof(T), Wq, std::max<int64_t>(block, 1),
                   std::max<int64_t>(1, static_cast<int64_t>(h.phases.size() * w.phases.size()))});
  };
  if (h.better_separate(std::max<int64_t>(1, kPieceBytes / row_bytes_of()))) h.separate();
  const int64_t row_bytes = row_bytes_of(), fixed = memory({row_bytes, h.span});
  const int threads = taper::detail::in_parallel_region() ? 1 : get_num_threads();
  const double work = static_cast<double>(s.N * s.groups) * static_cast<double>(H * W) *
                      static_cast<double>(K * std::max<int64_t>(C * taps, 16));
  const auto wanted = threads == 1 ? 1 : static_cast<int64_t>(std::clamp(work / kPieceWork, 1.0, 4.0 * threads));
  int64_t bands = ceil_div(H, std::max<int64_t>(1, (kPieceBytes - fixed) / row_bytes));
  int64_t images = 1;
  if (bands == 1) {
    const int64_t fit = kPieceBytes / std::max<int64_t>(1, fixed + row_bytes * H), most = s.N * s.groups / wanted;
    images = std::clamp<int64_t>(std::min(fit, most), 1, s.N);
    bands = std::clamp<int64_t>(ceil_div(wanted, s.N * s.groups), 1, std::max<int64_t>(1, H * W / (8 * loop.columns)));
  }
  int64_t band = ceil_div(H, std::min(bands, H));
  // What is read in place must have a vector in every band.
  while (reading.in_place && !reading.by_rows && (H - (ceil_div(H, band) - 1) * band) * W < loop.lanes) ++band;
  bands = ceil_div(H, band);
  const int64_t image_blocks = ceil_div(s.N, images);
  const int64_t parts = std::clamp<int64_t>(ceil_div(wanted, image_blocks * s.groups * bands), 1, ceil_div(K, 16));
  const int64_t part = round_up(ceil_div(K, parts), 8), k_parts = ceil_div(K, part);

  // What the loops read, for bands of `band` rows and the last one.
  std::vector<int64_t> offsets[2], panel_offset;
  const Packing packings[2] = {Packing(h, w, block, band), Packing(h, w, block, H - (bands - 1) * band)};
  for (int i = 0; i < 2; ++i) {
    for (int64_t c = 0; c < block; ++c) {
      if (!reading.in_place) {
        for (int64_t t : packings[i].offset) offsets[i].push_back(c * packings[i].channel + t);
        continue;
      }
      for (int64_t a : h.at) {
        for (int64_t b : w.at) offsets[i].push_back((c * h.input + a) * w.input + b);
      }
    }
  }
  for (int64_t q = 0; q < block * taps; ++q) panel_offset.push_back(q * loop.columns);

  const double piece_work = work / static_cast<double>(image_blocks * s.groups * bands * k_parts);
  const int64_t plane = h.input * w.input;
  parallel_for(0, image_blocks * s.groups * bands * k_parts, static_cast<int64_t>(1 + kPieceWork / (piece_work + 1)),
               [&](int64_t first, int64_t last) {
                 const Scratch<T> packed(reading.in_place ? 0 : packings[0].size(images, loop.lanes));
                 const Scratch<T> panel(copies ? block * taps * loop.columns : 0),
                     result(direct ? 0 : images * part * band * W);
                 for (int64_t i = first; i < last; ++i) {
                   const int64_t k0 = i % k_parts * part, b = i / k_parts % bands, g = i / k_parts / bands % s.groups;
                   const int64_t n0 = i / k_parts / bands / s.groups * images, count = std::min(images, s.N - n0);
                   const bool is_last = b + 1 == bands;
                   const Packing& packing = packings[is_last];
                   T* const y = s.y + ((n0 * s.groups + g) * K + k0) * s.out.size();
                   ConvProduct<T> p{};
                   p.K = std::min(part, K - k0);
                   p.images = count;
                   p.runs = reading.by_rows ? packing.rows : 1;
                   p.length = reading.by_rows ? W : packing.rows * W;
                   p.w_row = C * taps;
                   p.offset = offsets[is_last].data();
                   p.exact = reading.in_place;
                   p.x_image = reading.in_place ? s.groups * C * plane : packing.image();
                   p.x_run = reading.in_place ? h.step * w.input : Wq;
                   p.out = direct ? y + b * band * W : result.get();
                   p.out_row = direct ? s.out.size() : packing.rows * W;
                   p.out_image = direct ? s.groups * K * s.out.size() : part * packing.rows * W;
                   p.out_run = W;
                   p.panel = panel.get();
                   p.panel_offset = panel_offset.data();
                   for (int64_t c0 = 0; c0 == 0 || c0 < C; c0 += block) {
                     const int64_t channels = std::min(block, C - c0);
                     const T* const x = s.x + ((n0 * s.groups + g) * C + c0) * plane;
                     if (!reading.in_place && taps > 0) {
                       for (int64_t n = 0; n < count; ++n) {
                         packing.pack(h, w, x + n * s.groups * C * plane, channels, b * band,
                                      packed.get() + n * packing.image());
                       }
                     }
                     p.x = reading.in_place ? x + b * band * h.step * w.input : packed.get();
                     p.w = s.weight + ((g * K + k0) * C + c0) * taps;
                     p.steps = channels * taps;
                     p.add = c0 > 0;
                     p.bias = s.bias && c0 + block >= C ? s.bias + g * K + k0 : nullptr;
                     loop.multiply(p);
                   }
                   if (direct) continue;
                   for (int64_t n = 0; n < count; ++n) {
                     ConvStore<T> store{.K = p.K,
                                        .rows = packing.rows,
                                        .columns = W,
                                        .out = result.get() + n * p.out_image,
                                        .y = y + n * s.groups * K * s.out.size() +
                                             (h.start + b * band * h.spacing) * s.out.width() + w.start,
                                        .y_channel = s.out.size(),
                                        .y_row = h.spacing * s.out.width(),
                                        .y_column = w.spacing};
                     if (W == 1) {
                       std::swap(store.rows, store.columns);
                       store.y_column = store.y_row;
                     }
                     loop.store(store);
                   }
                 }
               });
}

// The weight as the gradient of the input takes it, [groups, C, K taps], of the taps of two axes.
template <class T>
void turn_weight(const T* weight, int64_t groups, int64_t K, int64_t C, const Plane& kernel, const Axis& h,
                 const Axis& w, T* to) {
  const auto taps = static_cast<int64_t>(h.at.size() * w.at.size());
  const int64_t size = kernel.size();
  parallel_for(0, groups * C, 1 + 32768 / std::max<int64_t>(1, K * taps), [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      T* row = to + i * K * taps;
      for (int64_t k = 0; k < K; ++k) {
        const T* const from = weight + ((i / C * K + k) * C + i % C) * size;
        for (int64_t r : h.index) {
          for (int64_t s : w.index) *row++ = from[r * kernel.width() + s];
        }
      }
    }
  });
}

}  // namespace
}  // namespace convolution

Tensor conv(const Tensor& x_, const Tensor& w_, const Tensor& bias_, const ConvGeometry& geometry, IntArrayRef sizes) {
  if (is_half(x_)) return in_float32(x_.dtype(), conv, x_, w_, bias_, geometry, sizes);
  using namespace convolution;
  const Tensor x = contiguous(x_), weight = contiguous(w_), bias = contiguous_if_defined(bias_);
  Tensor y = empty(sizes, x.dtype());
  if (y.numel() == 0) return y;
  const int64_t groups = geometry.groups, C = weight.size(1), K = weight.size(0) / groups;
  const Planes planes(x.sizes(), sizes, weight.sizes(), geometry);
  const Axis h = output_axis(planes, 0), w = output_axis(planes, 1);
  dispatch_floating(x.dtype(), "conv", [&]<class T>(T) {
    correlate<T>({x.data_ptr<T>(), weight.data_ptr<T>(), data_or_null<T>(bias), y.data_ptr<T>(), sizes[0], groups, K, C,
                  planes.out},
                 h, w);
  });
  return y;
}

Tensor conv_input(const Tensor& dy_, const Tensor& w_, const Tensor& bias_, const ConvGeometry& geometry,
                  IntArrayRef sizes) {
  if (is_half(dy_)) return in_float32(dy_.dtype(), conv_input, dy_, w_, bias_, geometry, sizes);
  using namespace convolution;
  const Tensor dy = contiguous(dy_), weight = contiguous(w_), bias = contiguous_if_defined(bias_);
  Tensor dx = empty(sizes, dy.dtype());
  if (dx.numel() == 0) return dx;
  const int64_t groups = geometry.groups, C = weight.size(1), K = weight.size(0) / groups;
  const Planes planes(sizes, dy.sizes(), weight.sizes(), geometry);
  dispatch_floating(dy.dtype(), "conv", [&]<class T>(T) {
    const Scratch<T> turned(weight.numel());
    for (int64_t a = 0; a < planes.geometry.stride[0] && a < planes.in[0]; ++a) {
      for (int64_t b = 0; b < planes.geometry.stride[1] && b < planes.in[1]; ++b) {
        const Axis h = input_axis(planes, 0, a), w = input_axis(planes, 1, b);
        turn_weight(weight.data_ptr<T>(), groups, K, C, planes.kernel, h, w, turned.get());
        correlate<T>({dy.data_ptr<T>(), turned.get(), data_or_null<T>(bias), dx.data_ptr<T>(), sizes[0], groups, C, K,
                      planes.in},
                     h, w);
      }
    }
  });
  return dx;
}

}  // namespace taper::kernels
