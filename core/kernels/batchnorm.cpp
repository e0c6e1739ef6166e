// The work on an [N, C, S] array is cut into blocks of channels times chunks of values. A block of one chunk stays in
// the cache, so that its statistics and its result are made in one piece and memory is read once; larger channels are
// summed chunk by chunk, combined in the order of the chunks, and read again.
#include <taper/core/kernels/batchnorm.h>

#include <taper/core/factories.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/isa/batchnorm.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace taper::kernels {
namespace {

constexpr int64_t kColumns = 64;        // channels of a block where S = 1: whole cache lines of every row
constexpr int64_t kChunkRows = 1024;    // rows of a chunk where S = 1
constexpr int64_t kChunkRun = 1 << 16;  // values of a chunk where S > 1
constexpr int64_t kPieceValues = 1 << 14;

struct Plan {
  int64_t N, C, S, M;
  int64_t width, blocks;  // channels of a block (the last one also takes what is left over), blocks
  int64_t chunk, chunks;  // values of a chunk, chunks

  explicit Plan(const Tensor& x) : N(x.size(0)), C(x.size(1)), S(x.numel() / (N * C)), M(N * S) {
    width = S == 1 ? kColumns : 1;
    blocks = C < width ? 1 : C / width;
    chunk = S == 1 ? kChunkRows : kChunkRun;
    chunks = (M - 1) / chunk + 1;
  }

  // Calls f(block, chunk number) for every block of channels and chunk of values.
  template <class F>
  void each(const F& f) const {
    const int64_t values = width * (M < chunk ? M : chunk);
    parallel_for(0, blocks * chunks, kPieceValues / values, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t b = i % blocks, k = i / blocks;
        f(BatchNormBlock{C, S, b * width, b == blocks - 1 ? C : (b + 1) * width, k * chunk,
                         k == chunks - 1 ? M : (k + 1) * chunk, false},
          k);
      }
    });
  }

  // reduce(block, chunk number) everywhere, combine(c0, c1) for all channels, map(block) everywhere.
  template <class Reduce, class Combine, class Map>
  void reduce_then_map(const Reduce& reduce, const Combine& combine, const Map& map) const {
    if (chunks == 1) {
      each([&](const BatchNormBlock& block, int64_t k) {
        reduce(block, k);
        combine(block.c0, block.c1);
        map(block);
      });
    } else {
      each(reduce);
      combine(0, C);
      each([&](const BatchNormBlock& block, int64_t) { map(block); });
    }
  }
};

// Float lanes hold differences from the mean and their squares only where the deviation is far from float's limits.
bool needs_wide_lanes(const BatchNormBlock& block, const double* invstd) {
  int64_t inside = 0;
  for (int64_t c = block.c0; c < block.c1; ++c) inside += (invstd[c] >= 1e-15) & (invstd[c] <= 1e15);
  return inside != block.c1 - block.c0;
}
// Below, squared deviations that float rounds to 0 would count beside eps.
constexpr double kSmallestEps = 1e-25;

// scale = gamma invstd, of channels [c0, c1)
template <class T>
void scale_of(const T* gamma, const double* invstd, int64_t c0, int64_t c1, double* scale) {
  if (!gamma) {
    std::copy(invstd + c0, invstd + c1, scale + c0);
  } else {
    for (int64_t c = c0; c < c1; ++c) scale[c] = static_cast<double>(gamma[c]) * invstd[c];
  }
}

// The mean of channels [c0, c1) in two parts (BatchNormMean).
void split_mean(const double* mean, int64_t c0, int64_t c1, double* high, double* low) {
  for (int64_t c = c0; c < c1; ++c) high[c] = static_cast<double>(static_cast<float>(mean[c]));
  for (int64_t c = c0; c < c1; ++c) low[c] = mean[c] - high[c];
}

// [rows, C] float64
Tensor per_channel(int64_t rows, int64_t channels) { return empty({rows, channels}, kFloat64); }

