// The rows that the others are compared with are copied into strips, in which neighbours are what the inner loops
// (isa/distance.h) work on at the same time. Norms without loops of their own go pair by pair, in double.
#include <taper/core/kernels/distance.h>

#include <taper/core/factories.h>
#include <taper/core/kernels/elementwise.h>
#include <taper/core/kernels/halves.h>
#include <taper/core/kernels/isa/distance.h>
#include <taper/core/kernels/loop_nest.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

namespace taper::kernels {
namespace {

optional<Norm> norm_of(double p) {
  if (p == 0) return Norm::Zero;
  if (p == 1) return Norm::One;
  if (p == 2) return Norm::Two;
  if (std::isinf(p)) return Norm::Infinite;
  return nullopt;
}

// t[batch, lines, steps] (any strides in memory) as [batch, strips, steps, kStrip]: kStrip lines a strip, the last one
// filled up with 0.
template <class T>
Tensor in_strips(const Tensor& t, int64_t lines, int64_t steps, int64_t line_stride, int64_t step_stride) {
  constexpr int64_t kStrip = DistanceLoops<T>::kStrip;
  const int64_t strips = (lines + kStrip - 1) / kStrip;
  Tensor result = make_tensor("cdist", DimVector{t.sizes()[0], strips, steps, kStrip}, t.dtype());
  parallel_for(0, t.sizes()[0] * strips, kCheapGrain / std::max<int64_t>(kStrip * steps, 1),
               [&](int64_t s, int64_t end) {
                 for (; s < end; ++s) {
                   const int64_t first = s % strips * kStrip, count = std::min(kStrip, lines - first);
                   const T* from = t.data_ptr<T>() + s / strips * lines * steps + first * line_stride;
                   T* to = result.data_ptr<T>() + s * steps * kStrip;
                   for (int64_t step = 0; step < steps; ++step, to += kStrip) {
                     for (int64_t l = 0; l < count; ++l) to[l] = from[l * line_stride + step * step_stride];
                     std::fill(to + count, to + kStrip, T(0));
                   }
                 }
               });
  return result;
}

// Calls body(batch, first, last) for pieces of the n rows of each batch. `work` is what a row takes.
template <class F>
void for_rows(int64_t batches, int64_t n, int64_t work, const F& body) {
  const int64_t rows = std::clamp<int64_t>(8 * kCheapGrain / std::max<int64_t>(work, 1), 1, std::max<int64_t>(n, 1));
  const int64_t pieces = (n + rows - 1) / rows;
  parallel_for(0, batches * pieces, 1, [&](int64_t piece, int64_t) {
    const int64_t first = piece % pieces * rows;
    body(piece / pieces, first, std::min(n, first + rows));
  });
}

// The distance by powers of type P. Differences are rounded to the dtype of the rows, so that of p = inf the largest
// equals the distance.
template <class P, class T>
double length(const T* x, const T* z, int64_t k, double p) {
  double sum = 0;
  for (int64_t c = 0; c < k; ++c) {
    const auto size = static_cast<P>(std::fabs(x[c] - z[c]));
    sum += static_cast<double>(p == 2 ? size * size : std::pow(size, static_cast<P>(p)));
  }
  return p == 2 ? std::sqrt(sum) : std::pow(sum, 1 / p);
}

// Below this the powers of a distance lose digits in float, or are 0: it is computed again in double.
double lowest(double p) { return std::pow(0x1p-100, 1 / p); }

// sums += w d / y, or w sign(d) (|d| / y)^(p-1), with d = x - z
template <class T>
void add_slopes(const T* x, const T* z, int64_t k, double p, T w, T y, double* sums) {
  if (y == 0) return;
  for (int64_t c = 0; c < k; ++c) {
    const T d = x[c] - z[c];
    if (p == 2) {
      sums[c] += static_cast<double>(w) * (static_cast<double>(d) / static_cast<double>(y));
    } else if (d != 0) {
      sums[c] += static_cast<double>(w) *
                 static_cast<double>(std::copysign(std::pow(std::fabs(d) / y, static_cast<T>(p - 1)), d));
    }
  }
}

}  // namespace

Tensor cdist(const Tensor& a, const Tensor& b, double p) {
  if (is_half(a)) return in_float32(a.dtype(), cdist, a, b, p);
  const int64_t n = a.sizes()[1], m = b.sizes()[1], k = a.sizes()[2];
  const Tensor u = contiguous(a), v = contiguous(b);
  Tensor y = make_tensor("cdist", DimVector{a.sizes()[0], n, m}, a.dtype());
  if (y.numel() == 0) return y;
  dispatch_floating(a.dtype(), "cdist", [&]<class T>(T) {
    constexpr int64_t kStrip = DistanceLoops<T>::kStrip;
    const optional<Norm> norm = norm_of(p);
    const Tensor strips = norm ? in_strips<T>(v, m, k, k, 1) : Tensor();
    const bool may_not_fit = sizeof(T) < sizeof(double) && (!norm || norm == Norm::Two);
    const double low = may_not_fit ? lowest(p) : 0;
    for_rows(a.sizes()[0], n, m * k, [&](int64_t batch, int64_t first, int64_t last) {
      const T *x = u.data_ptr<T>() + batch * n * k, *z = v.data_ptr<T>() + batch * m * k;
      T* out = y.data_ptr<T>() + batch * n * m;
      if (norm) {
        const auto loop = loops<DistanceLoops<T>>().distance[static_cast<int>(*norm)];
        const T* strip = strips.data_ptr<T>() + batch * strips.stride(0);
        for (int64_t j = 0; j < m; j += kStrip, strip += kStrip * k) {
          for (int64_t i = first; i < last; ++i) {
            T distances[kStrip];
            loop(x + i * k, strip, k, distances);
            std::copy_n(distances, std::min(kStrip, m - j), out + i * m + j);
          }
        }
      } else {
        for (int64_t i = first; i < last; ++i) {
          for (int64_t j = 0; j < m; ++j) out[i * m + j] = static_cast<T>(length<T>(x + i * k, z + j * k, k, p));
        }
      }
      for (int64_t i = may_not_fit ? first : last; i < last; ++i) {
        for (int64_t j = 0; j < m; ++j) {
          const auto distance = static_cast<double>(out[i * m + j]);
          if (distance >= low && distance < std::numeric_limits<double>::infinity()) continue;
          out[i * m + j] = static_cast<T>(length<double>(x + i * k, z + j * k, k, p));
        }
      }
    });
  });
  return y;
}

Tensor cdist_backward(const Tensor& dy, const Tensor& a, const Tensor& b, const Tensor& y, double p) {
  if (is_half(a)) return in_float32(a.dtype(), cdist_backward, dy, a, b, y, p);
  const int64_t n = a.sizes()[1], m = b.sizes()[1], k = a.sizes()[2];
  if (p == 0 || m == 0 || a.numel() == 0) return zeros(a.sizes(), a.dtype());
  const Tensor g = contiguous(dy), u = contiguous(a), v = contiguous(b), r = contiguous(y);
  Tensor da = make_tensor("cdist_backward", a.sizes(), a.dtype());
  dispatch_floating(a.dtype(), "cdist_backward", [&]<class T>(T) {
    constexpr int64_t kStrip = DistanceLoops<T>::kStrip;
    const optional<Norm> norm = norm_of(p);
    const Tensor strips = norm ? in_strips<T>(v, k, m, 1, k) : Tensor();
    const auto& table = loops<DistanceLoops<T>>();
    for_rows(a.sizes()[0], n, m * k, [&](int64_t batch, int64_t first, int64_t last) {
      const T *x = u.data_ptr<T>() + batch * n * k, *z = v.data_ptr<T>() + batch * m * k;
      T* out = da.data_ptr<T>() + batch * n * k;
      const T *slopes = g.data_ptr<T>() + batch * n * m, *distances = r.data_ptr<T>() + batch * n * m;
      // w[i] [m] = dy[i] or dy[i] / y[i]; null for rows in which a quotient loses digits or overflows, which are done
      // pair by pair, in double.
      const auto quotients = std::make_unique_for_overwrite<T[]>(static_cast<size_t>((last - first) * m));
      std::vector<const T*> w(static_cast<size_t>(last - first), nullptr);
      for (int64_t i = first; i < last && norm; ++i) {
        const T* row = slopes + i * m;
        T* quotient = quotients.get() + (i - first) * m;
        if (norm != Norm::Two)
          w[static_cast<size_t>(i - first)] = row;
        else if (table.divide(row, distances + i * m, m, quotient))
          w[static_cast<size_t>(i - first)] = quotient;
      }
      const T* strip = norm ? strips.data_ptr<T>() + batch * strips.stride(0) : nullptr;
      for (int64_t c = 0; c < k && norm; c += kStrip, strip += kStrip * m) {
        const int64_t count = std::min(kStrip, k - c);
        for (int64_t i = first; i < last; ++i) {
          if (!w[static_cast<size_t>(i - first)]) continue;
          T part[kStrip] = {}, sums[kStrip];
          std::copy_n(x + i * k + c, count, part);
          table.slope[static_cast<int>(*norm)](part, strip, w[static_cast<size_t>(i - first)], distances + i * m, m,
                                               sums);
          std::copy_n(sums, count, out + i * k + c);
        }
      }
      std::vector<double> sums(static_cast<size_t>(k));
      for (int64_t i = first; i < last; ++i) {
        if (w[static_cast<size_t>(i - first)]) continue;
        std::fill(sums.begin(), sums.end(), 0.0);
        for (int64_t j = 0; j < m; ++j) {
          add_slopes(x + i * k, z + j * k, k, p, slopes[i * m + j], distances[i * m + j], sums.data());
        }
        std::transform(sums.begin(), sums.end(), out + i * k, [](double s) { return static_cast<T>(s); });
      }
    });
  });
  return da;
}

}  // namespace taper::kernels
