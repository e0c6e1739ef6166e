// Random numbers by PyTorch's CPU stream: the same seed and the same order of calls give the same values.
//
// The engine is the 32-bit Mersenne Twister (Matsumoto and Nishimura 1998) as std::mt19937 defines it. A program that
// never calls manual_seed starts from a random seed. A generator is locked for the length of one fill (rand, normal_,
// ...), of manual_seed, get_state and set_state; single draws are not.
#pragma once

#include <taper/core/tensor.h>

#include <memory>
#include <string>

namespace taper {
// A handle, as libtorch's: a copy is another one to the same stream of numbers.
class TAPER_API Generator {
 public:
  static constexpr uint64_t kDefaultSeed = 67280421310721;  // PyTorch's

  explicit Generator(uint64_t seed = kDefaultSeed);
  void set_current_seed(uint64_t seed);
  uint64_t current_seed() const;

  uint32_t random();                            // 32 bits
  uint64_t random64();                          // (first draw << 32) | second draw
  void random_block(uint32_t* out, int64_t n);  // the next n draws of random(), faster
  double uniform53();                           // [0, 1) from 53 bits
  float uniform24();                            // [0, 1) from 24 bits
  double normal();                              // Box-Muller, one value kept for the next call

  // Where the stream is: 5056 bytes (uint8), which mean to PyTorch's torch.set_rng_state and get_rng_state what they
  // mean here. set_state checks what it is given.
  Tensor get_state() const;
  void set_state(const Tensor& state);
  // A generator of its own that goes on from the same place.
  Generator clone() const;
  friend bool operator==(const Generator& a, const Generator& b) { return a.engine_ == b.engine_; }

  // For callers who draw several times and share the generator with other threads: std::lock_guard lock(generator);
  // Whoever holds the lock may fill, seed and lock again, but not draw in a derivative of a nested backward pass, which
  // may run on a thread of its own.
  void lock();
  void unlock();

 private:
  struct Engine;
  std::shared_ptr<Engine> engine_;
};

TAPER_API Generator& default_generator();
// Seeds the default generator.
TAPER_API void manual_seed(uint64_t seed);

namespace detail {
// The fills behind rand, uniform_, ...: values are drawn in the order of the elements in memory, as PyTorch does
// (row-major for a contiguous tensor, column by column for its transpose). Parameters are checked, with the method's
// name in errors. bernoulli, randint and geometric take every dtype, the others float32 and float64. None touches the
// version counter.
TAPER_API void fill_uniform(const Tensor& out, double from, double to, Generator& generator);
TAPER_API void fill_normal(const Tensor& out, double mean, double std, Generator& generator);
TAPER_API void fill_bernoulli(const Tensor& out, double p, Generator& generator);
// Of [from, to); from `from` to the largest integer of the dtype (of a float: up to which it holds all); from 0 to
// there.
TAPER_API void fill_randint(const Tensor& out, int64_t from, int64_t to, Generator& generator);
TAPER_API void fill_randint_from(const Tensor& out, int64_t from, Generator& generator);
TAPER_API void fill_randint(const Tensor& out, Generator& generator);
TAPER_API void fill_exponential(const Tensor& out, double lambd, Generator& generator);
TAPER_API void fill_log_normal(const Tensor& out, double mean, double std, Generator& generator);
TAPER_API void fill_cauchy(const Tensor& out, double median, double sigma, Generator& generator);
TAPER_API void fill_geometric(const Tensor& out, double p, Generator& generator);
TAPER_API void fill_randperm(int64_t* out, int64_t n, Generator& generator);
}  // namespace detail

}  // namespace taper
