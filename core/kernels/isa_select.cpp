// Which instruction set the inner loops use (isa/isa.h).
#include <taper/core/error.h>
#include <taper/core/kernels/isa/isa.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace taper::kernels {

Isa machine() {
#if defined(TAPER_X86_DISPATCH)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    return Isa::Avx512;
  }
  if (avx2) return Isa::Avx2;
#endif
  return Isa::Baseline;
}

namespace {

Isa choose() {
  const Isa best = machine();
  const char* wanted = std::getenv("TAPER_ISA");
  if (!wanted || !*wanted) return best;
  const std::string name = wanted;
  Isa isa = best;
  if (name == "baseline") {
    isa = Isa::Baseline;
  } else if (name == "avx2") {
    isa = Isa::Avx2;
  } else if (name == "avx512") {
    isa = Isa::Avx512;
  } else {
    warn("TAPER_ISA must be baseline, avx2 or avx512; got " + name + "; the best of this machine is used");
  }
  return isa < best ? isa : best;
}

}  // namespace

Isa isa() {
  // Constant-initialised, so that tensors made by static constructors of the host program work.
  static constinit std::atomic<int8_t> chosen{-1};
  int8_t value = chosen.load(std::memory_order_relaxed);
  if (value < 0) [[unlikely]] {
    value = static_cast<int8_t>(choose());
    chosen.store(value, std::memory_order_relaxed);
  }
  return static_cast<Isa>(value);
}

}  // namespace taper::kernels
