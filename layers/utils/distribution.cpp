#include <taper/layers/utils/distribution.h>

#include <taper/autograd/functions.h>
#include <taper/autograd/grad_mode.h>
#include <taper/core/factories.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace taper::nn::utils {
namespace {

// The values, contiguous and in double.
Tensor widen(const Tensor& values) {
  const NoGradGuard no_grad;
  return values.detach().to(kFloat64).contiguous();
}

// [N, C, L]: value l of unit c of sample n is at (n C + c) L + l.
struct Units {
  int64_t N = 1, C = 1, L = 1;
  explicit Units(const Tensor& x) {
    if (x.dim() > 0) N = x.size(0);
    if (x.dim() > 1) C = x.size(1);
    for (int64_t d = 2; d < x.dim(); ++d) L *= x.size(d);
  }
};

// sum f(i), in lanes: fast, and closer than one running sum
template <class F>
double sum(size_t n, const F& f) {
  double lanes[8] = {};
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (size_t k = 0; k < 8; ++k) lanes[k] += f(i + k);
  }
  for (; i < n; ++i) lanes[i % 8] += f(i);
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

// A power of two (so that nothing is rounded) that brings `largest` near 1: squares neither overflow nor vanish.
double scale_for(double largest) {
  if (!(largest > 0) || std::isinf(largest)) return 1;
  return std::ldexp(1.0, -std::clamp(std::ilogb(largest), -1000, 1000));
}

struct Moments {
  double mean, deviation;
};
Moments moments(const std::vector<double>& v, double min, double max) {
  const double scale = scale_for(std::max(std::abs(min), std::abs(max))), n = static_cast<double>(v.size());
  const double mean = sum(v.size(), [&](size_t i) { return v[i] * scale; }) / n;
  const double m2 = sum(v.size(), [&](size_t i) { return (v[i] * scale - mean) * (v[i] * scale - mean); });
  return {std::clamp(mean / scale, min, max), min == max ? 0 : std::sqrt(m2 / n) / scale};
}
Moments moments(const std::vector<double>& v) {
  const auto [min, max] = std::minmax_element(v.begin(), v.end());
  return moments(v, *min, *max);
}

// Order statistics without sorting: values are counted into buckets that are in order, and only the bucket in which a
// rank lies is looked into.
class Ranks {
 public:
  Ranks(const std::vector<double>& values, double min, double max) : values_(values), min_(min) {
    const double scale = kBuckets / (max - min);
    if (std::isnormal(scale)) scale_ = scale;  // else all are in bucket 0
    for (const double x : values) ++below_[bucket(x) + 1];
    for (size_t b = 0; b < kBuckets; ++b) below_[b + 1] += below_[b];
  }

  // Value number `rank`, from 0, of the sorted ones.
  double at(size_t rank) {
    const size_t b = static_cast<size_t>(std::upper_bound(below_.begin(), below_.end(), rank) - below_.begin()) - 1;
    if (b != current_) {
      current_ = b;
      members_.clear();
      for (const double x : values_) {
        if (bucket(x) == b) members_.push_back(x);
      }
    }
    const auto nth = members_.begin() + static_cast<std::ptrdiff_t>(rank - below_[b]);
    std::nth_element(members_.begin(), nth, members_.end());
    return *nth;
  }

 private:
  static constexpr size_t kBuckets = 1024;
  size_t bucket(double x) const {
    return scale_ == 0 ? 0 : std::min(static_cast<size_t>((x - min_) * scale_), kBuckets - 1);
  }

