// How random numbers become the elements of tensors: the fills of random.h, one for each distribution.
#include <taper/core/random.h>

#include <taper/core/factories.h>
#include <taper/core/float_types.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/kernels/loop_nest.h>
#include <taper/core/random_internal.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <mutex>
#include <numeric>

namespace taper::detail {
namespace {

constexpr int64_t kChunk = 624;  // draws at a time: as many as the engine makes at once

// Calls run(p, n, stride) for runs of elements that together are the tensor, in the order they have in memory. A
// contiguous tensor is one run.
template <class T, class Run>
void for_each_run(const Tensor& out, const Run& run) {
  const kernels::Loop loop = [](int64_t n, char* const* data, const int64_t* strides, const void* param) {
    constexpr auto kBytes = static_cast<int64_t>(sizeof(T));
    (*static_cast<const Run*>(param))(reinterpret_cast<T*>(data[0]), n, strides[0] / kBytes);
  };
  kernels::run_loop(loop, {out}, &run, std::max<int64_t>(out.numel(), 1));  // a piece is all of it: one thread
}

// p[i * stride] = f(draw i) for n elements, with `words` 32-bit draws for each.
template <int words, class T, class F>
void fill_run(T* p, int64_t n, int64_t stride, Generator& generator, F f) {
  uint32_t draws[kChunk];
  while (n > 0) {
    const int64_t m = std::min<int64_t>(n, kChunk / words);
    generator.random_block(draws, m * words);
    if (stride == 1) {
      for (int64_t i = 0; i < m; ++i) p[i] = f(draws + i * words);
    } else {
      for (int64_t i = 0; i < m; ++i) p[i * stride] = f(draws + i * words);
    }
    p += m * stride;
    n -= m;
  }
}

// Every element of `out` is f(its `words` draws), under the generator's lock.
template <int words, class T, class F>
void fill_by(const Tensor& out, Generator& generator, const F& f) {
  const std::lock_guard lock(generator);
  for_each_run<T>(out, [&](T* p, int64_t n, int64_t stride) { fill_run<words>(p, n, stride, generator, f); });
}

inline uint64_t draw64(const uint32_t* d) { return (static_cast<uint64_t>(d[0]) << 32) | d[1]; }

// u * (to - from) + from, rounded once as PyTorch's code is on processors with fused multiply-add: in double for float
// (the product is exact there), by std::fma for double.
template <class T>
void uniform_run(T* p, int64_t n, int64_t stride, T from, T to, Generator& generator) {
  const T range = to - from;
  if constexpr (std::is_same_v<T, float>) {
    fill_run<1>(p, n, stride, generator, [=](const uint32_t* d) {
      return static_cast<float>(static_cast<double>(to_uniform24(*d)) * static_cast<double>(range) +
                                static_cast<double>(from));
    });
  } else if (range == 1) {
    fill_run<2>(p, n, stride, generator, [=](const uint32_t* d) { return to_uniform53(draw64(d)) + from; });
  } else {
    fill_run<2>(p, n, stride, generator,
                [=](const uint32_t* d) { return std::fma(to_uniform53(draw64(d)), range, from); });
  }
}

// -2 ln(x) for x in (0, 1]: x = 2^e m with m in [sqrt(1/2), sqrt(2)), and ln m = 2 atanh s for s = (m - 1) / (m + 1)
// as a series in s^2 <= 0.0295. Correct to about one unit in the last place. Own functions instead of libm's here
// because these vectorise and give the same bits on every system.
inline float minus_two_log(float x) {
  const uint32_t shifted = std::bit_cast<uint32_t>(x) - 0x3f3504f3u;  // sqrt(1/2)
  const int32_t e = static_cast<int32_t>(shifted) >> 23;
  const float m = std::bit_cast<float>((shifted & 0x7fffffu) + 0x3f3504f3u);
  const float s = (m - 1) / (m + 1), q = s * s;
  const float series = q * (1 / 3.f + q * (1 / 5.f + q * (1 / 7.f + q * (1 / 9.f))));
  const float high = static_cast<float>(e) * 0.693359375f;  // ln 2 in two parts: the first has few bits
  return -2 * (high + (2 * s + (2 * s * series + static_cast<float>(e) * -2.12194440e-4f)));
}

// cos and sin of theta in [0, 2 pi]: theta = k pi/2 + x with |x| <= pi/4, and the Taylor series of x.
inline void cos_sin(float theta, float& cosine, float& sine) {
  const int32_t k = static_cast<int32_t>(theta * 0.636619772f + 0.5f);
  const float fk = static_cast<float>(k);
  // pi/2 in three parts, of few bits the first two
  const float x = ((theta - fk * 1.5703125f) - fk * 4.83751297e-4f) - fk * 7.549789954e-8f;
  const float q = x * x;
  const float c = 1 - q / 2 + q * q * (1 / 24.f + q * (-1 / 720.f + q * (1 / 40320.f + q * (-1 / 3628800.f))));
  const float s = x + x * q * (-1 / 6.f + q * (1 / 120.f + q * (-1 / 5040.f + q * (1 / 362880.f))));
  const bool odd = (k & 1) != 0;
  const float a = odd ? s : c, b = odd ? c : s;
  cosine = ((k + 1) & 2) != 0 ? -a : a;
  sine = (k & 2) != 0 ? -b : b;
}

// Box-Muller on 8 pairs (d[j], d[j + 8]) of uniforms, in place. The square roots stand apart because the compiler
// vectorises the loops around them only then (std::sqrt may set errno).
void normal16(float* d, float mean, float std) {
  float r[8];
  for (int j = 0; j < 8; ++j) r[j] = minus_two_log(1 - d[j]);
  for (int j = 0; j < 8; ++j) r[j] = std::sqrt(r[j]);
  for (int j = 0; j < 8; ++j) {
    // In float, as PyTorch's vectorised fill has it; the rounding of the angle is the larger part of the deviation.
    const float theta = static_cast<float>(2 * kPi) * d[j + 8];
    float c, s;
    cos_sin(theta, c, s);
    d[j] = r[j] * c * std + mean;
    d[j + 8] = r[j] * s * std + mean;
  }
}

void normal16(double* d, double mean, double std) {
  for (int j = 0; j < 8; ++j) {
    const double r = std::sqrt(-2 * std::log(1 - d[j])), theta = 2 * kPi * d[j + 8];
    d[j] = r * std::cos(theta) * std + mean;
    d[j + 8] = r * std::sin(theta) * std + mean;
  }
}

template <class T>
void normal_blocks(T* p, int64_t n, T mean, T std, Generator& generator) {
  uniform_run<T>(p, n, 1, 0, 1, generator);
  for (int64_t i = 0; i + 16 <= n; i += 16) normal16(p + i, mean, std);
  if (n % 16 != 0) {  // the last 16 slots anew, so that no pair is broken
    uniform_run<T>(p + n - 16, 16, 1, 0, 1, generator);
    normal16(p + n - 16, mean, std);
  }
}

// Every element is f(a standard normal number), drawn one by one.
template <class T, class F>
void fill_by_normals(const Tensor& out, Generator& generator, const F& f) {
  for_each_run<T>(out, [&](T* p, int64_t n, int64_t stride) {
    for (int64_t i = 0; i < n; ++i) p[i * stride] = static_cast<T>(f(generator.normal()));
  });
}

// Every element is f(u) for u uniform on [0, 1) with 53 bits.
template <class F>
void fill_by_uniforms(const char* op, const Tensor& out, Generator& generator, const F& f) {
  dispatch_floating(out.dtype(), op, [&]<class T>(T) {
    fill_by<2, T>(out, generator, [=](const uint32_t* d) { return static_cast<T>(f(to_uniform53(draw64(d)))); });
  });
}

// The largest integer up to which T holds all.
template <class T>
constexpr int64_t largest_integer() {
  if constexpr (is_float_type<T>) {
    return int64_t{1} << std::numeric_limits<T>::digits;
  } else {
    return static_cast<int64_t>(std::numeric_limits<T>::max());
  }
}

// Whether every integer of [from, last] is one of T (of the integers a float holds exactly, for floats).
template <class T>
bool fits(int64_t from, int64_t last) {
  constexpr int64_t largest = largest_integer<T>();
  return from >= (is_float_type<T> ? -largest : static_cast<int64_t>(std::numeric_limits<T>::min())) && last <= largest;
}

// Every element is `from` + draw modulo `range` (0 stands for 2^64): of two draws where one is too short.
template <class T>
void fill_range(const Tensor& out, int64_t from, uint64_t range, Generator& generator) {
  const auto value = [=](uint64_t draw) {
    return static_cast<T>(static_cast<int64_t>((range == 0 ? draw : draw % range) + static_cast<uint64_t>(from)));
  };
  if (range == 0 || range >> 32 != 0) {
    fill_by<2, T>(out, generator, [&](const uint32_t* d) { return value(draw64(d)); });
  } else {
    fill_by<1, T>(out, generator, [&](const uint32_t* d) { return value(*d); });
  }
}

// Types of 16 bits: fill(wide) draws float32 numbers, which are rounded. True if `out` is of such a type.
template <class Fill>
bool filled_in_float32(const Tensor& out, const Fill& fill) {
  if (!isReducedFloatingType(out.dtype())) return false;
  const Tensor wide = empty(out.sizes(), kFloat32);
  fill(wide);
  kernels::copy(out, wide);
  return true;
}

// PyTorch draws as many bits as T has, and rounds every step of a normal number to T.
template <class T>
float uniform_of_half(Generator& generator) {
  constexpr int kBits = std::numeric_limits<T>::digits;
  return static_cast<float>(generator.random() & ((1u << kBits) - 1)) / static_cast<float>(1 << kBits);
}

template <class T>
void uniform_halves(const Tensor& wide, T from, T to, Generator& generator) {
  const float low = from, range = T(to - from);
  float* const p = wide.data_ptr<float>();
  for (int64_t i = 0; i < wide.numel(); ++i) p[i] = uniform_of_half<T>(generator) * range + low;
}

template <class T>
void normal_halves(const Tensor& wide, T mean, T std, Generator& generator) {
  const auto in_t = [](double x) -> float { return T(static_cast<float>(x)); };
  float* const p = wide.data_ptr<float>();
  const auto transform = [&](float* d) {
    for (int j = 0; j < 8; ++j) {
      const float radius = in_t(std::sqrt(in_t(-2 * in_t(std::log(in_t(1 - d[j]))))));
      const float theta = in_t(static_cast<double>(2.0f * kPi) * d[j + 8]);
      d[j] = in_t(in_t(in_t(radius * in_t(std::cos(theta))) * std) + mean);
      d[j + 8] = in_t(in_t(in_t(radius * in_t(std::sin(theta))) * std) + mean);
    }
  };
  const int64_t n = wide.numel();
  for (int64_t i = 0; i < n; ++i) p[i] = uniform_of_half<T>(generator);
  for (int64_t i = 0; i + 16 <= n; i += 16) transform(p + i);
  if (n % 16 != 0) {
    for (int64_t i = n - 16; i < n; ++i) p[i] = uniform_of_half<T>(generator);
    transform(p + n - 16);
  }
}

// f(T{}) of the type of 16 bits.
template <class F>
void dispatch_half(ScalarType dtype, const F& f) {
  dtype == kBFloat16 ? f(BFloat16{}) : f(Half{});
}

}  // namespace

void fill_uniform(const Tensor& out, double from, double to, Generator& generator) {
  const auto halves = [&](const Tensor& wide) {
    dispatch_half(out.dtype(), [&]<class T>(T) {
      const double largest = std::numeric_limits<T>::max();
      TAPER_CHECK_VALUE(std::abs(from) <= largest && std::abs(to) <= largest && from <= to && to - from <= largest,
                        "uniform_: from and to must be finite with from <= to and a range that ", out.dtype(),
                        " can hold; got from ", from, " and to ", to);
      const std::lock_guard lock(generator);
      uniform_halves(wide, T(static_cast<float>(from)), T(static_cast<float>(to)), generator);
    });
  };
  if (filled_in_float32(out, halves)) return;
  dispatch_floating(out.dtype(), "uniform_", [&]<class T>(T) {
    const double largest = static_cast<double>(std::numeric_limits<T>::max());
    TAPER_CHECK_VALUE(std::abs(from) <= largest && std::abs(to) <= largest && from <= to && to - from <= largest,
                      "uniform_: from and to must be finite with from <= to and a range that ", out.dtype(),
                      " can hold; got from ", from, " and to ", to);
    const std::lock_guard lock(generator);
    for_each_run<T>(out, [&](T* p, int64_t n, int64_t stride) {
      uniform_run(p, n, stride, static_cast<T>(from), static_cast<T>(to), generator);
    });
  });
}

void fill_normal(const Tensor& out, double mean, double std, Generator& generator) {
  TAPER_CHECK_VALUE(std >= 0, "normal_: std must be 0 or more; got ", std);
  const auto halves = [&](const Tensor& wide) {
    if (!out.is_contiguous() || out.numel() < 16) return fill_normal(wide, mean, std, generator);
    dispatch_half(out.dtype(), [&]<class T>(T) {
      const std::lock_guard lock(generator);
      normal_halves(wide, T(static_cast<float>(mean)), T(static_cast<float>(std)), generator);
    });
  };
  if (filled_in_float32(out, halves)) return;
  dispatch_floating(out.dtype(), "normal_", [&]<class T>(T) {
    const std::lock_guard lock(generator);
    if (out.is_contiguous() && out.numel() >= 16) {
      return normal_blocks(static_cast<T*>(out.data_ptr()), out.numel(), static_cast<T>(mean), static_cast<T>(std),
                           generator);
    }
    fill_by_normals<T>(out, generator, [=](double x) { return x * std + mean; });
  });
}

void fill_bernoulli(const Tensor& out, double p, Generator& generator) {
  TAPER_CHECK_VALUE(p >= 0 && p <= 1, "bernoulli_: p must be a probability, from 0 to 1; got ", p);
  if (filled_in_float32(out, [&](const Tensor& wide) { fill_bernoulli(wide, p, generator); })) return;
  // uniform53() < p, in integers: both sides are multiples of 2^-53 once p is rounded up to one.
  const uint64_t bound = static_cast<uint64_t>(std::ceil(p * 0x1p53));
  dispatch(out.dtype(), [&]<class T>(T) {
    fill_by<2, T>(out, generator, [=](const uint32_t* d) { return static_cast<T>(low53(draw64(d)) < bound ? 1 : 0); });
  });
}

void fill_randint(const Tensor& out, int64_t from, int64_t to, Generator& generator) {
  TAPER_CHECK_VALUE(from < to, "random_: from must be below to; got from ", from, " and to ", to);
  const auto halves = [&](const Tensor& wide) {
    const int64_t largest = int64_t{1} << (out.dtype() == kBFloat16 ? std::numeric_limits<BFloat16>::digits
                                                                    : std::numeric_limits<Half>::digits);
    TAPER_CHECK_VALUE(from >= -largest && to - 1 <= largest,
                      "random_: every integer from `from` to `to` - 1 must be a value of ", out.dtype(), "; got from ",
                      from, " and to ", to);
    fill_randint(wide, from, to, generator);
  };
  if (filled_in_float32(out, halves)) return;
  dispatch(out.dtype(), [&]<class T>(T) {
    TAPER_CHECK_VALUE(fits<T>(from, to - 1), "random_: every integer from `from` to `to` - 1 must be a value of ",
                      out.dtype(), "; got from ", from, " and to ", to);
    fill_range<T>(out, from, static_cast<uint64_t>(to) - static_cast<uint64_t>(from), generator);
  });
}

void fill_randint_from(const Tensor& out, int64_t from, Generator& generator) {
  if (isReducedFloatingType(out.dtype())) {
    const int digits =
        out.dtype() == kBFloat16 ? std::numeric_limits<BFloat16>::digits : std::numeric_limits<Half>::digits;
    return fill_randint(out, from, (int64_t{1} << digits) + 1, generator);
  }
  dispatch(out.dtype(), [&]<class T>(T) {
    const int64_t last = largest_integer<T>();
    TAPER_CHECK_VALUE(from <= last && fits<T>(from, last), "random_: from must be a value of ", out.dtype(),
                      "; got from ", from);
    fill_range<T>(out, from, static_cast<uint64_t>(last) - static_cast<uint64_t>(from) + 1, generator);
  });
}

void fill_randint(const Tensor& out, Generator& generator) { fill_randint_from(out, 0, generator); }

void fill_exponential(const Tensor& out, double lambd, Generator& generator) {
  TAPER_CHECK_VALUE(lambd >= 0, "exponential_: lambd must be 0 or more; got ", lambd);
  if (filled_in_float32(out, [&](const Tensor& wide) { fill_exponential(wide, lambd, generator); })) return;
  fill_by_uniforms("exponential_", out, generator, [=](double u) { return -1 / lambd * std::log(1 - u); });
}

void fill_log_normal(const Tensor& out, double mean, double std, Generator& generator) {
  TAPER_CHECK_VALUE(std > 0, "log_normal_: std must be above 0; got ", std);
  if (filled_in_float32(out, [&](const Tensor& wide) { fill_log_normal(wide, mean, std, generator); })) return;
  dispatch_floating(out.dtype(), "log_normal_", [&]<class T>(T) {
    const std::lock_guard lock(generator);
    fill_by_normals<T>(out, generator, [=](double x) { return std::exp(x * std + mean); });
  });
}

void fill_cauchy(const Tensor& out, double median, double sigma, Generator& generator) {
  TAPER_CHECK_VALUE(sigma > 0, "cauchy_: sigma must be above 0; got ", sigma);
  if (filled_in_float32(out, [&](const Tensor& wide) { fill_cauchy(wide, median, sigma, generator); })) return;
  fill_by_uniforms("cauchy_", out, generator, [=](double u) { return median + sigma * std::tan(kPi * (u - 0.5)); });
}

void fill_geometric(const Tensor& out, double p, Generator& generator) {
  TAPER_CHECK_VALUE(p > 0 && p < 1, "geometric_: p must be above 0 and below 1; got ", p);
  if (filled_in_float32(out, [&](const Tensor& wide) { fill_geometric(wide, p, generator); })) return;
  dispatch(out.dtype(), [&]<class T>(T) {
    const double largest = static_cast<double>(largest_integer<T>());
    const double scale = 1 - p < 1 ? std::log(1 - p) : -p;  // whose sign a p too small for 1 - p keeps
    fill_by<2, T>(out, generator, [=](const uint32_t* d) {
      const double trials = std::ceil(std::log(to_uniform53(draw64(d))) / scale);
      if (!is_float_type<T> && trials >= largest) return std::numeric_limits<T>::max();
      return static_cast<T>(trials);
    });
  });
}

void fill_randperm(int64_t* out, int64_t n, Generator& generator) {
  TAPER_CHECK_VALUE(n >= 0, "randperm: n must be 0 or more; got ", n);
  std::iota(out, out + n, int64_t{0});
  const std::lock_guard lock(generator);
  for (int64_t i = 0; i < n - 1; ++i) std::swap(out[i], out[i + generator.random() % (n - i)]);
}

}  // namespace taper::detail
