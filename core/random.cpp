// The generator: engine, single draws, state. What draws become in tensors is in random_distributions.cpp.
#include <taper/core/random.h>

#include <taper/core/factories.h>
#include <taper/core/fork.h>
#include <taper/core/kernels/copy.h>
#include <taper/core/random_internal.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>
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

double Generator::uniform53() { return detail::to_uniform53(random64()); }
float Generator::uniform24() { return detail::to_uniform24(random()); }

double Generator::normal() {
  Engine& engine = *engine_;
  if (engine.has_normal_) {
    engine.has_normal_ = false;
    return engine.kept_normal_;
  }
  const double u1 = uniform53(), u2 = uniform53();
  const double r = std::sqrt(-2.0 * std::log1p(-u2)), theta = 2.0 * detail::kPi * u1;
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

}  // namespace taper
