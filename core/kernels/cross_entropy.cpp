#include <taper/core/kernels/cross_entropy.h>

#include <taper/core/factories.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/isa/cross_entropy.h>
#include <taper/core/parallel.h>

#include <cmath>

namespace taper::kernels {
namespace {

constexpr int64_t kPieceValues = 1 << 12;  // an exp each

// The targets and weights in memory: q_c = on_target w_t [c = t] + uniform w_c, on_target = 1 - s and uniform = s / C.
struct LabelWeights {
  Tensor target_tensor, weight_tensor;
  const int64_t* target;
  const double* weight;  // null: 1
  int64_t classes, ignore_index;
  double on_target, uniform;
  double all_weights;  // sum_c w_c

  LabelWeights(const CrossEntropyTargets& t, int64_t C)
      : target_tensor(contiguous(t.target)),
        weight_tensor(t.weight.defined() ? to_dtype(t.weight, kFloat64) : Tensor()),
        target(target_tensor.data_ptr<int64_t>()),
        weight(data_or_null<double>(weight_tensor)),
        classes(C),
        ignore_index(t.ignore_index),
        on_target(1 - t.smoothing),
        uniform(C == 0 ? 0 : t.smoothing / static_cast<double>(C)),
        all_weights(static_cast<double>(C)) {
    if (!weight) return;
    all_weights = 0;
    for (int64_t c = 0; c < C; ++c) all_weights += weight[c];
  }
  double weight_of(int64_t c) const { return weight ? weight[c] : 1; }
  // sum_c q_c for a row of target t
  double total(int64_t t) const { return on_target * weight_of(t) + uniform * all_weights; }
};

template <class F>
void for_rows(int64_t rows, int64_t classes, const F& f) {
  parallel_for(0, rows, classes == 0 ? rows : kPieceValues / classes, f);
}

}  // namespace

CrossEntropyResult cross_entropy(const Tensor& input, const CrossEntropyTargets& targets) {
  if (is_half(input)) {
    CrossEntropyResult result = cross_entropy(to_dtype(input, kFloat32), targets);
    result.losses = to_dtype(result.losses, input.dtype());
    return result;
  }
  const Tensor x = contiguous(input);
  const int64_t R = x.size(0), C = x.size(1);
  const LabelWeights labels(targets, C);
  CrossEntropyResult result{empty({R}, x.dtype()), empty({R}, x.dtype()), empty({R}, x.dtype())};
  const Tensor scratch = empty({R}, kFloat64);
  double* const loss = scratch.data_ptr<double>();

  dispatch_floating(x.dtype(), "cross_entropy", [&]<class T>(T) {
    const T* const in = x.data_ptr<T>();
    T* const max = result.max.data_ptr<T>();
    T* const inverse = result.inverse.data_ptr<T>();
    T* const losses = result.losses.data_ptr<T>();
    for_rows(R, C, [&](int64_t first, int64_t last) {
      loops<CrossEntropyLoops<T>>().sum_exp(in + first * C, last - first, C, max + first, loss + first);
      for (int64_t r = first; r < last; ++r) {
        const double sum = loss[r], best = static_cast<double>(max[r]), log_sum = std::log(sum);
        const T* const row = in + r * C;
        const int64_t t = labels.target[r];
        inverse[r] = static_cast<T>(1 / sum);
        double l = 0;
        if (t != labels.ignore_index) {
          l = labels.on_target * labels.weight_of(t) * (log_sum - (static_cast<double>(row[t]) - best));
          if (labels.uniform != 0) {
            double rest = 0;
            for (int64_t c = 0; c < C; ++c) rest += labels.weight_of(c) * (static_cast<double>(row[c]) - best);
            l += labels.uniform * (labels.all_weights * log_sum - rest);
          }
        }
        loss[r] = l;
        losses[r] = static_cast<T>(l);
      }
    });
  });
  for (int64_t r = 0; r < R; ++r) {
    const int64_t t = labels.target[r];
    result.sum += loss[r];
    if (t != labels.ignore_index) result.total_weight += labels.weight_of(t);
  }
  return result;
}

Tensor cross_entropy_backward(const Tensor& dl_, double factor, const Tensor& input, const CrossEntropyTargets& targets,
                              const Tensor& max, const Tensor& inverse) {
  if (is_half(input)) {  // the tape rounds the gradient
    return cross_entropy_backward(in_compute_type(dl_), factor, in_compute_type(input), targets, max, inverse);
  }
  const Tensor x = contiguous(input), dl = contiguous(dl_);
  const int64_t R = x.size(0), C = x.size(1);
  const LabelWeights labels(targets, C);
  Tensor dx = empty(x.sizes(), x.dtype());
  const Tensor scratch = empty({R}, x.dtype());

  dispatch_floating(x.dtype(), "cross_entropy", [&]<class T>(T) {
    const T* const in = x.data_ptr<T>();
    const T* const cotangent = dl.data_ptr<T>();
    const int64_t step = dl.dim();  // 0: one for all rows
    const T* const inv = inverse.data_ptr<T>();
    T* const scale = scratch.data_ptr<T>();
    T* const out = dx.data_ptr<T>();
    for_rows(R, C, [&](int64_t first, int64_t last) {
      const auto cotangent_of = [&](int64_t r) { return static_cast<double>(cotangent[r * step]) * factor; };
      for (int64_t r = first; r < last; ++r) {
        const int64_t t = labels.target[r];
        const bool counts = t != labels.ignore_index;
        scale[r] = counts ? static_cast<T>(cotangent_of(r) * labels.total(t) * static_cast<double>(inv[r])) : T(0);
      }
      loops<CrossEntropyLoops<T>>().scaled_exp(in + first * C, last - first, C, max.data_ptr<T>() + first,
                                               scale + first, out + first * C);
      for (int64_t r = first; r < last; ++r) {
        const int64_t t = labels.target[r];
        if (t == labels.ignore_index) continue;
        const double g = cotangent_of(r);
        T* const row = out + r * C;
        for (int64_t c = 0; labels.uniform != 0 && c < C; ++c)
          row[c] -= static_cast<T>(g * labels.uniform * labels.weight_of(c));
        row[t] -= static_cast<T>(g * labels.on_target * labels.weight_of(t));
      }
    });
  });
  return dx;
}

Tensor cross_entropy_probabilities(const CrossEntropyTargets& targets, int64_t classes, ScalarType dtype) {
  if (isReducedFloatingType(dtype)) return to_dtype(cross_entropy_probabilities(targets, classes, kFloat32), dtype);
  const LabelWeights labels(targets, classes);
  const int64_t R = targets.target.size(0);
  Tensor q = zeros({R, classes}, dtype);
  dispatch_floating(dtype, "cross_entropy", [&]<class T>(T) {
    T* row = q.data_ptr<T>();
    for (int64_t r = 0; r < R; ++r, row += classes) {
      const int64_t t = labels.target[r];
      if (t == labels.ignore_index) continue;
      for (int64_t c = 0; c < classes; ++c) row[c] = static_cast<T>(labels.uniform * labels.weight_of(c));
      row[t] += static_cast<T>(labels.on_target * labels.weight_of(t));
    }
  });
  return q;
}

}  // namespace taper::kernels
