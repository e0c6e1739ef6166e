#include <taper/layers/analysis/distribution.h>

#include <taper/autograd/functions.h>
#include <taper/autograd/grad_mode.h>
#include <taper/core/factories.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace taper::nn::utils {
namespace {

// Contiguous and in double.
Tensor widen(const Tensor& values) {
  const NoGradGuard no_grad;
  return values.detach().to(kFloat64).contiguous();
}

// Seen as [N, C, L], C being the units.
struct Units {
  int64_t N = 1, C = 1, L = 1;
  explicit Units(const Tensor& x) {
    if (x.dim() > 0) N = x.size(0);
    if (x.dim() > 1) C = x.size(1);
    for (int64_t d = 2; d < x.dim(); ++d) L *= x.size(d);
  }
};

using Values = std::span<const double>;

// All f(i) combined by `op` in 8 lanes: vectorised, and a sum rounds less than in one.
template <class F, class Op>
double fold(size_t n, double first, const F& f, const Op& op) {
  double lanes[8];
  std::fill(lanes, lanes + 8, first);
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (size_t k = 0; k < 8; ++k) lanes[k] = op(lanes[k], f(i + k));
  }
  for (; i < n; ++i) lanes[i % 8] = op(lanes[i % 8], f(i));
  for (size_t half = 4; half > 0; half /= 2) {
    for (size_t k = 0; k < half; ++k) lanes[k] = op(lanes[k], lanes[k + half]);
  }
  return lanes[0];
}
template <class F>
double sum(size_t n, const F& f) {
  return fold(n, 0, f, [](double a, double b) { return a + b; });
}
constexpr auto kMin = [](double a, double b) { return b < a ? b : a; };
constexpr auto kMax = [](double a, double b) { return b > a ? b : a; };
double smallest(Values v) {
  const auto value = [&](size_t i) { return v[i]; };
  return fold(v.size(), v[0], value, kMin);
}
double largest(Values v) {
  const auto value = [&](size_t i) { return v[i]; };
  return fold(v.size(), v[0], value, kMax);
}

// A power of two (so that nothing is rounded) that brings `magnitude` near 1: squares neither overflow nor vanish.
double scale_for(double magnitude) {
  if (!(magnitude > 0) || std::isinf(magnitude)) return 1;
  return std::ldexp(1.0, -std::clamp(std::ilogb(magnitude), -1000, 1000));
}

struct Moments {
  double mean, deviation;
  explicit Moments(Values v) {
    const double min = smallest(v), max = largest(v);
    const double scale = scale_for(std::max(std::abs(min), std::abs(max))), n = static_cast<double>(v.size());
    const double m = sum(v.size(), [&](size_t i) { return v[i] * scale; }) / n;
    const double m2 = sum(v.size(), [&](size_t i) { return (v[i] * scale - m) * (v[i] * scale - m); });
    mean = std::clamp(m / scale, min, max);
    deviation = min == max ? 0 : std::sqrt(m2 / n) / scale;
  }
};

// Selection: v[ranks[i]] becomes the element of that rank, from 0; ranks ascend. Instead of sorting, elements are
// distributed to ordered buckets, and only buckets that contain a rank are processed further, in the same way.
void place(std::span<double> v, std::span<const size_t> ranks) {
  constexpr size_t kBuckets = 1024;
  if (ranks.empty() || v.empty()) return;
  const double min = smallest(v), max = largest(v), scale = kBuckets / (max - min);
  if (min == max) return;
  if (v.size() <= kBuckets || !std::isnormal(scale)) {
    std::sort(v.begin(), v.end());
    return;
  }
  const auto bucket = [&](double x) { return std::min(static_cast<size_t>((x - min) * scale), kBuckets - 1); };
  std::vector<size_t> end(kBuckets);  // where each begins, and after the distribution where it ends
  for (const double x : v) ++end[bucket(x)];
  std::exclusive_scan(end.begin(), end.end(), end.begin(), size_t{0});
  {  // frees its scratch before the recursion: elements of all magnitudes need hundreds of levels
    const Tensor scratch = empty({static_cast<int64_t>(v.size())}, kFloat64);  // from the caching allocator
    double* const dealt = scratch.data_ptr<double>();
    for (const double x : v) dealt[end[bucket(x)]++] = x;
    std::copy(dealt, dealt + v.size(), v.begin());
  }

  std::vector<size_t> inside;  // the ranks in one bucket, from its beginning
  for (size_t b = 0, i = 0; i < ranks.size(); ++b) {
    const size_t begin = b == 0 ? 0 : end[b - 1];
    for (inside.clear(); i < ranks.size() && ranks[i] < end[b]; ++i) inside.push_back(ranks[i] - begin);
    place(v.subspan(begin, end[b] - begin), inside);
  }
}

