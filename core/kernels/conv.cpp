// A convolution is a product of the weight, [K, C taps], and a matrix that is never built: row (c, t) is channel c of
// the input, moved by tap t. A piece of work packs the rows of the input that a band of output rows needs, with zeros
// around and each step of the stride a plane of its own, so small that it stays in the cache; there every row of the
// matrix is a plane from another start, and the loops (isa/conv.h) read it in place.
//
// The gradient of the input is the same with other taps: for each offset a in [0, stride) the values at a + stride i
// are a convolution of dy with every stride-th tap of the weight, flipped.
//
// n, g, k, c: image, group, channels of one group; an Axis is height or width.
#include <taper/core/kernels/conv.h>

#include <taper/core/factories.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/isa/conv.h>
#include <taper/core/kernels/scratch.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <vector>

namespace taper::kernels {
namespace {

constexpr int64_t kPieceBytes = 256 << 10;  // of a piece's input and output: in the second cache with the weights
constexpr int64_t kPieces = 16;             // at least, where there is work for them

int64_t ceil_div(int64_t a, int64_t b) { return a > 0 ? (a - 1) / b + 1 : 0; }
int64_t floor_div(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a - 1) / b) - 1; }
int64_t round_up(int64_t a, int64_t b) { return ceil_div(a, b) * b; }

// A product of sizes; more than any memory holds is an error, before it is used.
int64_t memory(std::initializer_list<int64_t> sizes) {
  int64_t product = 1;
  for (int64_t size : sizes) {
    TAPER_CHECK(
        !__builtin_mul_overflow(product, size, &product) && product <= int64_t{1} << 48,
        "convolution: the padded input under all taps must fit into memory; stride, padding or dilation are too "
        "large for that");
  }
  return product;
}

// Output o, of `count`, lies at start + o spacing and reads for tap t the input at o step + at[t]; tap t has weight
// number index[t].
struct Axis {
  int64_t input = 1, start = 0, spacing = 1, count = 1, step = 1;
  std::vector<int64_t> at, index;

  // What the packed plane needs: tap t reads plane phase[t] from row first[t] on.
  std::vector<int64_t> phases, phase, first;
  int64_t low = 0, span = 0;

  void finish() {
    if (at.empty()) return;
    low = INT64_MAX;
    int64_t high = INT64_MIN;
    for (int64_t a : at) {
      const int64_t q = floor_div(a, step), p = a - q * step;
      low = std::min(low, q);
      high = std::max(high, q);
      const auto found = std::find(phases.begin(), phases.end(), p);
      phase.push_back(found - phases.begin());
      if (found == phases.end()) phases.push_back(p);
      first.push_back(q);
    }
    for (int64_t& q : first) q -= low;
    span = high - low;
    if (span > count / 2) separate();
  }

  // A plane for each tap, for a wide dilation: what lies between the taps is not packed.
  void separate() {
    phases = at;
    first.assign(at.size(), 0);
    for (size_t t = 0; t < at.size(); ++t) phase[t] = static_cast<int64_t>(t);
    low = span = 0;
  }

  // Whether bands of `rows` are packed with fewer rows that way.
  bool better_separate(int64_t rows) const { return span > (static_cast<int64_t>(at.size()) - 1) * rows; }
};

// The last two sizes, [height, width]; [N, C, L] is L rows of one column, so that long lines are cut into bands too.
struct Plane {
  int64_t sizes[2];
  explicit Plane(IntArrayRef s) : sizes{s[2], s.size() == 3 ? 1 : s[3]} {}
  int64_t operator[](size_t d) const { return sizes[d]; }
  int64_t width() const { return sizes[1]; }
  int64_t size() const { return sizes[0] * sizes[1]; }
};

ConvGeometry of_planes(const ConvGeometry& geometry, size_t dims) {
  if (dims == 4) return geometry;
  return {{geometry.stride[1], 1}, {geometry.dilation[1], 1}, {geometry.padding[1], 0}, geometry.groups};
}

// Of the output along height (d = 0) or width (d = 1).
Axis output_axis(size_t d, const Plane& in, const Plane& out, const Plane& kernel, const ConvGeometry& geometry) {
  Axis a;
  a.input = in[d];
  a.count = out[d];
  a.step = geometry.stride[d];
  for (int64_t r = 0; r < kernel[d]; ++r) {
    a.at.push_back(r * geometry.dilation[d] - geometry.padding[d]);
    a.index.push_back(r);
  }
  a.finish();
  return a;
}

