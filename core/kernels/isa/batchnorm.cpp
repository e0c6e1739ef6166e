// Each loop is a step (struct) that handles the vectors of W lanes at x[i]; two walkers take a step over a block:
//   columns (S = 1): K vectors of neighbouring channels at a time, down the rows; every lane is a channel of its own
//   runs    (S > 1): along the S values of one channel, sample after sample; every lane has the same channel
// Sums are kept in lanes of type L and moved to double every kFlush additions, which keeps float lanes right to a few
// units in the last place however many values there are.
#include <taper/core/kernels/isa/batchnorm.h>
#include <taper/core/kernels/isa/vectors.h>

namespace taper::kernels::TAPER_ISA {
namespace {

constexpr int kFlush = 16;

// K vectors of per-channel values: of the channels from p on (step 1), or p[0] in every lane (step 0).
template <class L, int W, int K>
struct PerChannel {
  Vector<L, W> v[K];
  PerChannel(const double* p, int step) {
    L values[K * W];
    if (step == 1) {
      for (int l = 0; l < K * W; ++l) values[l] = static_cast<L>(p[l]);
    } else {
      for (int l = 0; l < K * W; ++l) values[l] = static_cast<L>(p[0]);
    }
    __builtin_memcpy(v, values, sizeof v);
  }
};

// x - mean
template <class T, class L, int W, int K>
struct Deviation {
  PerChannel<L, W, K> high, low;
  Deviation(const BatchNormMean& mean, int64_t c, int step) : high(mean.high + c, step), low(mean.low + c, step) {}
  Vector<L, W> operator()(const T* x, int k) const { return (load<L, W>(x) - high.v[k]) - low.v[k]; }
};

// ---- the steps ------------------------------------------------------------------------------------------------------

// What a step takes and gives, as BatchNormLoops has it; null where it does not.
template <class T>
struct Arguments {
  const T *x = nullptr, *g = nullptr;
  T* out = nullptr;
  const double* near = nullptr;  // a value near the mean, exact in L
  BatchNormMean mean = {};
  const double *scale = nullptr, *shift = nullptr, *mean_g = nullptr, *slope = nullptr;
  double *sum_a = nullptr, *sum_b = nullptr;
};

// a = sum of x - near
template <class T, class L, int W, int K>
struct MeanStep {
  const T* x;
  PerChannel<L, W, K> near;
  MeanStep(const Arguments<T>& a, int64_t c, int step) : x(a.x), near(a.near + c, step) {}
  void operator()(int64_t i, int k, Vector<L, W>& a, Vector<L, W>&) const { a += load<L, W>(x + i) - near.v[k]; }
};

// a = sum of x - near, b = sum of (x - near)^2
template <class T, class L, int W, int K>
struct MomentsStep : MeanStep<T, L, W, K> {
  using MeanStep<T, L, W, K>::MeanStep;
  void operator()(int64_t i, int k, Vector<L, W>& a, Vector<L, W>& b) const {
    const Vector<L, W> d = load<L, W>(this->x + i) - this->near.v[k];
    a += d;
    b += d * d;
  }
};

template <class T, class L, int W, int K>
struct SumsStep {
  const T *x, *g;
  Deviation<T, L, W, K> deviation;
  SumsStep(const Arguments<T>& a, int64_t c, int step) : x(a.x), g(a.g), deviation(a.mean, c, step) {}
  void operator()(int64_t i, int k, Vector<L, W>& a, Vector<L, W>& b) const {
    const Vector<L, W> gi = load<L, W>(g + i);
    a += gi;
    b += gi * deviation(x + i, k);
  }
};

template <class T, class L, int W, int K>
struct NormaliseStep {
  const T* x;
  T* y;
  Deviation<T, L, W, K> deviation;
  PerChannel<L, W, K> scale, shift;
  NormaliseStep(const Arguments<T>& a, int64_t c, int step)
      : x(a.x), y(a.out), deviation(a.mean, c, step), scale(a.scale + c, step), shift(a.shift + c, step) {}
  void operator()(int64_t i, int k) const { store<W, L>(y + i, deviation(x + i, k) * scale.v[k] + shift.v[k]); }
};

template <class T, class L, int W, int K>
struct GradientStep {
  const T *x, *g;
  T* dx;
  Deviation<T, L, W, K> deviation;
  PerChannel<L, W, K> mean_g, slope, scale;
  GradientStep(const Arguments<T>& a, int64_t c, int step)
      : x(a.x),
        g(a.g),
        dx(a.out),
        deviation(a.mean, c, step),
        mean_g(a.mean_g + c, step),
        slope(a.slope + c, step),
        scale(a.scale + c, step) {}
  void operator()(int64_t i, int k) const {
    store<W, L>(dx + i, ((load<L, W>(g + i) - mean_g.v[k]) - deviation(x + i, k) * slope.v[k]) * scale.v[k]);
  }
};

// ---- walking over a block -------------------------------------------------------------------------------------------

template <class L, int W>
void flush(double* total, Vector<L, W>& lanes) {
  L values[W];
  __builtin_memcpy(values, &lanes, sizeof values);
  for (int l = 0; l < W; ++l) total[l] += static_cast<double>(values[l]);
  lanes = Vector<L, W>{};
}

// f(i, n, before): the block's values of channel c, as stretches of n <= `longest` values from index i on, with
// `before` values of the same run in front of it.
template <class F>
void each_stretch(const BatchNormBlock& block, int64_t c, int64_t longest, const F& f) {
  int64_t s = block.j0 % block.S;
  int64_t run = (block.j0 / block.S * block.C + c) * block.S;
  for (int64_t left = block.j1 - block.j0; left > 0; run += block.C * block.S, s = 0) {
    while (s < block.S && left > 0) {
      int64_t n = block.S - s;
      if (n > left) n = left;
      if (n > longest) n = longest;
      f(run + s, n, s);
      s += n;
      left -= n;
    }
  }
}

// W zeros, then W ones: from index n on, a mask of the last n lanes.
template <class L, int W>
struct LastLanes {
  L mask[2 * W];
  LastLanes() {
    for (int l = 0; l < 2 * W; ++l) mask[l] = l < W ? 0 : 1;
  }
  Vector<L, W> operator()(int64_t n) const { return load<L, W>(mask + n); }
};

template <template <class, class, int, int> class Step, class L, int W, int K, class T>
void sum_columns(const BatchNormBlock& block, const Arguments<T>& arguments, int64_t c) {
  const Step<T, L, W, K> step(arguments, c, 1);
  double total_a[K * W] = {}, total_b[K * W] = {};
  Vector<L, W> a[K] = {}, b[K] = {};
  for (int64_t j = block.j0; j < block.j1;) {
    const int64_t end = block.j1 - j < kFlush ? block.j1 : j + kFlush;
    for (; j < end; ++j) {
      for (int k = 0; k < K; ++k) step(j * block.C + c + k * W, k, a[k], b[k]);
    }
    for (int k = 0; k < K; ++k) {
      flush<L, W>(total_a + k * W, a[k]);
      flush<L, W>(total_b + k * W, b[k]);
    }
  }
  for (int l = 0; l < K * W; ++l) {
    arguments.sum_a[c + l] = total_a[l];
    arguments.sum_b[c + l] = total_b[l];
  }
}

// In half a register of AVX-512, as the order of additions follows from the lanes.
template <class L>
constexpr int kSumLanes = kVectorBytes < 32 ? kVectorLanes<L> : 32 / static_cast<int>(sizeof(L));

template <template <class, class, int, int> class Step, class L, class T>
void sum_runs(const BatchNormBlock& block, const Arguments<T>& arguments, int64_t c) {
  constexpr int W = kSumLanes<L>, K = 4;
  const Step<T, L, W, 1> step(arguments, c, 0);
  const Step<T, L, 1, 1> single_step(arguments, c, 0);
  const LastLanes<L, W> last;
  double total_a[W] = {}, total_b[W] = {};
  Vector<L, W> a[K] = {}, b[K] = {};
  int64_t pending = 0;
  const auto flush_all = [&] {
    for (int k = 1; k < K; ++k) {
      a[0] += a[k];
      b[0] += b[k];
      a[k] = b[k] = Vector<L, W>{};
    }
    flush<L, W>(total_a, a[0]);
    flush<L, W>(total_b, b[0]);
    pending = 0;
  };
  each_stretch(block, c, kFlush * W, [&](int64_t i, int64_t n, int64_t before) {
    const int64_t end = i + n;
    for (; end - i >= K * W; i += K * W) {
      for (int k = 0; k < K; ++k) step(i + k * W, 0, a[k], b[k]);
    }
    for (; end - i >= W; i += W) step(i, 0, a[0], b[0]);
    if (i < end && before + n >= W) {
      // the last W values of the stretch, of which those done already do not count
      Vector<L, W> last_a{}, last_b{};
      step(end - W, 0, last_a, last_b);
      a[1] += last_a * last(end - i);
      b[1] += last_b * last(end - i);
    } else {
      for (; i < end; ++i) {
        L one_a = 0, one_b = 0;
        single_step(i, 0, one_a, one_b);
        total_a[0] += static_cast<double>(one_a);
        total_b[0] += static_cast<double>(one_b);
      }
    }
    pending += n;
    if (pending > kFlush * W) flush_all();
  });
  flush_all();
  double sum_a = 0, sum_b = 0;
  for (int l = 0; l < W; ++l) {
    sum_a += total_a[l];
    sum_b += total_b[l];
  }
  arguments.sum_a[c] = sum_a;
  arguments.sum_b[c] = sum_b;
}

template <template <class, class, int, int> class Step, class L, int W, int K, class T>
void map_columns(const BatchNormBlock& block, const Arguments<T>& arguments, int64_t c) {
  const Step<T, L, W, K> step(arguments, c, 1);
  for (int64_t j = block.j0; j < block.j1; ++j) {
    for (int k = 0; k < K; ++k) step(j * block.C + c + k * W, k);
  }
}

template <template <class, class, int, int> class Step, class L, class T>
void map_runs(const BatchNormBlock& block, const Arguments<T>& arguments, int64_t c) {
  constexpr int W = kVectorLanes<L>;
  const Step<T, L, W, 1> step(arguments, c, 0);
  const Step<T, L, 1, 1> single_step(arguments, c, 0);
  each_stretch(block, c, block.S, [&](int64_t i, int64_t n, int64_t) {
    const int64_t end = i + n;
    for (; end - i >= W; i += W) step(i, 0);
    if (i == end) return;
    if (n >= W) return step(end - W, 0);  // some values twice, to the same bits
    for (; i < end; ++i) single_step(i, 0);
  });
}

// Calls f with the first column of each tile and its size as template arguments <W, K>. The last vectors of the block
// may overlap those before, which computes some channels twice, to the same bits; fewer channels than lanes go one by
// one.
template <class L, class F>
void each_tile(const BatchNormBlock& block, const F& f) {
  constexpr int W = kVectorLanes<L>;
  int64_t c = block.c0;
  for (; block.c1 - c >= 4 * W; c += 4 * W) f.template operator()<W, 4>(c);
  for (; block.c1 - c >= W; c += W) f.template operator()<W, 1>(c);
  if (c == block.c1) return;
  if (block.c1 - block.c0 >= W) return f.template operator()<W, 1>(block.c1 - W);
  for (; block.c1 - c >= 4; c += 4) f.template operator()<1, 4>(c);
  for (; c < block.c1; ++c) f.template operator()<1, 1>(c);
}

template <template <class, class, int, int> class Step, class L, class T>
void sum_block(const BatchNormBlock& block, const Arguments<T>& arguments) {
  if (block.S == 1) {
    each_tile<L>(block, [&]<int W, int K>(int64_t c) { sum_columns<Step, L, W, K>(block, arguments, c); });
  } else {
    for (int64_t c = block.c0; c < block.c1; ++c) sum_runs<Step, L>(block, arguments, c);
  }
}
template <template <class, class, int, int> class Step, class T>
void map_block(const BatchNormBlock& block, const Arguments<T>& arguments) {
  const auto with_lanes = [&](auto lane) {
    using L = decltype(lane);
    if (block.S == 1) {
      each_tile<L>(block, [&]<int W, int K>(int64_t c) { map_columns<Step, L, W, K>(block, arguments, c); });
    } else {
      for (int64_t c = block.c0; c < block.c1; ++c) map_runs<Step, L>(block, arguments, c);
    }
  };
  block.wide ? with_lanes(double{}) : with_lanes(compute_t<T>{});
}

// ---- the loops ------------------------------------------------------------------------------------------------------

template <class L, class T>
void moments(const BatchNormBlock& block, const T* x, double* mean, double* m2, double* sum) {
  const auto m = static_cast<double>(block.j1 - block.j0), per_value = 1 / m;
  const T* first = x + block.j0 / block.S * block.C * block.S + block.j0 % block.S;
  const Arguments<T> arguments{.x = x, .near = mean, .sum_a = sum, .sum_b = m2};
  for (int64_t c = block.c0; c < block.c1; ++c) mean[c] = static_cast<double>(first[c * block.S]);
  sum_block<MeanStep, L>(block, arguments);
  for (int64_t c = block.c0; c < block.c1; ++c)
    mean[c] = static_cast<double>(static_cast<L>(mean[c] + sum[c] * per_value));
  sum_block<MomentsStep, L>(block, arguments);
  for (int64_t c = block.c0; c < block.c1; ++c) {
    const double rest = sum[c] / m;
    mean[c] += rest;
    m2[c] -= sum[c] * rest;
    m2[c] = m2[c] < 0 ? 0 : m2[c];
  }
}

template <class T>
void statistics(const BatchNormBlock& block, const T* x, double* mean, double* m2, double* scratch) {
  if (!block.wide) {
    moments<compute_t<T>>(block, x, mean, m2, scratch);
    bool finite = true;
    for (int64_t c = block.c0; c < block.c1; ++c) finite &= m2[c] - m2[c] == 0;
    if (finite) return;
  }
  moments<double>(block, x, mean, m2, scratch);
}

void variances(int64_t n, double* var, double m, double eps, double* invstd) {
  for (int64_t c = 0; c < n; ++c) {
    var[c] /= m;
    invstd[c] = 1 / __builtin_sqrt(var[c] + eps);
  }
}

template <class T>
void normalise(const BatchNormBlock& block, const T* x, T* y, const BatchNormMean& mean, const double* scale,
               const double* shift) {
  map_block<NormaliseStep>(block, Arguments<T>{.x = x, .out = y, .mean = mean, .scale = scale, .shift = shift});
}

template <class T>
void sums(const BatchNormBlock& block, const T* x, const T* g, const BatchNormMean& mean, double* sum_g,
          double* sum_gd) {
  const Arguments<T> arguments{.x = x, .g = g, .mean = mean, .sum_a = sum_g, .sum_b = sum_gd};
  block.wide ? sum_block<SumsStep, double>(block, arguments) : sum_block<SumsStep, compute_t<T>>(block, arguments);
}

template <class T>
void gradient(const BatchNormBlock& block, const T* x, const T* g, T* dx, const BatchNormMean& mean,
              const double* mean_g, const double* slope, const double* scale) {
  map_block<GradientStep>(
      block, Arguments<T>{.x = x, .g = g, .out = dx, .mean = mean, .scale = scale, .mean_g = mean_g, .slope = slope});
}

template <class T>
constexpr BatchNormLoops<T> kLoops{statistics, variances, normalise, sums, gradient};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(BatchNormLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