  const std::vector<double>& values_;
  double min_, scale_ = 0;
  std::vector<size_t> below_ = std::vector<size_t>(kBuckets + 1);
  size_t current_ = kBuckets;
  std::vector<double> members_;
};

// The values of unit c, all of which must be finite, sorted.
std::vector<double> sorted_unit(const char* op, const char* which, const Tensor& x, const Units& u, int64_t c) {
  std::vector<double> v;
  v.reserve(static_cast<size_t>(u.N * u.L));
  for (int64_t n = 0; n < u.N; ++n) {
    const double* const row = x.data_ptr<double>() + (n * u.C + c) * u.L;
    v.insert(v.end(), row, row + u.L);
  }
  TAPER_CHECK_VALUE(!v.empty(), op, ": ", which, " must have values; got sizes ", x.sizes());
  const auto bad = std::count_if(v.begin(), v.end(), [](double value) { return !std::isfinite(value); });
  TAPER_CHECK_VALUE(bad == 0, op, ": all values must be finite; got ", bad, " of ", v.size(), " in unit ", c, " of ",
                    which, " that are NaN or infinite");
  std::sort(v.begin(), v.end());
  return v;
}

// Both quantile functions are steps, of 1 / |a| and 1 / |b|; positions are counted in 1 / (|a| |b|) so that equal ones
// are equal.
double wasserstein(const std::vector<double>& a, const std::vector<double>& b) {
  const uint64_t step_a = b.size(), step_b = a.size(), end = step_a * step_b;
  double total = 0;
  for (uint64_t at = 0, i = 0, j = 0; at < end;) {
    const uint64_t next = std::min((i + 1) * step_a, (j + 1) * step_b);
    total += std::abs(a[i] - b[j]) * (static_cast<double>(next - at) / static_cast<double>(end));
    if (next == (i + 1) * step_a) ++i;
    if (next == (j + 1) * step_b) ++j;
    at = next;
  }
  return total;
}

double norm(const std::vector<double>& v) {
  double largest = 0;
  for (const double x : v) largest = std::max(largest, std::abs(x));
  const double scale = scale_for(largest);
  return std::sqrt(sum(v.size(), [&](size_t i) { return v[i] * scale * (v[i] * scale); })) / scale;
}

std::vector<double> join(TensorList tensors) {
  std::vector<double> all;
  for (const Tensor& tensor : tensors) {
    const Tensor x = widen(tensor);
    all.insert(all.end(), x.data_ptr<double>(), x.data_ptr<double>() + x.numel());
  }
  return all;
}

}  // namespace

void detail::check_percentiles(const char* op, const std::vector<double>& percentiles) {
  for (const double q : percentiles) {
    TAPER_CHECK_VALUE(q >= 0 && q <= 100, op, ": percentiles must be from 0 to 100; got ", q);
  }
}

double detail::l2_norm(const Tensor& values) { return norm(join(values)); }

bool detail::all_finite(const Tensor& values) {
  if (values.dtype() != kFloat32 || !values.is_contiguous()) {
    return !values.is_floating_point() || values.detach().isfinite().all().item<bool>();
  }
  // Bits instead of comparisons, so that the compiler takes several values at once: an exponent of all ones is NaN or
  // infinite.
  const float* const x = values.data_ptr<float>();
  uint32_t bad = 0;
  for (int64_t i = 0, n = values.numel(); i < n; ++i) {
    bad |= static_cast<uint32_t>((std::bit_cast<uint32_t>(x[i]) & 0x7f800000u) == 0x7f800000u);
  }
  return bad == 0;
}

Distribution describe(const Tensor& values, const std::vector<double>& percentiles,
                      const optional<std::pair<double, double>>& limits) {
  detail::check_percentiles("describe", percentiles);
  const Tensor wide = widen(values);
  const double* const x = wide.data_ptr<double>();
  const Units u(wide);
  Distribution d;
  d.percentiles.assign(percentiles.size(), Distribution::kNone);
  if (wide.numel() == 0) return d;

  std::vector<double> v(static_cast<size_t>(wide.numel()));
  std::vector<char> alive(static_cast<size_t>(u.C));
  size_t count = 0;
  for (int64_t row = 0; row < u.N * u.C; ++row) {
    bool positive = false;  // or NaN
    for (int64_t i = row * u.L; i < (row + 1) * u.L; ++i) {
      positive |= !(x[i] <= 0);
      v[count] = x[i];
      count += std::isfinite(x[i]) ? 1 : 0;
    }
    alive[static_cast<size_t>(row % u.C)] |= static_cast<char>(positive);
  }
  v.resize(count);
  d.count = static_cast<int64_t>(count);
  d.non_finite = wide.numel() - d.count;
  d.dead = static_cast<double>(std::count(alive.begin(), alive.end(), 0)) / static_cast<double>(u.C);
  if (count == 0) return d;

  const auto [min, max] = std::minmax_element(v.begin(), v.end());
  const Moments m = moments(v, *min, *max);
  d.mean = m.mean;
  d.deviation = m.deviation;
  Ranks ranks(v, *min, *max);
  for (size_t i = 0; i < percentiles.size(); ++i) {
    const double position = static_cast<double>(count - 1) * (percentiles[i] / 100), whole = std::floor(position);
    const auto rank = static_cast<size_t>(whole);
    d.percentiles[i] = std::lerp(ranks.at(rank), ranks.at(std::min(rank + 1, count - 1)), position - whole);
  }
  if (limits) {
    const auto outside = [&](double value) { return value < limits->first || value > limits->second; };
    d.saturated = static_cast<double>(std::count_if(v.begin(), v.end(), outside)) / static_cast<double>(count);
  }
  return d;
}