// Of the gradient of the input at offset + stride i.
Axis input_axis(size_t d, const Plane& in, const Plane& out, const Plane& kernel, const ConvGeometry& geometry,
                int64_t offset) {
  const int64_t stride = geometry.stride[d];
  Axis a;
  a.input = out[d];
  a.start = offset;
  a.spacing = stride;
  a.count = ceil_div(in[d] - offset, stride);
  for (int64_t r = kernel[d]; r-- > 0;) {
    const int64_t from = offset + geometry.padding[d] - r * geometry.dilation[d];
    if (floor_div(from, stride) * stride != from) continue;
    a.at.push_back(floor_div(from, stride));
    a.index.push_back(r);
  }
  a.finish();
  return a;
}

// Packed planes of `rows` output rows of C channels.
struct Packing {
  int64_t C, Wq, rows, plane, channel, size;
  std::vector<int64_t> offset;  // of each tap, from the start of the channel

  Packing(const Axis& h, const Axis& w, int64_t C_, int64_t rows_, int64_t lanes) : C(C_), rows(rows_) {
    Wq = w.count + w.span;
    plane = memory({rows + h.span, Wq});
    channel = memory({static_cast<int64_t>(h.phases.size() * w.phases.size()), plane});
    size = memory({C, channel}) + w.span + lanes;  // the last vector of the last plane reaches so far beyond it
    for (size_t i = 0; i < h.at.size(); ++i) {
      for (size_t j = 0; j < w.at.size(); ++j) {
        const int64_t phase = h.phase[i] * static_cast<int64_t>(w.phases.size()) + w.phase[j];
        offset.push_back(phase * plane + h.first[i] * Wq + w.first[j]);
      }
    }
  }

  // The rows that the outputs from `row` on read, of the channels at x.
  template <class T>
  void pack(const Axis& h, const Axis& w, const T* x, int64_t channels, int64_t row, T* to) const {
    const auto along = [](const Axis& a, int64_t count, int64_t start) {
      return ConvPackAxis{a.input,        count, start * a.step, a.step, static_cast<int64_t>(a.phases.size()),
                          a.phases.data()};
    };
    ConvPack<T> p{x, channels, to, along(h, rows + h.span, row + h.low), along(w, Wq, w.low)};
    if (w.input == 1 && Wq == 1) std::swap(p.row, p.column);  // one column is as good as one row, and faster
    loops<ConvLoops<T>>().pack(p);
    std::fill(to + channels * channel, to + channels * channel + (size - C * channel), T(0));
  }
};

// How many rows of Wq values, of each of `planes` planes, are half a piece.
template <class T>
int64_t rows_that_fit(int64_t Wq, int64_t planes) {
  return std::max<int64_t>(1, kPieceBytes / 2 / memory({sizeof(T), Wq, planes}));
}

// How the weight of output channel k and input channel c lies in memory, both of one group.
struct WeightLayout {
  int64_t k_stride, c_stride, g_stride, width;  // taps: [height, width], side by side
};

// In panels, as ConvProduct says.
template <class T>
void pack_weight(const T* weight, const WeightLayout& layout, const Axis& h, const Axis& w, int64_t K, int64_t C,
                 T* to) {
  const int64_t rows = loops<ConvLoops<T>>().rows, size = C * static_cast<int64_t>(h.at.size() * w.at.size());
  parallel_for(0, K, round_up(1 + 32768 / std::max<int64_t>(size, 1), rows), [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end;) {
      int64_t m = rows;
      while (m > K - k) m /= 2;
      T* panel = to + k * size;
      for (int64_t c = 0; c < C; ++c) {
        for (int64_t r : h.index) {
          for (int64_t s : w.index) {
            const T* const from = weight + k * layout.k_stride + c * layout.c_stride + r * layout.width + s;
            for (int64_t i = 0; i < m; ++i) *panel++ = from[i * layout.k_stride];
          }
        }
      }
      k += m;
    }
  });
}

