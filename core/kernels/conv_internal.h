// How a convolution's input is read, for the output and for both gradients: an Axis is height or width.
#pragma once

#include <taper/core/kernels/conv.h>
#include <taper/core/kernels/isa/conv.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace taper::kernels::convolution {

// Of a piece's packed input, in the second cache with what else it reads.
constexpr int64_t kPieceBytes = 256 << 10;
constexpr int64_t kPieces = 16;          // of a sum over images, at least, where there is work for them
constexpr int64_t kPieceWork = 1 << 19;  // multiplications of a piece that is worth handing to a thread

inline int64_t ceil_div(int64_t a, int64_t b) { return a > 0 ? (a - 1) / b + 1 : 0; }
inline int64_t floor_div(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a - 1) / b) - 1; }
inline int64_t round_up(int64_t a, int64_t b) { return ceil_div(a, b) * b; }

// A product of sizes; more than any memory holds is an error, before it is used.
inline int64_t memory(std::initializer_list<int64_t> sizes) {
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

// The last two sizes, [height, width].
struct Plane {
  int64_t sizes[2];
  int64_t operator[](size_t d) const { return sizes[d]; }
  int64_t width() const { return sizes[1]; }
  int64_t size() const { return sizes[0] * sizes[1]; }
};

// What a convolution of x with w to y does, all as planes. A line, [N, C, L] or images of one row, is L rows of one
// column, so that long ones are cut into bands too.
struct Planes {
  Plane in, out, kernel;
  ConvGeometry geometry;

  Planes(IntArrayRef x, IntArrayRef y, IntArrayRef w, const ConvGeometry& g) : geometry(g) {
    const bool is_line = x.size() == 3 || (x[2] == 1 && y[2] == 1 && w[2] == 1 && g.padding[0] == 0);
    const auto plane = [&](IntArrayRef s) { return is_line ? Plane{{s.back(), 1}} : Plane{{s[2], s[3]}}; };
    in = plane(x);
    out = plane(y);
    kernel = plane(w);
    if (is_line) geometry = {{g.stride[1], 1}, {g.dilation[1], 1}, {g.padding[1], 0}, g.groups};
  }
};

// Of the output along height (d = 0) or width (d = 1).
inline Axis output_axis(const Planes& p, size_t d) {
  Axis a;
  a.input = p.in[d];
  a.count = p.out[d];
  a.step = p.geometry.stride[d];
  for (int64_t r = 0; r < p.kernel[d]; ++r) {
    a.at.push_back(r * p.geometry.dilation[d] - p.geometry.padding[d]);
    a.index.push_back(r);
  }
  a.finish();
  return a;
}

// Of the gradient of the input at offset + stride i.
inline Axis input_axis(const Planes& p, size_t d, int64_t offset) {
  const int64_t stride = p.geometry.stride[d];
  Axis a;
  a.input = p.out[d];
  a.start = offset;
  a.spacing = stride;
  a.count = ceil_div(p.in[d] - offset, stride);
  for (int64_t r = p.kernel[d]; r-- > 0;) {
    const int64_t from = offset + p.geometry.padding[d] - r * p.geometry.dilation[d];
    if (floor_div(from, stride) * stride != from) continue;
    a.at.push_back(floor_div(from, stride));
    a.index.push_back(r);
  }
  a.finish();
  return a;
}

// Packed planes of `rows` output rows of C channels, one after the other for several images.
struct Packing {
  int64_t C, Wq, rows, plane, channel;
  std::vector<int64_t> offset;  // of each tap, from the start of the channel

  Packing(const Axis& h, const Axis& w, int64_t C_, int64_t rows_) : C(C_), Wq(w.count + w.span), rows(rows_) {
    plane = memory({rows + h.span, Wq});
    if (plane % 128 == 0) plane += 16;  // or one tap of all channels shares few lines of the first cache
    channel = memory({static_cast<int64_t>(h.phases.size() * w.phases.size()), plane});
    for (size_t i = 0; i < h.at.size(); ++i) {
      for (size_t j = 0; j < w.at.size(); ++j) {
        const int64_t phase = h.phase[i] * static_cast<int64_t>(w.phases.size()) + w.phase[j];
        offset.push_back(phase * plane + h.first[i] * Wq + w.first[j]);
      }
    }
  }

  int64_t image() const { return memory({C, channel}); }
  // With what is read, and written, beyond the last plane.
  int64_t size(int64_t images, int64_t lanes) const { return memory({images, image()}) + (kConvSlack + 1) * lanes; }

  // The rows that the outputs from `row` on read, of the channels at x.
  template <class T>
  void pack(const Axis& h, const Axis& w, const T* x, int64_t channels, int64_t row, T* to) const {
    const auto along = [](const Axis& a, int64_t count, int64_t start) {
      return ConvPackAxis{a.input,        count, start * a.step, a.step, static_cast<int64_t>(a.phases.size()),
                          a.phases.data()};
    };
    ConvPack<T> p{x, channels, to, plane, along(h, rows + h.span, row + h.low), along(w, Wq, w.low)};
    if (w.input == 1 && Wq == 1) std::swap(p.row, p.column);  // one column is as good as one row, and faster
    loops<ConvLoops<T>>().pack(p);
  }
};

// One convolution: y = the sum over w's taps of x moved along h and w.
template <class T>
struct Correlation {
  const T* x;       // [N, groups, C, h.input, w.input]
  const T* weight;  // [groups, K, C taps]
  const T* bias;    // [groups, K] or null
  T* y;             // [N, groups, K, out]
  int64_t N, groups, K, C;
  Plane out;
};

// One convolution: dw = the sum over images and positions of x, moved along h and w, times dy.
template <class T>
struct WeightCorrelation {
  const T* dy;  // [N, groups, K, h.count, w.count]
  const T* x;   // [N, groups, C, h.input, w.input]
  T* dw;        // [groups, K, C taps]
  int64_t N, groups, K, C;

  const T* dy_at(int64_t n, int64_t g, int64_t P) const { return dy + (n * groups + g) * K * P; }
  const T* x_at(int64_t n, int64_t g, int64_t c, const Axis& h, const Axis& w) const {
    return x + ((n * groups + g) * C + c) * h.input * w.input;
  }
};

// Into how many blocks of images, each with sums of its own, a sum over N is cut: by sizes alone.
inline int64_t image_block(int64_t N, int64_t P, int64_t weights) {
  const int64_t that_pay = std::min((1 << 20) / std::max<int64_t>(weights, 1), N * P / 1024);
  const int64_t blocks = std::clamp<int64_t>(that_pay, 1, std::min(N, kPieces));
  return ceil_div(N, blocks);
}

// sums[0, i] += the sum of sums[b, i], for n values of each block b
template <class T>
void add_blocks(T* sums, int64_t blocks, int64_t n) {
  parallel_for(0, blocks > 1 ? n : 0, 16384 / blocks, [&](int64_t first, int64_t last) {
    for (int64_t b = 1; b < blocks; ++b) {
      for (int64_t i = first; i < last; ++i) sums[i] += sums[b * n + i];
    }
  });
}

// conv_winograd.cpp: whether it computes all this in fewer multiplications, by the sizes of an image alone.
bool winograd_pays(int64_t K, int64_t C, const Axis& h, const Axis& w);
void correlate_winograd(const Correlation<float>& s, const Axis& h, const Axis& w);
void correlate_weight_winograd(const WeightCorrelation<float>& s, const Axis& h, const Axis& w);

}  // namespace taper::kernels::convolution