// y = (x - mean) scale + shift with scale = gamma invstd, shift = beta and the mean in two parts, [C] each: kRows rows
// from `buffer` on, of which prepare() makes those of channels [c0, c1).
template <class T>
struct Normalise {
  static constexpr int64_t kRows = 4;
  const T *gamma, *beta;
  const double *mean, *invstd;
  double *scale, *shift, *high, *low;

  Normalise(const Tensor& weight, const Tensor& bias, const Tensor& stats, double* buffer)
      : gamma(data_or_null<T>(weight)), beta(data_or_null<T>(bias)), mean(stats.data_ptr<double>()) {
    const int64_t C = stats.size(1);
    invstd = mean + C;
    scale = buffer;
    shift = scale + C;
    high = shift + C;
    low = high + C;
  }
  void prepare(int64_t c0, int64_t c1) const {
    scale_of(gamma, invstd, c0, c1, scale);
    for (int64_t c = c0; c < c1; ++c) shift[c] = beta ? static_cast<double>(beta[c]) : 0;
    split_mean(mean, c0, c1, high, low);
  }
  void operator()(BatchNormBlock block, const T* x, T* y) const {
    block.wide = needs_wide_lanes(block, invstd);
    loops<BatchNormLoops<T>>().normalise(block, x, y, {high, low}, scale, shift);
  }
};

}  // namespace

BatchNormResult batch_norm_train(const Tensor& input, const Tensor& weight_, const Tensor& bias_, double eps) {
  if (is_half(input)) {
    const BatchNormResult wide =
        batch_norm_train(in_compute_type(input), in_compute_type(weight_), in_compute_type(bias_), eps);
    return {rounded(wide.y, input.dtype()), wide.stats};
  }
  const Tensor x = contiguous(input);
  const Plan plan(x);
  const int64_t C = plan.C;
  BatchNormResult result{empty(x.sizes(), x.dtype()), per_channel(3, C)};
  double* const mean = result.stats.data_ptr<double>();
  double* const invstd = mean + C;
  double* const var = mean + 2 * C;
  const Tensor weight = contiguous_if_defined(weight_), bias = contiguous_if_defined(bias_);

  dispatch_floating(x.dtype(), "batch_norm", [&]<class T>(T) {
    const T* const in = x.data_ptr<T>();
    T* const y = result.y.data_ptr<T>();
    // what normalising needs; then mean, m2 and scratch of each chunk, [chunks, 3, C]
    const Tensor buffer = per_channel(Normalise<T>::kRows + 3 * plan.chunks, C);
    const Normalise<T> normalise(weight, bias, result.stats, buffer.data_ptr<double>());
    double* const partial = buffer.data_ptr<double>() + Normalise<T>::kRows * C;

    const auto statistics = [&](BatchNormBlock block, int64_t k) {
      block.wide = eps < kSmallestEps;
      double* const p = partial + 3 * k * C;
      loops<BatchNormLoops<T>>().statistics(block, in, p, p + C, p + 2 * C);
    };
    const auto combine = [&](int64_t c0, int64_t c1) {
      // Chan's formula: adds the chunks up, each with its own mean.
      std::copy(partial + c0, partial + c1, mean + c0);
      std::copy(partial + C + c0, partial + C + c1, var + c0);
      for (int64_t k = 1; k < plan.chunks; ++k) {
        const double count = static_cast<double>(k * plan.chunk);
        const double n = std::min(static_cast<double>(plan.chunk), static_cast<double>(plan.M) - count);
        const double* const p = partial + 3 * k * C;
        for (int64_t c = c0; c < c1; ++c) {
          const double delta = p[c] - mean[c];
          mean[c] += delta * (n / (count + n));
          var[c] += p[C + c] + delta * delta * (count * n / (count + n));
        }
      }
      loops<BatchNormLoops<T>>().variances(c1 - c0, var + c0, static_cast<double>(plan.M), eps, invstd + c0);
      normalise.prepare(c0, c1);
    };
    plan.reduce_then_map(statistics, combine, [&](const BatchNormBlock& block) { normalise(block, in, y); });
  });
  return result;
}

