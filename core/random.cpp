#include <taper/core/float_types.h>
#include <taper/core/fork.h>
#include <taper/core/random.h>

#include <taper/core/factories.h>
#include <taper/core/kernels/elementwise.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>
#include <numeric>
#include <random>

namespace taper {

// ---- the engine -----------------------------------------------------------------------------------------------------

struct Generator::Engine {
  void seed(uint64_t seed);
  void refill();
  uint32_t random();
  void random_block(uint32_t* out, int64_t n);

  detail::ForkMutex mutex{detail::ForkMutex::kProgram};
  uint64_t seed_ = 0;
  uint32_t state_[624];
  int next_ = 624;
  bool has_normal_ = false;
  double kept_normal_ = 0;
};

Generator::Generator(uint64_t seed) : engine_(std::make_shared<Engine>()) { engine_->seed(seed); }
void Generator::lock() { engine_->mutex.lock(); }
void Generator::unlock() { engine_->mutex.unlock(); }
void Generator::set_current_seed(uint64_t seed) { engine_->seed(seed); }
uint64_t Generator::current_seed() const { return engine_->seed_; }

void Generator::Engine::seed(uint64_t seed) {
  seed_ = seed;
  uint32_t x = static_cast<uint32_t>(seed);
  for (uint32_t i = 0; i < 624; ++i) {
    state_[i] = x;
    x = 1812433253u * (x ^ (x >> 30)) + i + 1;
  }
  next_ = 624;
  has_normal_ = false;
}

// The next 624 words of x[i + 624] = x[i + 397] ^ twist(x[i], x[i + 1]), in place. Three loops without index arithmetic
// modulo 624, so that the compiler vectorises the first two.
void Generator::Engine::refill() {
  const auto twist = [](uint32_t a, uint32_t b) {
    const uint32_t mixed = (a & 0x80000000u) | (b & 0x7fffffffu);
    return (mixed >> 1) ^ (0x9908b0dfu & (0u - (b & 1u)));
  };
  uint32_t* const x = state_;
  for (int i = 0; i < 624 - 397; ++i) x[i] = x[i + 397] ^ twist(x[i], x[i + 1]);
  for (int i = 624 - 397; i < 623; ++i) x[i] = x[i + 397 - 624] ^ twist(x[i], x[i + 1]);
  x[623] = x[396] ^ twist(x[623], x[0]);
  next_ = 0;
}

namespace {

inline uint32_t temper(uint32_t y) {
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}
inline float to_uniform24(uint32_t x) { return static_cast<float>(x & 0xffffffu) * 0x1p-24f; }
inline uint64_t low53(uint64_t x) { return x & ((uint64_t{1} << 53) - 1); }
inline double to_uniform53(uint64_t x) { return static_cast<double>(static_cast<int64_t>(low53(x))) * 0x1p-53; }

constexpr double kPi = 3.14159265358979323846;

}  // namespace

uint32_t Generator::Engine::random() {
  if (next_ == 624) refill();
  return temper(state_[next_++]);
}

void Generator::Engine::random_block(uint32_t* out, int64_t n) {
  while (n > 0) {
    if (next_ == 624) refill();
    const int m = static_cast<int>(std::min<int64_t>(n, 624 - next_));
    const uint32_t* words = state_ + next_;
    for (int i = 0; i < m; ++i) out[i] = temper(words[i]);
    next_ += m;
    out += m;
    n -= m;
  }
}

uint32_t Generator::random() { return engine_->random(); }
void Generator::random_block(uint32_t* out, int64_t n) { engine_->random_block(out, n); }

uint64_t Generator::random64() {
  const uint64_t high = random();
  return (high << 32) | random();
}

double Generator::uniform53() { return to_uniform53(random64()); }
float Generator::uniform24() { return to_uniform24(random()); }

double Generator::normal() {
  Engine& engine = *engine_;
  if (engine.has_normal_) {
    engine.has_normal_ = false;
    return engine.kept_normal_;
  }
  const double u1 = uniform53(), u2 = uniform53();
  const double r = std::sqrt(-2.0 * std::log1p(-u2)), theta = 2.0 * kPi * u1;
  engine.kept_normal_ = r * std::sin(theta);
  engine.has_normal_ = true;
  return r * std::cos(theta);
}

// ---- its state ------------------------------------------------------------------------------------------------------

namespace {

// The bytes of PyTorch's state, in which the words of the engine take 64 bits each. "left" counts the draws until the
// words are made anew, the next one included.
struct SavedState {
  uint64_t seed;
  int32_t left, seeded;
  uint64_t next;
  uint64_t words[624];
  double unused_x, kept_normal, unused_rho;
  int32_t has_normal, unused[3];
};
static_assert(sizeof(SavedState) == 5056);

}  // namespace

Tensor Generator::get_state() const {
  Tensor state = empty({static_cast<int64_t>(sizeof(SavedState))}, kUInt8);
  const Engine& engine = *engine_;
  const std::lock_guard guard(engine_->mutex);
  SavedState saved{};
  saved.seed = engine.seed_;
  saved.left = std::max(625 - engine.next_, 1);
  saved.seeded = 1;
  saved.next = static_cast<uint64_t>(engine.next_);
  std::copy(std::begin(engine.state_), std::end(engine.state_), saved.words);
  saved.has_normal = engine.has_normal_ ? 1 : 0;
  saved.kept_normal = engine.has_normal_ ? engine.kept_normal_ : 0;
  std::memcpy(state.data_ptr(), &saved, sizeof(saved));
  return state;
}

void Generator::set_state(const Tensor& state) {
  constexpr auto kSize = static_cast<int64_t>(sizeof(SavedState));
  TAPER_CHECK_TYPE(state.defined() && state.dtype() == kUInt8, "Generator::set_state: the state must be uint8; got ",
                   state.defined() ? detail::str(state.dtype()) : "an undefined tensor");
  TAPER_CHECK_VALUE(state.numel() == kSize, "Generator::set_state: the state must have the ", kSize,
                    " bytes of get_state; got ", state.numel());
  SavedState saved;
  const Tensor bytes = kernels::contiguous(state);
  std::memcpy(&saved, bytes.data_ptr(), sizeof(saved));
  const bool fits = saved.seeded == 1 && saved.left >= 1 && saved.left <= 624 && saved.next <= 624 &&
                    (saved.has_normal == 0 || (saved.has_normal == 1 && std::isfinite(saved.kept_normal))) &&
                    std::all_of(saved.words, saved.words + 624, [](uint64_t word) { return word <= 0xffffffffu; }) &&
                    std::any_of(saved.words, saved.words + 624, [](uint64_t word) { return word != 0; });
  TAPER_CHECK_VALUE(fits, "Generator::set_state: the state must be one that get_state returned; got other bytes");
  Engine& engine = *engine_;
  const std::lock_guard guard(engine.mutex);
  engine.seed_ = saved.seed;
  engine.next_ = 625 - saved.left;  // 624 where PyTorch's says 0, too: before the first draw
  engine.has_normal_ = saved.has_normal == 1;
  engine.kept_normal_ = saved.kept_normal;
  std::copy(std::begin(saved.words), std::end(saved.words), engine.state_);
}

Generator Generator::clone() const {
  Generator copy;
  copy.set_state(get_state());
  return copy;
}

Generator& default_generator() {
  static Generator generator([] {
    std::random_device device;
    return (static_cast<uint64_t>(device()) << 32) | device();
  }());
  return generator;
}
// Made when the library is loaded: the child of a fork while it is being made would wait for it for ever.
[[maybe_unused]] static const Generator& early_generator = default_generator();

void manual_seed(uint64_t seed) {
  Generator& generator = default_generator();
  const std::lock_guard lock(generator);
  generator.set_current_seed(seed);
}

// ---- the fills ------------------------------------------------------------------------------------------------------

namespace detail {
namespace {

constexpr int64_t kChunk = 624;

// Calls run(p, n, stride) for runs of elements that together are the tensor, in memory order: dimensions sorted by
// falling stride. A contiguous tensor is one run.
template <class T, class Run>
void for_each_run(const Tensor& out, Run run) {
  T* p = static_cast<T*>(out.data_ptr());
  if (out.numel() == 0) return;
  if (out.is_contiguous()) return run(p, out.numel(), int64_t{1});
  std::vector<size_t> order;
  for (size_t d = 0; d < out.sizes().size(); ++d) {
    if (out.sizes()[d] != 1) order.push_back(d);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return out.strides()[a] > out.strides()[b]; });
  if (order.empty()) return run(p, int64_t{1}, int64_t{1});
  const int64_t n = out.sizes()[order.back()], stride = out.strides()[order.back()];
  order.pop_back();
  std::vector<int64_t> index(order.size(), 0);
  while (true) {
    run(p, n, stride);
    size_t d = order.size();
    while (d > 0) {
      const int64_t step = out.strides()[order[d - 1]];
      p += step;
      if (++index[d - 1] < out.sizes()[order[d - 1]]) break;
      p -= step * index[d - 1];
      index[d - 1] = 0;
      --d;
    }
    if (d == 0) return;
  }
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

// Whether every integer of [from, last] is one of T (of the integers a float holds exactly, for floats).
template <class T>
bool fits(int64_t from, int64_t last) {
  if constexpr (is_float_type<T>) {
    constexpr int64_t largest = int64_t{1} << std::numeric_limits<T>::digits;
    return from >= -largest && last <= largest;
  } else {
    return from >= static_cast<int64_t>(std::numeric_limits<T>::min()) &&
           last <= static_cast<int64_t>(std::numeric_limits<T>::max());
  }
}

}  // namespace

void fill_uniform(const Tensor& out, double from, double to, Generator& generator) {
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
  dispatch_floating(out.dtype(), "normal_", [&]<class T>(T) {
    const std::lock_guard lock(generator);
    if (out.is_contiguous() && out.numel() >= 16) {
      return normal_blocks(static_cast<T*>(out.data_ptr()), out.numel(), static_cast<T>(mean), static_cast<T>(std),
                           generator);
    }
    for_each_run<T>(out, [&](T* p, int64_t n, int64_t stride) {
      for (int64_t i = 0; i < n; ++i) p[i * stride] = static_cast<T>(generator.normal() * std + mean);
    });
  });
}

void fill_bernoulli(const Tensor& out, double p, Generator& generator) {
  TAPER_CHECK_VALUE(p >= 0 && p <= 1, "bernoulli_: p must be a probability, from 0 to 1; got ", p);
  // uniform53() < p, in integers: both sides are multiples of 2^-53 once p is rounded up to one.
  const uint64_t bound = static_cast<uint64_t>(std::ceil(p * 0x1p53));
  dispatch(out.dtype(), [&]<class T>(T) {
    const std::lock_guard lock(generator);
    for_each_run<T>(out, [&](T* q, int64_t n, int64_t stride) {
      fill_run<2>(q, n, stride, generator,
                  [=](const uint32_t* d) { return static_cast<T>(low53(draw64(d)) < bound ? 1 : 0); });
    });
  });
}

namespace {

// `from` + draw modulo `range` (0 stands for 2^64).
template <class T>
void fill_range(const Tensor& out, int64_t from, uint64_t range, Generator& generator) {
  const auto value = [=](uint64_t draw) {
    return static_cast<T>(static_cast<int64_t>((range == 0 ? draw : draw % range) + static_cast<uint64_t>(from)));
  };
  const std::lock_guard lock(generator);
  for_each_run<T>(out, [&](T* p, int64_t n, int64_t stride) {
    if (range == 0 || range >> 32 != 0) {
      fill_run<2>(p, n, stride, generator, [&](const uint32_t* d) { return value(draw64(d)); });
    } else {
      fill_run<1>(p, n, stride, generator, [&](const uint32_t* d) { return value(*d); });
    }
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

// f(u) for u uniform on [0, 1) with 53 bits.
template <class F>
void fill_floating(const char* op, const Tensor& out, Generator& generator, F f) {
  dispatch_floating(out.dtype(), op, [&]<class T>(T) {
    const std::lock_guard lock(generator);
    for_each_run<T>(out, [&](T* p, int64_t n, int64_t stride) {
      fill_run<2>(p, n, stride, generator,
                  [&](const uint32_t* d) { return static_cast<T>(f(to_uniform53(draw64(d)))); });
    });
  });
}

}  // namespace

void fill_randint(const Tensor& out, int64_t from, int64_t to, Generator& generator) {
  TAPER_CHECK_VALUE(from < to, "random_: from must be below to; got from ", from, " and to ", to);
  dispatch(out.dtype(), [&]<class T>(T) {
    TAPER_CHECK_VALUE(fits<T>(from, to - 1), "random_: every integer from `from` to `to` - 1 must be a value of ",
                      out.dtype(), "; got from ", from, " and to ", to);
    fill_range<T>(out, from, static_cast<uint64_t>(to) - static_cast<uint64_t>(from), generator);
  });
}

void fill_randint_from(const Tensor& out, int64_t from, Generator& generator) {
  dispatch(out.dtype(), [&]<class T>(T) {
    const int64_t last = largest_integer<T>();
    TAPER_CHECK_VALUE(from <= last && fits<T>(from, last), "random_: from must be a value of ", out.dtype(),
                      "; got from ", from);
    fill_range<T>(out, from, static_cast<uint64_t>(last) - static_cast<uint64_t>(from) + 1, generator);
  });
}

// int64 and double take 64 bits for each value whatever the range, all others 32.
void fill_randint(const Tensor& out, Generator& generator) {
  dispatch(out.dtype(), [&]<class T>(T) {
    const uint64_t range = static_cast<uint64_t>(largest_integer<T>()) + 1;
    const std::lock_guard lock(generator);
    for_each_run<T>(out, [&](T* p, int64_t n, int64_t stride) {
      constexpr int kWords = std::is_same_v<T, double> || std::is_same_v<T, int64_t> ? 2 : 1;
      fill_run<kWords>(p, n, stride, generator, [=](const uint32_t* d) {
        if constexpr (kWords == 2) return static_cast<T>(draw64(d) % range);
        return static_cast<T>(*d % range);
      });
    });
  });
}

void fill_exponential(const Tensor& out, double lambd, Generator& generator) {
  TAPER_CHECK_VALUE(lambd >= 0, "exponential_: lambd must be 0 or more; got ", lambd);
  fill_floating("exponential_", out, generator, [=](double u) { return -1 / lambd * std::log(1 - u); });
}

void fill_log_normal(const Tensor& out, double mean, double std, Generator& generator) {
  TAPER_CHECK_VALUE(std > 0, "log_normal_: std must be above 0; got ", std);
  dispatch_floating(out.dtype(), "log_normal_", [&]<class T>(T) {
    const std::lock_guard lock(generator);
    for_each_run<T>(out, [&](T* p, int64_t n, int64_t stride) {
      for (int64_t i = 0; i < n; ++i) p[i * stride] = static_cast<T>(std::exp(generator.normal() * std + mean));
    });
  });
}

void fill_cauchy(const Tensor& out, double median, double sigma, Generator& generator) {
  TAPER_CHECK_VALUE(sigma > 0, "cauchy_: sigma must be above 0; got ", sigma);
  fill_floating("cauchy_", out, generator, [=](double u) { return median + sigma * std::tan(kPi * (u - 0.5)); });
}

void fill_geometric(const Tensor& out, double p, Generator& generator) {
  TAPER_CHECK_VALUE(p > 0 && p < 1, "geometric_: p must be above 0 and below 1; got ", p);
  dispatch(out.dtype(), [&]<class T>(T) {
    const std::lock_guard lock(generator);
    const double largest = static_cast<double>(largest_integer<T>());
    const double scale = 1 - p < 1 ? std::log(1 - p) : -p;  // whose sign a p too small for 1 - p keeps
    for_each_run<T>(out, [&](T* q, int64_t n, int64_t stride) {
      fill_run<2>(q, n, stride, generator, [=](const uint32_t* d) {
        const double trials = std::ceil(std::log(to_uniform53(draw64(d))) / scale);
        if constexpr (!is_float_type<T>) {
          if (trials >= largest) return static_cast<T>(std::numeric_limits<T>::max());
        }
        return static_cast<T>(trials);
      });
    });
  });
}

void fill_randperm(int64_t* out, int64_t n, Generator& generator) {
  TAPER_CHECK_VALUE(n >= 0, "randperm: n must be 0 or more; got ", n);
  std::iota(out, out + n, int64_t{0});
  const std::lock_guard lock(generator);
  for (int64_t i = 0; i < n - 1; ++i) std::swap(out[i], out[i + generator.random() % (n - i)]);
}

}  // namespace detail
}  // namespace taper
