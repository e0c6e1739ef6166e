// Random numbers: x = values drawn, dx = 0.
#include <taper/autograd/ops/ops_internal.h>
#include <taper/core/random.h>

#include <algorithm>
#include <mutex>

namespace taper {

using namespace autograd;

namespace {

// x = what draw(x) writes.
template <class Draw>
Tensor& drawn_in_place(const char* op, const char* node, const Tensor& x, Draw draw) {
  return in_place(
      op, x, {}, [&] { draw(x); },
      [&](const Tensor& old) {
        Tensor y = empty(x.sizes(), x.dtype());
        draw(y);
        return record(node, {old}, std::move(y), [gone = Overwritten(x)](const Tensor& dy) { return gone(dy); });
      });
}

// The same by a function of core/random.h and its parameters.
template <class Fill, class... Parameters>
Tensor& filled_in_place(const char* op, const char* node, const Tensor& x, Fill fill, Parameters... parameters) {
  return drawn_in_place(op, node, x, [&](const Tensor& y) { fill(y, parameters..., default_generator()); });
}

// x = [u < p] for uniform u with the bits of p's dtype, drawn in the order of x's memory.
void draw_bernoulli(const Tensor& x, const Tensor& p) {
  const NoGradGuard no_grad;
  TAPER_CHECK_TYPE(p.is_floating_point(), "bernoulli: the probabilities must be " TAPER_FLOATS "; got ", p.dtype());
  TAPER_CHECK_VALUE(((p >= 0) & (p <= 1)).all().item<bool>(),
                    "bernoulli: probabilities must be from 0 to 1; got others in a tensor of sizes ", p.sizes());
  TAPER_CHECK(kernels::broadcast_sizes("bernoulli", x.sizes(), p.sizes()) == x.impl()->sizes(),
              "bernoulli: the probabilities must broadcast to the sizes of the result, ", x.sizes(), "; got ",
              p.sizes());
  const Tensor u = x.is_contiguous() ? empty(x.sizes(), p.dtype()) : empty_strided(x.sizes(), x.strides(), p.dtype());
  taper::detail::fill_uniform(u, 0, 1, default_generator());
  kernels::copy(x, u < p.detach());
}

}  // namespace

Tensor& Tensor::uniform_(double from, double to) const {
  return filled_in_place("uniform_", "UniformBackward0", *this, taper::detail::fill_uniform, from, to);
}
Tensor& Tensor::normal_(double mean, double std) const {
  return filled_in_place("normal_", "NormalBackward0", *this, taper::detail::fill_normal, mean, std);
}
Tensor& Tensor::bernoulli_(double p) const {
  return filled_in_place("bernoulli_", "BernoulliBackward1", *this, taper::detail::fill_bernoulli, p);
}
Tensor& Tensor::bernoulli_(const Tensor& p) const {
  return drawn_in_place("bernoulli_", "BernoulliBackward2", *this, [&](const Tensor& x) { draw_bernoulli(x, p); });
}
Tensor& Tensor::random_(int64_t from, optional<int64_t> to) const {
  return drawn_in_place("random_", "RandomBackward0", *this, [=](const Tensor& x) {
    if (to) return taper::detail::fill_randint(x, from, *to, default_generator());
    taper::detail::fill_randint_from(x, from, default_generator());
  });
}
Tensor& Tensor::random_(int64_t to) const { return random_(0, to); }
Tensor& Tensor::random_() const {
  return drawn_in_place("random_", "RandomBackward2", *this,
                        [](const Tensor& x) { taper::detail::fill_randint(x, default_generator()); });
}
Tensor& Tensor::exponential_(double lambd) const {
  return filled_in_place("exponential_", "ExponentialBackward0", *this, taper::detail::fill_exponential, lambd);
}
Tensor& Tensor::log_normal_(double mean, double std) const {
  return filled_in_place("log_normal_", "LogNormalBackward0", *this, taper::detail::fill_log_normal, mean, std);
}
Tensor& Tensor::cauchy_(double median, double sigma) const {
  return filled_in_place("cauchy_", "CauchyBackward0", *this, taper::detail::fill_cauchy, median, sigma);
}
Tensor& Tensor::geometric_(double p) const {
  return filled_in_place("geometric_", "GeometricBackward0", *this, taper::detail::fill_geometric, p);
}

// ---- new tensors: dx = 0 --------------------------------------------------------------------------------------------

Tensor bernoulli(const Tensor& x, const Tensor& p) {
  Tensor y = empty_like(x);
  draw_bernoulli(y, p.detach());
  return record("BernoulliBackward0", {x, p}, std::move(y), zero_slopes);
}
Tensor bernoulli(const Tensor& x) { return bernoulli(x, x); }
Tensor bernoulli(const Tensor& x, double p) { return empty_like(x).bernoulli_(p); }

// Standard normal values, scaled and shifted.
Tensor normal(const Tensor& mean, const Tensor& std) {
  TAPER_CHECK_VALUE((std.detach() >= 0).all().item<bool>(), "normal: every std must be 0 or more; got a smaller one ",
                    "in a tensor of sizes ", std.sizes());
  Tensor y;
  {
    const NoGradGuard no_grad;
    y = empty(kernels::broadcast_sizes("normal", mean.sizes(), std.sizes()), promote_types(mean.dtype(), std.dtype()));
    y.normal_(0, 1).mul_(std).add_(mean);
  }
  return record("NormalBackward3", {mean, std}, std::move(y), zero_slopes);
}
Tensor normal(const Tensor& mean, double std) {
  Tensor y = empty_like(mean).normal_(0, std).add_(mean.detach());
  return record("NormalBackward1", {mean}, std::move(y), [](const Tensor& dy) { return zeros_like(dy); });
}
Tensor normal(double mean, const Tensor& std) { return normal(full({}, mean, std.dtype()), std); }
Tensor normal(double mean, double std, IntArrayRef sizes, const TensorOptions& options) {
  Tensor y = empty(sizes, options.requires_grad(false)).normal_(mean, std);
  return options.requires_grad() ? y.set_requires_grad(true) : y;
}

// ---- multinomial ----------------------------------------------------------------------------------------------------

namespace {

// The positions of the n largest values of a row, the largest first.
void largest_positions(const double* row, int64_t count, int64_t n, int64_t* out) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) order[static_cast<size_t>(i)] = i;
  std::partial_sort(order.begin(), order.begin() + n, order.end(),
                    [row](int64_t a, int64_t b) { return row[a] > row[b] || (row[a] == row[b] && a < b); });
  std::copy(order.begin(), order.begin() + n, out);
}