bool batch_norm_is_finite(const Tensor& stats, int64_t M, const Tensor& running_mean, const Tensor& running_var) {
  double limit = std::numeric_limits<double>::max();
  for (const Tensor* running : {&running_mean, &running_var}) {
    if (!running->defined()) continue;
    dispatch_stored(running->dtype(),
                    [&]<class T>(T) { limit = std::min(limit, static_cast<double>(std::numeric_limits<T>::max())); });
  }
  const int64_t C = stats.size(1);
  const double* const mean = stats.data_ptr<double>();
  const double* const var = mean + 2 * C;
  const double unbiased = static_cast<double>(M) / (static_cast<double>(M) - 1);
  bool ok = true;
  for (int64_t c = 0; c < C; ++c) ok &= std::fabs(mean[c]) <= limit && var[c] * unbiased <= limit;
  return ok;
}

void batch_norm_update(const Tensor& running_mean, const Tensor& running_var, const Tensor& stats, int64_t M,
                       double momentum) {
  const int64_t C = stats.size(1);
  const auto change = [&](const Tensor& running, const double* batch, double factor) {
    dispatch_floating(running.dtype(), "batch_norm", [&]<class T>(T) {
      T* const p = running.data_ptr<T>();
      const int64_t stride = running.stride(0);
      for (int64_t c = 0; c < C; ++c) {
        T& r = p[c * stride];
        r = static_cast<T>((1 - momentum) * static_cast<double>(r) + momentum * (factor * batch[c]));
      }
    });
  };
  const auto update = [&](const Tensor& running, const double* batch, double factor) {
    if (!running.defined()) return;
    if (is_half(running)) {
      change_in_float32(running, [&](const Tensor& wide) { change(wide, batch, factor); });
    } else {
      change(running, batch, factor);
    }
    running.impl()->storage()->bump_version();
  };
  const double* const mean = stats.data_ptr<double>();
  update(running_mean, mean, 1);
  update(running_var, mean + 2 * C, static_cast<double>(M) / (static_cast<double>(M) - 1));
}

Tensor batch_norm_constants(const Tensor& running_mean, const Tensor& running_var, double eps) {
  const int64_t C = running_mean.size(0);
  Tensor stats = empty({3, C}, kFloat64);
  double* const mean = stats.data_ptr<double>();
  double* const invstd = mean + C;
  double* const var = invstd + C;
  const auto read = [&](const Tensor& stored, double* to) {
    const Tensor running = in_compute_type(stored);
    dispatch_floating(running.dtype(), "batch_norm", [&]<class T>(T) {
      const T* const p = running.data_ptr<T>();
      for (int64_t c = 0; c < C; ++c) to[c] = static_cast<double>(p[c * running.stride(0)]);
    });
  };
  read(running_mean, mean);
  read(running_var, var);
  for (int64_t c = 0; c < C; ++c) invstd[c] = 1 / std::sqrt(var[c] + eps);
  return stats;
}

Tensor batch_norm_apply(const Tensor& input, const Tensor& weight_, const Tensor& bias_, const Tensor& stats) {
  if (is_half(input)) return in_float32(input.dtype(), batch_norm_apply, input, weight_, bias_, stats);
  const Tensor x = contiguous(input);
  const Plan plan(x);
  Tensor y = empty(x.sizes(), x.dtype());
  const Tensor weight = contiguous_if_defined(weight_), bias = contiguous_if_defined(bias_);

  dispatch_floating(x.dtype(), "batch_norm", [&]<class T>(T) {
    const Tensor buffer = per_channel(Normalise<T>::kRows, plan.C);
    const Normalise<T> normalise(weight, bias, stats, buffer.data_ptr<double>());
    normalise.prepare(0, plan.C);
    plan.each([&](const BatchNormBlock& block, int64_t) { normalise(block, x.data_ptr<T>(), y.data_ptr<T>()); });
  });
  return y;
}

