// Inner loops for several instruction sets, chosen at run time: one binary is fast everywhere and needs no -march.
//
// Every core/kernels/isa/*.cpp is compiled once for each set, with TAPER_ISA defined to its name (baseline, avx2,
// avx512), and defines one table of loops in the namespace of that name; the rest of the library asks for the table of
// the best set this machine has. To add a family of loops, say `sgd`:
//
//   core/kernels/isa/sgd.h      #pragma once
//                               #include <taper/core/kernels/isa/isa.h>
//                               namespace taper::kernels {
//                               struct SgdLoops {  // what each loop computes, the shape behind each pointer
//                                 void (*step)(float* w, const float* dw, int64_t n, float lr);
//                               };
//                               }
//                               TAPER_DECLARE_LOOPS(SgdLoops, sgd_loops)
//   core/kernels/isa/sgd.cpp    #include <taper/core/kernels/isa/sgd.h>
//                               namespace taper::kernels::TAPER_ISA {
//                               namespace {
//                               void step(float* w, const float* dw, int64_t n, float lr) {
//                                 TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) w[i] -= lr * dw[i];
//                               }
//                               }
//                               extern const SgdLoops sgd_loops{step};
//                               }
//   anywhere else               #include <taper/core/kernels/isa/sgd.h>
//                               kernels::sgd_loops().step(w, dw, n, lr);
//
// Rules for these .cpp files (tests/isa_symbols.sh checks the first):
// - No inline function or template from outside: the linker may keep the avx512 copy for the whole program, which then
//   dies on an older machine. Include <cstdint>, isa.h, isa/math.h and table headers alone; helpers go into the
//   anonymous namespace; __builtin_sqrt and its kin instead of <cmath>.
// - No allocation, no exceptions, no threads: the caller cuts the work into pieces (core/parallel.h).
// - Plain loops over contiguous memory, for the compiler to vectorise; -O3 without -ffast-math, so a sum is vectorised
//   only when it is written as separate lanes (float lane[16]). isa/math.h has exp, log, tanh, ... that vectorise.
// - Only what pays: float and double. Integers live in the baseline (core/kernels/elementwise_int.cpp).
#pragma once

#include <cstdint>

namespace taper::kernels {

enum class Isa : int8_t { Baseline, Avx2, Avx512 };

// The best set of this machine, or the one that the environment variable TAPER_ISA names (baseline, avx2 or avx512;
// never more than the machine has). The same for the life of the program.
Isa isa();
// The best set of this machine, whatever TAPER_ISA says.
Isa machine();

}  // namespace taper::kernels

// The iterations of the next loop are independent: what it writes is either exactly what the same iteration reads, or
// nothing that it reads at all.
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed"  // a template's loop need not vectorise for every operation
#define TAPER_VECTORISE _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define TAPER_VECTORISE _Pragma("GCC ivdep")
#else
#define TAPER_VECTORISE
#endif

// The tables `name` of type `Table`, one in the namespace of each set, and the function `name()` that picks one.
#if defined(TAPER_ISA)
#define TAPER_DECLARE_LOOPS(Table, name) \
  namespace taper::kernels::TAPER_ISA {  \
  extern const Table name;               \
  }
#elif defined(TAPER_X86_DISPATCH)
#define TAPER_DECLARE_LOOPS(Table, name)                    \
  namespace taper::kernels {                                \
  namespace baseline {                                      \
  extern const Table name;                                  \
  }                                                         \
  namespace avx2 {                                          \
  extern const Table name;                                  \
  }                                                         \
  namespace avx512 {                                        \
  extern const Table name;                                  \
  }                                                         \
  inline const Table& name() {                              \
    const Isa best = isa();                                 \
    if (best == Isa::Avx512) return avx512::name;           \
    return best == Isa::Avx2 ? avx2::name : baseline::name; \
  }                                                         \
  }
#else
#define TAPER_DECLARE_LOOPS(Table, name)                \
  namespace taper::kernels {                            \
  namespace baseline {                                  \
  extern const Table name;                              \
  }                                                     \
  inline const Table& name() { return baseline::name; } \
  }
#endif