// n draws by inversion of the cumulative distribution. Sums are in T, as PyTorch's.
template <class T>
void draw_classes(const T* weights, int64_t count, int64_t n, int64_t* out, Generator& generator) {
  std::vector<T> up_to(static_cast<size_t>(count));
  T total = 0;
  for (int64_t i = 0; i < count; ++i) up_to[static_cast<size_t>(i)] = total += weights[i];
  for (T& sum : up_to) sum /= total;
  up_to.back() = 1;
  for (int64_t i = 0; i < n; ++i) {
    const double u = generator.uniform53();
    out[i] =
        std::lower_bound(up_to.begin(), up_to.end(), u, [](T sum, double v) { return static_cast<double>(sum) < v; }) -
        up_to.begin();
  }
}

}  // namespace

// Without replacement: of Exp(1) variables q, class i has the largest p_i / q_i with probability p_i / sum p; the next
// largest ones are the next draws.
Tensor multinomial(const Tensor& x, int64_t num_samples, bool replacement) {
  TAPER_CHECK((x.dim() == 1 || x.dim() == 2) && x.sizes().back() > 0,
              "multinomial: the weights must be [classes] or [rows, classes]; got sizes ", x.sizes());
  TAPER_CHECK_TYPE(x.is_floating_point(), "multinomial: the weights must be " TAPER_FLOATS "; got ", x.dtype());
  const int64_t count = x.sizes().back(), rows = x.numel() / count;
  TAPER_CHECK_VALUE(num_samples > 0 && (replacement || num_samples <= count),
                    "multinomial: num_samples must be above 0 and, without replacement, at most the number of ",
                    "classes; got ", num_samples, " of ", count, " classes");
  const NoGradGuard no_grad;
  const Tensor weights = x.detach().to(compute_dtype(x.scalar_type())).contiguous(), total = weights.sum(-1);
  const Tensor valid = (weights >= 0) & isfinite(weights), valid_total = (total > 0) & isfinite(total);
  TAPER_CHECK_VALUE(valid.all().item<bool>() && valid_total.all().item<bool>(), "multinomial: weights must be finite ",
                    "and not negative, and their sum finite and above 0; got others in a tensor of sizes ", x.sizes());
  DimVector sizes = x.impl()->sizes();
  sizes.back() = num_samples;
  Tensor y = empty(sizes, kInt64);
  int64_t* const out = y.data_ptr<int64_t>();
  if (!replacement || num_samples == 1) {
    const Tensor race = (weights / empty_like(weights).exponential_(1)).to(kFloat64);
    for (int64_t r = 0; r < rows; ++r) {
      largest_positions(race.data_ptr<double>() + r * count, count, num_samples, out + r * num_samples);
    }
    return y;
  }
  dispatch_floating(weights.dtype(), "multinomial", [&]<class T>(T) {
    const std::lock_guard lock(default_generator());
    for (int64_t r = 0; r < rows; ++r) {
      draw_classes(weights.data_ptr<T>() + r * count, count, num_samples, out + r * num_samples, default_generator());
    }
  });
  return y;
}

}  // namespace taper