double wasserstein_distance(const Tensor& a, const Tensor& b) {
  const Tensor wide_a = widen(a).reshape({-1}), wide_b = widen(b).reshape({-1});
  return wasserstein(sorted_unit("wasserstein_distance", "a", wide_a, Units(wide_a), 0),
                     sorted_unit("wasserstein_distance", "b", wide_b, Units(wide_b), 0));
}

Tensor unit_shifts(const Tensor& before, const Tensor& after) {
  const Tensor wide_before = widen(before), wide_after = widen(after);
  const Units u(wide_before), w(wide_after);
  TAPER_CHECK_VALUE(u.C == w.C && u.C > 0, "distribution_shift: both must have the same units; got sizes ",
                    before.sizes(), " and ", after.sizes());
  const Tensor shifts = empty({u.C}, kFloat64);
  for (int64_t c = 0; c < u.C; ++c) {
    const std::vector<double> a = sorted_unit("distribution_shift", "before", wide_before, u, c);
    const std::vector<double> b = sorted_unit("distribution_shift", "after", wide_after, w, c);
    const double distance = wasserstein(a, b);
    const double s = std::hypot(moments(a).deviation, moments(b).deviation) / std::sqrt(2.0);
    shifts.data_ptr<double>()[c] = distance == 0 ? 0 : distance / s;
  }
  return shifts;
}

double distribution_shift(const Tensor& before, const Tensor& after) {
  return unit_shifts(before, after).mean().item<double>();
}

GradientShift gradient_shift(const Tensor& before, const Tensor& after) {
  return gradient_shift(TensorList(before), TensorList(after));
}

GradientShift gradient_shift(TensorList before, TensorList after) {
  TAPER_CHECK_VALUE(before.size() == after.size(), "gradient_shift: both must have as many tensors; got ",
                    before.size(), " and ", after.size());
  for (size_t i = 0; i < before.size(); ++i) {
    TAPER_CHECK_VALUE(before[i].sizes().equals(after[i].sizes()), "gradient_shift: both must have the same sizes; got ",
                      before[i].sizes(), " and ", after[i].sizes());
  }
  const std::vector<double> a = join(before), b = join(after);
  const double norm_a = norm(a), norm_b = norm(b);
  std::vector<double> difference(a.size()), apart(a.size()), together(a.size());
  for (size_t i = 0; i < a.size(); ++i) {
    const double u = a[i] / norm_a, v = b[i] / norm_b;
    difference[i] = b[i] - a[i];
    apart[i] = u - v;
    together[i] = u + v;
  }
  GradientShift shift;
  shift.l2 = norm(difference);
  shift.relative = shift.l2 / norm_a;
  if (norm_a == 0 || norm_b == 0) {
    shift.cosine = shift.angle = Distribution::kNone;
    return shift;
  }
  shift.cosine = std::clamp(sum(a.size(), [&](size_t i) { return a[i] / norm_a * (b[i] / norm_b); }), -1.0, 1.0);
  // Kahan: both halves of the angle's tangent are large where acos of the cosine has lost its digits.
  constexpr double kDegrees = 180 / 3.14159265358979323846;
  shift.angle = 2 * std::atan2(norm(apart), norm(together)) * kDegrees;
  return shift;
}

}  // namespace taper::nn::utils
