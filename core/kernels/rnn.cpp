// The input's products of all steps are one matrix product, and so are the gradients of the input and of each weight.
// Only what goes through time is done step by step: a product with the recurrent weight, which is packed once a pass,
// and one loop over the gates. Sequences do not know of each other, so each thread takes some of them through all
// steps, in one direction; they meet once.
#include <taper/core/kernels/rnn.h>

#include <taper/core/blas.h>
#include <taper/core/factories.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/isa/rnn.h>
#include <taper/core/kernels/reduce.h>
#include <taper/core/kernels/scratch.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <memory>

namespace taper::kernels {
namespace {

constexpr int64_t kPieceOfSequences = 16;  // that go through time together
constexpr size_t kPackedSteps = 4;         // from so many on packing a weight pays

int64_t leading(int64_t n) { return std::max<int64_t>(n, 1); }

// rows of x -> x op(w) + bias, op(w) of k x n: the same bits whether w is packed or not.
template <class T>
class StepProduct {
 public:
  StepProduct(bool trans, int64_t n, int64_t k, const Tensor& w, const T* bias, size_t steps)
      : trans_(trans), n_(n), k_(k), ldw_(leading(trans ? k : n)), w_(w.data_ptr<T>()), bias_(bias) {
    if (steps >= kPackedSteps) packed_ = std::make_unique<blas::PackedMatrix<T>>(trans, n, k, w_, ldw_);
  }
  void operator()(int64_t rows, const T* x, T* y) const {
    if (packed_) {
      packed_->multiply(rows, x, leading(k_), bias_, false, y, leading(n_));
    } else if (bias_) {
      blas::gemm_bias(false, trans_, rows, n_, k_, x, leading(k_), w_, ldw_, bias_, y, leading(n_));
    } else {
      blas::gemm(false, trans_, rows, n_, k_, T(1), x, leading(k_), w_, ldw_, T(0), y, leading(n_));
    }
  }

 private:
  bool trans_;
  int64_t n_, k_, ldw_;
  const T *w_, *bias_;
  std::unique_ptr<blas::PackedMatrix<T>> packed_;
};

struct Shape {
  RnnCell cell;
  const std::vector<int64_t>& batch_sizes;
  std::vector<int64_t> offsets;  // the first row of each step
  int64_t N = 0, B = 0, D, I, H, O, width, stored;

  Shape(RnnCell cell_, const Tensor& x, const std::vector<int64_t>& sizes, const std::vector<RnnWeights>& weights)
      : cell(cell_), batch_sizes(sizes), B(sizes[0]), D(static_cast<int64_t>(weights.size())), I(x.size(1)) {
    for (const int64_t size : batch_sizes) {
      offsets.push_back(N);
      N += size;
    }
    width = weights[0].w_hh.size(0);
    H = width / gates_of(cell);
    O = weights[0].w_hh.size(1);
    stored = cell == RnnCell::Gru ? 4 * H : width;
  }
  bool projects() const { return O != H; }
  bool is_lstm() const { return cell == RnnCell::Lstm; }