// As by numpy's default, interpolated linearly. Reorders v.
std::vector<double> percentiles_of(std::span<double> v, const std::vector<double>& percentiles) {
  std::vector<size_t> ranks;
  const auto position = [&](double q) { return static_cast<double>(v.size() - 1) * (q / 100); };
  const auto next = [&](size_t rank) { return std::min(rank + 1, v.size() - 1); };
  for (const double q : percentiles) {
    const auto rank = static_cast<size_t>(position(q));
    ranks.insert(ranks.end(), {rank, next(rank)});
  }
  std::sort(ranks.begin(), ranks.end());
  place(v, ranks);
  std::vector<double> result;
  for (const double q : percentiles) {
    const auto rank = static_cast<size_t>(position(q));
    result.push_back(std::lerp(v[rank], v[next(rank)], position(q) - static_cast<double>(rank)));
  }
  return result;
}

// The elements of unit c, all of which must be finite, sorted.
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

// Both quantile functions are step functions, with steps of 1 / |a| and 1 / |b|; positions are integers in units of
// 1 / (|a| |b|), so that equal ones compare equal.
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

double norm(Values v) {
  const auto magnitude = [&](size_t i) { return std::abs(v[i]); };
  const double scale = scale_for(fold(v.size(), 0, magnitude, kMax));
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

double detail::l2_norm(const Tensor& values) {
  const Tensor x = widen(values);
  return norm({x.data_ptr<double>(), static_cast<size_t>(x.numel())});
}

bool detail::all_finite(const Tensor& values) {
  if (!values.is_floating_point()) return true;
  const NoGradGuard no_grad;
  // The sum is the fastest test: it is not finite with a NaN or infinity among the elements, but also with large ones.
  return std::isfinite(values.sum().item<double>()) || values.isfinite().all().item<bool>();
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

  std::vector<double> positive(static_cast<size_t>(u.C));  // elements above 0 or NaN
  for (int64_t n = 0; n < u.N; ++n) {
    for (int64_t c = 0; c < u.C; ++c) {
      const double* const row = x + (n * u.C + c) * u.L;
      for (int64_t l = 0; l < u.L; ++l) positive[static_cast<size_t>(c)] += row[l] <= 0 ? 0 : 1;
    }
  }
  d.dead = static_cast<double>(std::count(positive.begin(), positive.end(), 0)) / static_cast<double>(u.C);

  const Tensor finite = empty({wide.numel()}, kFloat64);
  double* const begin = finite.data_ptr<double>();
  double* const end = std::copy_if(x, x + wide.numel(), begin, [](double value) { return std::isfinite(value); });
  const std::span<double> v(begin, end);
  d.count = end - begin;
  d.non_finite = wide.numel() - d.count;
  if (v.empty()) return d;

  const Moments m(v);
  d.mean = m.mean;
  d.deviation = m.deviation;
  d.percentiles = percentiles_of(v, percentiles);
  if (limits) {
    const auto outside = [&](double value) { return value < limits->first || value > limits->second; };
    d.saturated = static_cast<double>(std::count_if(v.begin(), v.end(), outside)) / static_cast<double>(d.count);
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
  Tensor shifts = empty({u.C}, kFloat64);
  for (int64_t c = 0; c < u.C; ++c) {
    const std::vector<double> a = sorted_unit("distribution_shift", "before", wide_before, u, c);
    const std::vector<double> b = sorted_unit("distribution_shift", "after", wide_after, w, c);
    const double distance = wasserstein(a, b);
    const double s = std::hypot(Moments(a).deviation, Moments(b).deviation) / std::sqrt(2.0);
    shifts.data_ptr<double>()[c] = distance == 0 ? 0 : distance / s;
  }
  return shifts;
}

double distribution_shift(const Tensor& before, const Tensor& after) {
  return unit_shifts(before, after).mean().item<double>();
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
  // Kahan's formula: accurate for small angles, where acos of the cosine is not.
  constexpr double kDegrees = 180 / 3.14159265358979323846;
  shift.angle = 2 * std::atan2(norm(apart), norm(together)) * kDegrees;
  return shift;
}

}  // namespace taper::nn::utils
