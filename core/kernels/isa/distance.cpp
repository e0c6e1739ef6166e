#include <taper/core/kernels/isa/distance.h>
#include <taper/core/kernels/isa/lanes.h>
#include <taper/core/kernels/isa/math.h>

namespace taper::kernels::TAPER_ISA {
namespace {

// A register of the values that T is computed in.
template <class T>
using V = Vector<compute_t<T>>;
template <class T>
constexpr int kWidth = kVectorLanes<compute_t<T>>;

template <class T>
V<T> sizes_of(V<T> d) {
  return d < 0 ? -d : d;
}
// -1, 0, 1 or NaN
template <class T>
V<T> signs_of(V<T> d) {
  const V<T> zero = {}, one = zero + 1;
  return d > 0 ? one : d < 0 ? -one : d;
}

// The sum of two numbers or vectors, or the larger one (NaN wins).
template <bool kLargest, class X>
X joined(X a, X b) {
  if constexpr (kLargest) return better<true>(a, b);
  return a + b;
}

// y[l] = the terms of all steps joined. add(so_far, step, v) joins a term to vector v of the strip. Terms of even and
// of odd steps do not wait for each other.
template <bool kLargest, class T, class Add>
void join_steps(int64_t steps, T* y, const Add& add) {
  constexpr int kStrip = static_cast<int>(DistanceLoops<T>::kStrip), kVectors = kStrip / kWidth<T>;
  constexpr int64_t kSteps = 64;
  compute_t<T> part[kStrip];
  double sums[kStrip];
  for (int64_t step = 0;;) {
    const bool is_first = step == 0;
    const int64_t end = steps - step < kSteps ? steps : step + kSteps;
    V<T> even[kVectors] = {}, odd[kVectors] = {};
    for (; step + 1 < end; step += 2) {
      for (int v = 0; v < kVectors; ++v) add(even[v], step, v);
      for (int v = 0; v < kVectors; ++v) add(odd[v], step + 1, v);
    }
    if (step < end) {
      for (int v = 0; v < kVectors; ++v) add(even[v], step, v);
      ++step;
    }
    for (int v = 0; v < kVectors; ++v) {
      store<kWidth<T>, compute_t<T>>(part + v * kWidth<T>, joined<kLargest>(even[v], odd[v]));
    }
    if (is_first && step == steps) {
      for (int l = 0; l < kStrip; ++l) y[l] = static_cast<T>(part[l]);
      return;
    }
    for (int l = 0; l < kStrip; ++l) {
      const auto more = static_cast<double>(part[l]);
      sums[l] = is_first ? more : joined<kLargest>(sums[l], more);
    }
    if (step == steps) break;
  }
  for (int l = 0; l < kStrip; ++l) y[l] = static_cast<T>(sums[l]);
}

template <class T>
T root(T x) {
  return sizeof(T) == 4 ? static_cast<T>(__builtin_sqrtf(static_cast<float>(x))) : static_cast<T>(__builtin_sqrt(x));
}

template <Norm norm, class T>
void distance(const T* x, const T* strip, int64_t k, T* y) {
  constexpr int64_t kStrip = DistanceLoops<T>::kStrip;
  join_steps<norm == Norm::Infinite>(k, y, [&](V<T>& so_far, int64_t c, int v) {
    const V<T> d = x[c] - load(strip + c * kStrip + v * kWidth<T>), zero = {};
    if constexpr (norm == Norm::Zero) so_far += d != 0 ? zero + 1 : zero;
    if constexpr (norm == Norm::One) so_far += sizes_of<T>(d);
    if constexpr (norm == Norm::Two) so_far += d * d;
    if constexpr (norm == Norm::Infinite) so_far = joined<true>(sizes_of<T>(d), so_far);
  });
  if constexpr (norm == Norm::Two) {
    for (int64_t l = 0; l < kStrip; ++l) y[l] = root(y[l]);
  }
}

template <Norm norm, class T>
void slope(const T* x, const T* strip, const T* w, const T* y, int64_t m, T* dx) {
  join_steps<false>(m, dx, [&](V<T>& so_far, int64_t j, int v) {
    const V<T> d = load(x + v * kWidth<T>) - load(strip + j * DistanceLoops<T>::kStrip + v * kWidth<T>), zero = {};
    if constexpr (norm == Norm::One) so_far += w[j] * signs_of<T>(d);
    if constexpr (norm == Norm::Two) so_far += w[j] * d;
    if constexpr (norm == Norm::Infinite) so_far += w[j] * (sizes_of<T>(d) == zero + y[j] ? signs_of<T>(d) : zero);
  });
}

template <class T>
bool divide(const T* dy, const T* y, int64_t n, T* w) {
  decltype(bits(T())) bad = 0;
  TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) {
    const T quotient = dy[i] / y[i], size = abs_of(quotient);
    const bool is_none = static_cast<int>(y[i] == 0) | static_cast<int>(dy[i] == 0);
    const bool fits = static_cast<int>(size >= T(0x1p-100)) & static_cast<int>(size <= T(0x1p100));
    bad |= static_cast<int>(is_none) | static_cast<int>(fits) ? 0 : 1;
    w[i] = y[i] == 0 ? T(0) : quotient;
  }
  return bad == 0;
}

template <class T>
constexpr DistanceLoops<T> kLoops{
    {distance<Norm::Zero, T>, distance<Norm::One, T>, distance<Norm::Two, T>, distance<Norm::Infinite, T>},
    {nullptr, slope<Norm::One, T>, slope<Norm::Two, T>, slope<Norm::Infinite, T>},
    divide};

}  // namespace

TAPER_DEFINE_FLOAT_LOOPS(DistanceLoops, kLoops)

}  // namespace taper::kernels::TAPER_ISA