  // f(direction, first sequence, how many) for all pieces, on any thread
  template <class F>
  void for_each_piece(const F& f) const {
    const int64_t pieces = (B + kPieceOfSequences - 1) / kPieceOfSequences;
    parallel_for(0, D * pieces, 1, [&](int64_t first, int64_t last) {
      for (int64_t p = first; p < last; ++p) {
        const int64_t b = p % pieces * kPieceOfSequences;
        f(p / pieces, b, std::min(kPieceOfSequences, B - b));
      }
    });
  }
  // f(first row, how many) for the steps of sequences b, b + 1, ..., in the order of time or against it
  template <class F>
  void for_each_step(int64_t b, int64_t sequences, bool ascending, const F& f) const {
    const size_t steps = batch_sizes.size();
    for (size_t s = 0; s < steps; ++s) {
      const size_t t = ascending ? s : steps - 1 - s;
      const int64_t rows = std::min(batch_sizes[t] - b, sequences);
      if (rows > 0) f(offsets[t] + b, rows);
    }
  }
};

std::vector<RnnWeights> contiguous_weights(const std::vector<RnnWeights>& weights) {
  std::vector<RnnWeights> result;
  result.reserve(weights.size());
  for (const RnnWeights& w : weights) {
    result.push_back({contiguous(w.w_ih), contiguous(w.w_hh), contiguous_if_defined(w.b_ih),
                      contiguous_if_defined(w.b_hh), contiguous_if_defined(w.w_hr)});
  }
  return result;
}

// x, or zeros, in memory of its own
Tensor copy_or_zeros(const Tensor& x, IntArrayRef sizes, ScalarType dtype) {
  return x.defined() ? to_dtype(x, dtype) : zeros(sizes, dtype);
}

template <class T>
void forward(const Shape& s, const Tensor& x, const std::vector<RnnWeights>& weights, const RnnResult& result) {
  const RnnLoops<T>& loop = loops<RnnLoops<T>>();
  std::vector<StepProduct<T>> recurrent, projection;
  for (int64_t d = 0; d < s.D; ++d) {
    const RnnWeights& w = weights[static_cast<size_t>(d)];
    T* const gates = result.gates.data_ptr<T>() + d * s.N * s.stored;
    const T *in = x.data_ptr<T>(), *w_ih = w.w_ih.data_ptr<T>();
    if (w.b_ih.defined()) {
      blas::gemm_bias(false, true, s.N, s.width, s.I, in, leading(s.I), w_ih, leading(s.I), w.b_ih.data_ptr<T>(), gates,
                      s.stored);
    } else {
      blas::gemm(false, true, s.N, s.width, s.I, T(1), in, leading(s.I), w_ih, leading(s.I), T(0), gates, s.stored);
    }
    recurrent.emplace_back(true, s.width, s.O, w.w_hh, data_or_null<T>(w.b_hh), s.batch_sizes.size());
    if (s.projects()) projection.emplace_back(true, s.O, s.H, w.w_hr, nullptr, s.batch_sizes.size());
  }
  s.for_each_piece([&](int64_t d, int64_t b, int64_t sequences) {
    const size_t direction = static_cast<size_t>(d);
    const Scratch<T> product(sequences * s.width), unprojected(s.projects() ? sequences * s.H : 0);
    T* const h = result.h.data_ptr<T>() + (d * s.B + b) * s.O;
    T* const c = s.is_lstm() ? result.c.data_ptr<T>() + (d * s.B + b) * s.H : nullptr;
    s.for_each_step(b, sequences, d == 0, [&](int64_t row, int64_t rows) {
      const int64_t at = d * s.N + row;
      std::copy_n(h, rows * s.O, result.h_before.data_ptr<T>() + at * s.O);
      recurrent[direction](rows, h, product.get());
      T* const gates = result.gates.data_ptr<T>() + at * s.stored;
      switch (s.cell) {
        case RnnCell::Tanh: loop.tanh(rows * s.H, gates, product.get(), h); break;
        case RnnCell::Relu: loop.relu(rows * s.H, gates, product.get(), h); break;
        case RnnCell::Gru: loop.gru(rows, s.H, gates, product.get(), h); break;
        case RnnCell::Lstm:
          loop.lstm(rows, s.H, gates, product.get(), c, result.c_before.data_ptr<T>() + at * s.H,
                    s.projects() ? unprojected.get() : h);
      }
      if (s.projects()) projection[direction](rows, unprojected.get(), h);
      T* const y = result.y.data_ptr<T>() + row * s.D * s.O + d * s.O;
      for (int64_t r = 0; r < rows; ++r) std::copy_n(h + r * s.O, s.O, y + r * s.D * s.O);
    });
  });
}

// What a pass back through time leaves for the gradients of the weights and of the input, [D, N, ...].
struct Arguments {
  Tensor x, h;           // gradients of the input's and of the recurrent products, one tensor but for a GRU
  Tensor projected, of;  // gradient of the projection, and what was projected
};

template <class T>
void through_time(const Shape& s, const std::vector<RnnWeights>& weights, const RnnResult& saved, const Tensor& dy,
                  const Arguments& da, const RnnGrads& grads) {
  const RnnLoops<T>& loop = loops<RnnLoops<T>>();
  std::vector<StepProduct<T>> recurrent, projection;
  for (const RnnWeights& w : weights) {
    recurrent.emplace_back(false, s.O, s.width, w.w_hh, nullptr, s.batch_sizes.size());
    if (s.projects()) projection.emplace_back(false, s.H, s.O, w.w_hr, nullptr, s.batch_sizes.size());
  }
  s.for_each_piece([&](int64_t d, int64_t b, int64_t sequences) {
    const size_t direction = static_cast<size_t>(d);
    const Scratch<T> product(sequences * s.H);
    T* const dh = grads.h0.data_ptr<T>() + (d * s.B + b) * s.O;  // and on the way of each state
    T* const dc = s.is_lstm() ? grads.c0.data_ptr<T>() + (d * s.B + b) * s.H : nullptr;
    s.for_each_step(b, sequences, d != 0, [&](int64_t row, int64_t rows) {
      const int64_t at = d * s.N + row;
      if (dy.defined()) loop.add(rows, s.O, dy.data_ptr<T>() + row * s.D * s.O + d * s.O, s.D * s.O, dh, s.O);
      const T* const gates = saved.gates.data_ptr<T>() + at * s.stored;
      T *const da_x = da.x.data_ptr<T>() + at * s.width, *const da_h = da.h.data_ptr<T>() + at * s.width;
      switch (s.cell) {
        case RnnCell::Tanh: loop.tanh_backward(rows * s.H, dh, gates, da_x); break;
        case RnnCell::Relu: loop.relu_backward(rows * s.H, dh, gates, da_x); break;
        case RnnCell::Gru:
          loop.gru_backward(rows, s.H, dh, gates, saved.h_before.data_ptr<T>() + at * s.O, da_x, da_h);
          recurrent[direction](rows, da_h, product.get());
          return loop.add(rows, s.O, product.get(), s.O, dh, s.O);
        case RnnCell::Lstm:
          const T* const c_before = saved.c_before.data_ptr<T>() + at * s.H;
          if (s.projects()) {
            std::copy_n(dh, rows * s.O, da.projected.data_ptr<T>() + at * s.O);
            projection[direction](rows, dh, product.get());
            loop.lstm_backward(rows, s.H, product.get(), gates, c_before, dc, da_x, da.of.data_ptr<T>() + at * s.H);
          } else {
            loop.lstm_backward(rows, s.H, dh, gates, c_before, dc, da_x, nullptr);
          }
      }
      recurrent[direction](rows, da_h, dh);
    });
  });
}

// a^T b of [N, m] and [N, n], which stand at direction d
template <class T>
Tensor weight_gradient(int64_t d, const Tensor& a, const Tensor& b) {
  const int64_t N = a.size(1), m = a.size(2), n = b.size(-1);
  Tensor y = empty({m, n}, a.dtype());
  const T* const pb = b.data_ptr<T>() + (b.dim() == 3 ? d * N * n : 0);
  blas::gemm(true, false, m, n, N, T(1), a.data_ptr<T>() + d * N * m, leading(m), pb, leading(n), T(0), y.data_ptr<T>(),
             leading(n));
  return y;
}

// the sum over the N rows that stand at direction d
Tensor bias_gradient(int64_t d, const Tensor& a) {
  const int64_t N = a.size(1), n = a.size(2);
  return sum(view_of(a, {N, n}, {n, 1}, d * N * n), 0, false);
}

}  // namespace

RnnResult rnn_layer(RnnCell cell, const Tensor& x_, const std::vector<int64_t>& batch_sizes, const Tensor& h0,
                    const Tensor& c0, const std::vector<RnnWeights>& weights_) {
  const Tensor x = contiguous(x_);
  const std::vector<RnnWeights> weights = contiguous_weights(weights_);
  const Shape s(cell, x, batch_sizes, weights);
  RnnResult result;
  result.y = empty({s.N, s.D * s.O}, x.dtype());
  result.h = to_dtype(h0, x.dtype());
  result.gates = empty({s.D, s.N, s.stored}, x.dtype());
  result.h_before = empty({s.D, s.N, s.O}, x.dtype());
  if (s.is_lstm()) {
    result.c = to_dtype(c0, x.dtype());
    result.c_before = empty({s.D, s.N, s.H}, x.dtype());
  }
  dispatch_floating(x.dtype(), "rnn", [&]<class T>(T) { forward<T>(s, x, weights, result); });
  return result;
}

RnnGrads rnn_layer_backward(RnnCell cell, const Tensor& x_, const std::vector<int64_t>& batch_sizes,
                            const std::vector<RnnWeights>& weights_, const RnnResult& saved, const Tensor& dy,
                            const Tensor& dh, const Tensor& dc, bool needs_dx, bool needs_dweights) {
  const Tensor x = contiguous(x_);
  const std::vector<RnnWeights> weights = contiguous_weights(weights_);
  const Shape s(cell, x, batch_sizes, weights);
  RnnGrads grads;
  grads.h0 = copy_or_zeros(dh, {s.D, s.B, s.O}, x.dtype());
  if (s.is_lstm()) grads.c0 = copy_or_zeros(dc, {s.D, s.B, s.H}, x.dtype());
  Arguments da;
  da.x = empty({s.D, s.N, s.width}, x.dtype());
  da.h = cell == RnnCell::Gru ? empty(da.x.sizes(), x.dtype()) : da.x;
  if (s.projects()) {
    da.projected = empty({s.D, s.N, s.O}, x.dtype());
    da.of = empty({s.D, s.N, s.H}, x.dtype());
  }
  dispatch_floating(x.dtype(), "rnn", [&]<class T>(T) {
    through_time<T>(s, weights, saved, contiguous_if_defined(dy), da, grads);
    if (needs_dx) grads.x = empty({s.N, s.I}, x.dtype());
    for (int64_t d = 0; d < s.D; ++d) {
      const RnnWeights& w = weights[static_cast<size_t>(d)];
      if (needs_dx) {
        blas::gemm(false, false, s.N, s.I, s.width, T(1), da.x.data_ptr<T>() + d * s.N * s.width, leading(s.width),
                   w.w_ih.data_ptr<T>(), leading(s.I), d == 0 ? T(0) : T(1), grads.x.data_ptr<T>(), leading(s.I));
      }
      if (!needs_dweights) continue;
      RnnWeights& g = grads.weights.emplace_back();
      g.w_ih = weight_gradient<T>(d, da.x, x);
      g.w_hh = weight_gradient<T>(d, da.h, saved.h_before);
      if (w.b_ih.defined()) g.b_ih = bias_gradient(d, da.x);
      if (w.b_hh.defined()) {
        const bool is_same = g.b_ih.defined() && cell != RnnCell::Gru;
        g.b_hh = is_same ? to_dtype(g.b_ih, x.dtype()) : bias_gradient(d, da.h);
      }
      if (s.projects()) g.w_hr = weight_gradient<T>(d, da.projected, da.of);
    }
  });
  return grads;
}

}  // namespace taper::kernels