// y = the convolution of x along h and w, groups of K and C channels
template <class T>
void correlate(const T* x, const T* weight, const T* bias, T* y, int64_t N, int64_t groups, int64_t K, int64_t C,
               Plane out, Axis h, const Axis& w, const WeightLayout& layout) {
  if (N == 0 || groups == 0 || K == 0 || h.count <= 0 || w.count <= 0) return;
  const ConvLoops<T>& loop = loops<ConvLoops<T>>();
  const auto taps = static_cast<int64_t>(h.at.size() * w.at.size());
  const int64_t weights = K * C * taps, out_size = out.size();
  Scratch<T> packed_weight(groups * weights);
  for (int64_t g = 0; g < groups; ++g) {
    pack_weight(weight + g * layout.g_stride, layout, h, w, K, C, packed_weight.get() + g * weights);
  }

  // Bands of rows, then of channels: small enough for the cache, enough of them for many threads.
  const int64_t Wq = w.count + w.span;
  if (h.better_separate(rows_that_fit<T>(Wq, C * static_cast<int64_t>(w.phases.size()) + K))) h.separate();
  const int64_t planes = C * static_cast<int64_t>(h.phases.size() * w.phases.size());
  const int64_t row_bytes = memory({sizeof(T), Wq, planes + K}), fixed = memory({sizeof(T), Wq, planes, h.span});
  int64_t bands = ceil_div(h.count, std::max<int64_t>(1, (kPieceBytes - fixed) / row_bytes));
  const int64_t wanted = ceil_div(kPieces, N * groups);
  const int64_t useful = std::max<int64_t>(1, h.count * w.count * weights >> 18);  // pieces that pay
  bands = std::max(bands, std::min({wanted, useful, h.count, ceil_div(h.count * w.count, 8 * loop.lanes)}));
  const int64_t band = ceil_div(h.count, bands);
  bands = ceil_div(h.count, band);
  const int64_t parts =
      std::max<int64_t>(1, std::min({ceil_div(wanted, bands), ceil_div(useful, bands), ceil_div(K, loop.rows)}));
  const int64_t part = round_up(ceil_div(K, parts), loop.rows);
  const int64_t k_parts = ceil_div(K, part);

  const Packing full(h, w, C, band, loop.lanes), rest(h, w, C, h.count - (bands - 1) * band, loop.lanes);
  const int64_t P = round_up(band * Wq, loop.lanes);
  const int64_t work = band * Wq * part * std::max<int64_t>(C * taps, 16);
  parallel_for(
      0, N * groups * bands * k_parts, std::max<int64_t>(1, (1 << 19) / work), [&](int64_t first, int64_t last) {
        const Scratch<T> input(full.size), output(part * P);
        for (int64_t i = first; i < last; ++i) {
          const int64_t k0 = i % k_parts * part, b = i / k_parts % bands, g = i / k_parts / bands % groups;
          const int64_t n = i / k_parts / bands / groups;
          const Packing& packing = b + 1 < bands ? full : rest;
          if (taps > 0) packing.pack(h, w, x + (n * groups + g) * C * h.input * w.input, C, b * band, input.get());
          const ConvProduct<T> product{.K = std::min(part, K - k0),
                                       .C = C,
                                       .taps = taps,
                                       .P = round_up(packing.rows * Wq, loop.lanes),
                                       .plane = packing.channel,
                                       .offset = packing.offset.data(),
                                       .w = packed_weight.get() + g * weights + k0 * C * taps,
                                       .x = input.get(),
                                       .out = output.get()};
          loop.multiply(product);
          const int64_t first_row = h.start + b * band * h.spacing;
          ConvStore<T> store{.K = product.K,
                             .rows = packing.rows,
                             .columns = w.count,
                             .Wq = Wq,
                             .P = product.P,
                             .out = output.get(),
                             .bias = bias ? bias + g * K + k0 : nullptr,
                             .y = y + ((n * groups + g) * K + k0) * out_size + first_row * out.width() + w.start,
                             .y_channel = out_size,
                             .y_row = h.spacing * out.width(),
                             .y_column = w.spacing};
          if (Wq == 1) {
            std::swap(store.rows, store.columns);
            store.Wq = store.columns;
            store.y_column = store.y_row;
          }
          loop.store(store);
        }
      });
}

