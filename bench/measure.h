// What the programs that measure kernels share: processor time, shortest times, and the most that the processor's fused
// multiply-adds can reach.
#pragma once

#include <algorithm>
#include <ctime>
#include <limits>

namespace bench {

// Processor time of one thread, which others on the machine do not lengthen; time by the clock for more.
inline double seconds(int threads) {
  timespec t;
  clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// The shortest time of a step, over a few runs of as many as take 0.3 ms.
template <class Step>
double time_of(const Step& step, int threads) {
  step();
  int calls = 0;
  double start = seconds(threads), time = 0;
  do {
    step();
    ++calls;
    time = seconds(threads) - start;
  } while (time < 0.0003);
  time /= calls;
  for (int run = 0; run < 3; ++run) {
    start = seconds(threads);
    for (int i = 0; i < calls; ++i) step();
    time = std::min(time, (seconds(threads) - start) / calls);
  }
  return time;
}

// Fused multiply-adds in as many chains as keep the units busy.
#define TAPER_PEAK(name, attributes, bytes)                                                       \
  template <class T>                                                                              \
  attributes double name() {                                                                      \
    typedef T V __attribute__((vector_size(bytes)));                                              \
    constexpr int kChains = 12, kSteps = 100000;                                                  \
    volatile T one = T(1);                                                                        \
    const V factor = V{} + one;                                                                   \
    V x[kChains] = {};                                                                            \
    double best = std::numeric_limits<double>::infinity();                                        \
    for (int run = 0; run < 100; ++run) {                                                         \
      const double start = seconds(1);                                                            \
      for (int i = 0; i < kSteps; ++i) {                                                          \
        _Pragma("GCC unroll 12") for (int j = 0; j < kChains; ++j) x[j] = x[j] * factor + factor; \
      }                                                                                           \
      best = std::min(best, seconds(1) - start);                                                  \
    }                                                                                             \
    volatile T sink = 0;                                                                          \
    for (const V& v : x) sink = sink + v[0];                                                      \
    return 2.0 * kSteps * kChains * (bytes / sizeof(T)) / best;                                   \
  }
#if defined(__x86_64__)
TAPER_PEAK(peak_avx512, __attribute__((target("avx512f"))), 64)
TAPER_PEAK(peak_avx2, __attribute__((target("avx2,fma"))), 32)
#endif
TAPER_PEAK(peak_baseline, , 16)
#undef TAPER_PEAK

// Operations per second of one thread.
template <class T>
double peak() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return peak_avx512<T>();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return peak_avx2<T>();
#endif
  return peak_baseline<T>();
}

}  // namespace bench