BatchNormGrads batch_norm_backward(const Tensor& dy, const Tensor& input, const Tensor& weight_, const Tensor& stats,
                                   bool training, bool needs_dx, bool needs_dparams) {
  if (is_half(input)) {  // the tape rounds the gradients
    return batch_norm_backward(in_compute_type(dy), in_compute_type(input), in_compute_type(weight_), stats, training,
                               needs_dx, needs_dparams);
  }
  const Tensor x = contiguous(input), g = contiguous(dy);
  const Plan plan(x);
  const int64_t C = plan.C;
  const double per_value = 1 / static_cast<double>(plan.M);
  const bool needs_sums = training || needs_dparams;
  BatchNormGrads grads;
  if (needs_dx) grads.dx = empty(x.sizes(), x.dtype());
  if (needs_dparams) {
    grads.dweight = empty({C}, x.dtype());
    grads.dbias = empty({C}, x.dtype());
  }
  const double* const mean = stats.data_ptr<double>();
  const double* const invstd = mean + C;
  const Tensor weight = contiguous_if_defined(weight_);

  dispatch_floating(x.dtype(), "batch_norm", [&]<class T>(T) {
    const T* const in = x.data_ptr<T>();
    const T* const gp = g.data_ptr<T>();
    const T* const gamma = data_or_null<T>(weight);
    T* const dx = needs_dx ? grads.dx.data_ptr<T>() : nullptr;
    T* const dgamma = needs_dparams ? grads.dweight.data_ptr<T>() : nullptr;
    T* const dbeta = needs_dparams ? grads.dbias.data_ptr<T>() : nullptr;
    // mean_g, slope, scale (see BatchNormLoops::gradient) and the parts of the mean of each channel; then sum_g and
    // sum_gd of each chunk
    const Tensor buffer = per_channel(5 + 2 * plan.chunks, C);
    double* const mean_g = buffer.data_ptr<double>();
    double* const slope = mean_g + C;
    double* const scale = slope + C;
    double* const high = scale + C;
    double* const low = high + C;
    double* const partial = low + C;
    split_mean(mean, 0, C, high, low);

    const auto sums = [&](BatchNormBlock block, int64_t k) {
      if (!needs_sums) return;
      block.wide = needs_wide_lanes(block, invstd);
      double* const p = partial + 2 * k * C;
      loops<BatchNormLoops<T>>().sums(block, in, gp, {high, low}, p, p + C);
    };
    const auto combine = [&](int64_t c0, int64_t c1) {
      double* const sum_g = partial;
      double* const sum_gd = partial + C;
      for (int64_t k = 1; needs_sums && k < plan.chunks; ++k) {
        for (int64_t c = c0; c < c1; ++c) {
          sum_g[c] += partial[2 * k * C + c];
          sum_gd[c] += partial[2 * k * C + C + c];
        }
      }
      for (int64_t c = c0; needs_dparams && c < c1; ++c) {
        dbeta[c] = static_cast<T>(sum_g[c]);
        dgamma[c] = static_cast<T>(sum_gd[c] * invstd[c]);
      }
      scale_of(gamma, invstd, c0, c1, scale);
      if (training) {
        for (int64_t c = c0; c < c1; ++c) mean_g[c] = sum_g[c] * per_value;
        for (int64_t c = c0; c < c1; ++c) slope[c] = sum_gd[c] * invstd[c] * invstd[c] * per_value;
      } else {
        std::fill(mean_g + c0, mean_g + c1, 0);
        std::fill(slope + c0, slope + c1, 0);
      }
    };
    const auto gradient = [&](BatchNormBlock block) {
      if (!needs_dx) return;
      block.wide = needs_wide_lanes(block, invstd);
      if (training) return loops<BatchNormLoops<T>>().gradient(block, in, gp, dx, {high, low}, mean_g, slope, scale);
      loops<BatchNormLoops<T>>().normalise(block, gp, dx, {mean_g, slope}, scale, slope);  // dx = (dy - 0) scale + 0
    };
    plan.reduce_then_map(sums, combine, gradient);
  });
  return grads;
}

}  // namespace taper::kernels