// dw = the sum over images and positions of x moved by each tap, times dy
template <class T>
void correlate_weight(const T* dy, const T* x, T* dw, int64_t N, int64_t groups, int64_t K, int64_t C, Axis h,
                      const Axis& w) {
  const ConvLoops<T>& loop = loops<ConvLoops<T>>();
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

  const Packing full(h, w, part, band, loop.lanes), rest(h, w, part, h.count - (bands - 1) * band, loop.lanes);
  const Scratch<T> sums(used * groups * weights);
  parallel_for(0, used * groups * parts, 1, [&](int64_t index, int64_t) {
    const int64_t c0 = index % parts * part, g = index / parts % groups, b = index / parts / groups;
    const int64_t channels = std::min(part, C - c0);
    const Scratch<T> input(full.size), output(band * w.count * K_full);
    T* const sum = sums.get() + (b * groups + g) * weights + c0 * taps * K_full;
    std::fill(sum, sum + channels * taps * K_full, T(0));
    for (int64_t n = b * block; n < std::min(N, (b + 1) * block); ++n) {
      for (int64_t row = 0; row < h.count; row += band) {
        const Packing& packing = row + band < h.count ? full : rest;
        packing.pack(h, w, x + ((n * groups + g) * C + c0) * h.input * w.input, channels, row, input.get());
        loop.transpose(K, packing.rows * w.count, dy + (n * groups + g) * K * P + row * w.count, P, output.get());
        const bool one_run = Wq == w.count;
        loop.multiply_weight({.K = K_full,
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

Tensor conv(const Tensor& x_, const Tensor& w_, const Tensor& bias_, const ConvGeometry& geometry_, IntArrayRef sizes) {
  const ConvGeometry geometry = of_planes(geometry_, sizes.size());
  const Tensor x = contiguous(x_), weight = contiguous(w_), bias = contiguous_if_defined(bias_);
  Tensor y = empty(sizes, x.dtype());
  if (y.numel() == 0) return y;
  const int64_t groups = geometry.groups, C = weight.size(1), K = weight.size(0) / groups;
  const Plane in(x.sizes()), out(sizes), kernel(weight.sizes());
  const Axis h = output_axis(0, in, out, kernel, geometry), w = output_axis(1, in, out, kernel, geometry);
  const WeightLayout layout{C * kernel.size(), kernel.size(), K * C * kernel.size(), kernel.width()};
  dispatch_floating(x.dtype(), "conv", [&]<class T>(T) {
    correlate<T>(x.data_ptr<T>(), weight.data_ptr<T>(), data_or_null<T>(bias), y.data_ptr<T>(), sizes[0], groups, K, C,
                 out, h, w, layout);
  });
  return y;
}

Tensor conv_input(const Tensor& dy_, const Tensor& w_, const Tensor& bias_, const ConvGeometry& geometry_,
                  IntArrayRef sizes) {
  const ConvGeometry geometry = of_planes(geometry_, sizes.size());
  const Tensor dy = contiguous(dy_), weight = contiguous(w_), bias = contiguous_if_defined(bias_);
  Tensor dx = empty(sizes, dy.dtype());
  if (dx.numel() == 0) return dx;
  const int64_t groups = geometry.groups, C = weight.size(1), K = weight.size(0) / groups;
  const Plane in(sizes), out(dy.sizes()), kernel(weight.sizes());
  const WeightLayout layout{kernel.size(), C * kernel.size(), K * C * kernel.size(), kernel.width()};
  for (int64_t a = 0; a < geometry.stride[0] && a < in[0]; ++a) {
    for (int64_t b = 0; b < geometry.stride[1] && b < in[1]; ++b) {
      const Axis h = input_axis(0, in, out, kernel, geometry, a), w = input_axis(1, in, out, kernel, geometry, b);
      dispatch_floating(dy.dtype(), "conv", [&]<class T>(T) {
        correlate<T>(dy.data_ptr<T>(), weight.data_ptr<T>(), data_or_null<T>(bias), dx.data_ptr<T>(), sizes[0], groups,
                     C, K, in, h, w, layout);
      });
    }
  }
  return dx;
}

Tensor conv_weight(const Tensor& dy_, const Tensor& x_, const ConvGeometry& geometry_, IntArrayRef sizes) {
  const ConvGeometry geometry = of_planes(geometry_, sizes.size());
  const Tensor dy = contiguous(dy_), x = contiguous(x_);
  if (dy.numel() == 0 || x.numel() == 0) return zeros(sizes, x.dtype());
  Tensor dw = empty(sizes, x.dtype());
  if (dw.numel() == 0) return dw;
  const Plane in(x.sizes()), out(dy.sizes()), kernel(sizes);
  const Axis h = output_axis(0, in, out, kernel, geometry), w = output_axis(1, in, out, kernel, geometry);
  dispatch_floating(x.dtype(), "conv", [&]<class T>(T) {
    correlate_weight<T>(dy.data_ptr<T>(), x.data_ptr<T>(), dw.data_ptr<T>(), x.size(0), geometry.groups,
                        sizes[0] / geometry.groups, sizes[1], h, w);
  });
  return dw;
}

}  // namespace taper::kernels
