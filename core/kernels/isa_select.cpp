// Which instruction set the inner loops use (isa/isa.h).
#include <taper/core/error.h>
#include <taper/core/kernels/isa/isa.h>

#include <atomic>
#include <cstdlib>
#include <string_view>

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

const char* name(Isa set) {
  constexpr const char* kNames[] = {"baseline", "avx2", "avx512"};
  return kNames[static_cast<int>(set)];
}

namespace {

Isa choose() {
  const Isa best = machine();
  const char* wanted = std::getenv("TAPER_ISA");
  if (!wanted || !*wanted) return best;
  for (const Isa isa : {Isa::Baseline, Isa::Avx2, Isa::Avx512}) {
    if (name(isa) == std::string_view(wanted)) return isa < best ? isa : best;
  }
  warn(detail::str("TAPER_ISA must be baseline, avx2 or avx512; got ", wanted, "; the best of this machine is used"));
  return best;
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
