#include <taper/core/kernels/distance.h>

#include <taper/core/kernels/elementwise.h>
#include <taper/core/kernels/strided.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <cmath>

namespace taper::kernels {
namespace {

// Calls f(Power{}) for the kind of p. Differences d are rounded to the dtype of the rows, so that of p = inf the
// largest equals the distance.
struct Zero {};
struct One {};
struct Two {};
struct Infinite {};
struct Other {
  double p;
};
template <class F>
void with_power(double p, F f) {
  if (p == 0) return f(Zero{});
  if (p == 1) return f(One{});
  if (p == 2) return f(Two{});
  if (std::isinf(p)) return f(Infinite{});
  f(Other{p});
}

void accumulate(Zero, double& acc, double d) { acc += d != 0; }
void accumulate(One, double& acc, double d) { acc += std::fabs(d); }
void accumulate(Two, double& acc, double d) { acc += d * d; }
void accumulate(Infinite, double& acc, double d) {
  const double size = std::fabs(d);
  acc = size > acc || size != size ? size : acc;  // a NaN stays: nothing is larger
}
void accumulate(Other power, double& acc, double d) { acc += std::pow(std::fabs(d), power.p); }

double root(Two, double sum) { return std::sqrt(sum); }
double root(Other power, double sum) { return std::pow(sum, 1 / power.p); }
template <class Power>
double root(Power, double sum) {
  return sum;
}

double sign(double d) { return d > 0 ? 1 : d < 0 ? -1 : d; }
double slope(Zero, double, double) { return 0; }
double slope(One, double d, double) { return sign(d); }
double slope(Two, double d, double y) { return y == 0 ? 0 : d / y; }
double slope(Infinite, double d, double y) { return std::fabs(d) == y ? sign(d) : 0; }
double slope(Other power, double d, double y) {
  return d == 0 || y == 0 ? 0 : sign(d) * std::pow(std::fabs(d) / y, power.p - 1);
}

// Rows a piece of work takes.
int64_t row_grain(int64_t m, int64_t k) { return kCheapGrain / std::max<int64_t>(m * k, 1); }

}  // namespace

Tensor cdist(const Tensor& a, const Tensor& b, double p) {
  const int64_t n = a.sizes()[1], m = b.sizes()[1], k = a.sizes()[2];
  const Tensor u = contiguous(a), v = contiguous(b);
  Tensor y = make_tensor("cdist", DimVector{a.sizes()[0], n, m}, a.dtype());
  dispatch_floating(a.dtype(), "cdist", [&]<class T>(T) {
    with_power(p, [&](auto power) {
      parallel_for(0, a.sizes()[0] * n, row_grain(m, k), [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
          const T* const x = u.data_ptr<T>() + row * k;
          const T* z = v.data_ptr<T>() + row / n * m * k;
          T* const out = y.data_ptr<T>() + row * m;
          for (int64_t j = 0; j < m; ++j, z += k) {
            constexpr int64_t kLanes = 4;  // sums that do not wait for each other
            double lane[kLanes] = {};
            int64_t c = 0;
            for (; c + kLanes <= k; c += kLanes) {
              for (int64_t l = 0; l < kLanes; ++l) {
                accumulate(power, lane[l], static_cast<double>(x[c + l] - z[c + l]));
              }
            }
            for (; c < k; ++c) accumulate(power, lane[0], static_cast<double>(x[c] - z[c]));
            double total = lane[0];
            for (int64_t l = 1; l < kLanes; ++l) {
              if (std::isinf(p)) {
                accumulate(Infinite{}, total, lane[l]);
              } else {
                total += lane[l];
              }
            }
            out[j] = static_cast<T>(root(power, total));
          }
        }
      });
    });
  });
  return y;
}

Tensor cdist_backward(const Tensor& dy, const Tensor& a, const Tensor& b, const Tensor& y, double p) {
  const int64_t n = a.sizes()[1], m = b.sizes()[1], k = a.sizes()[2];
  const Tensor g = contiguous(dy), u = contiguous(a), v = contiguous(b), r = contiguous(y);
  Tensor da = make_tensor("cdist_backward", a.sizes(), a.dtype());
  dispatch_floating(a.dtype(), "cdist_backward", [&]<class T>(T) {
    with_power(p, [&](auto power) {
      parallel_for(0, a.sizes()[0] * n, row_grain(m, k), [&](int64_t begin, int64_t end) {
        std::vector<double> sum(static_cast<size_t>(k));
        for (int64_t row = begin; row < end; ++row) {
          const T* const x = u.data_ptr<T>() + row * k;
          const T* z = v.data_ptr<T>() + row / n * m * k;
          std::fill(sum.begin(), sum.end(), 0.0);
          for (int64_t j = 0; j < m; ++j, z += k) {
            const double slope_of_y = static_cast<double>(g.data_ptr<T>()[row * m + j]);
            const double distance = static_cast<double>(r.data_ptr<T>()[row * m + j]);
            for (int64_t c = 0; c < k; ++c) {
              sum[static_cast<size_t>(c)] += slope_of_y * slope(power, static_cast<double>(x[c] - z[c]), distance);
            }
          }
          std::transform(sum.begin(), sum.end(), da.data_ptr<T>() + row * k,
                         [](double s) { return static_cast<T>(s); });
        }
      });
    });
  });
  return da;
}

}  // namespace taper::kernels
