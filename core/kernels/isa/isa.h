// Inner loops for several instruction sets, chosen at run time: one binary is fast everywhere and needs no -march.
//
// Every core/kernels/isa/*.cpp is compiled once for each set, with TAPER_ISA defined to its name (baseline, avx2,
// avx512), and defines tables of loops in the namespace of that name, one for each floating-point type; the rest of the
// library asks for the table of the best set this machine has. To add a family of loops, say `axpy`:
//
//   core/kernels/isa/axpy.h     #pragma once
//                               #include <taper/core/kernels/isa/isa.h>
//                               namespace taper::kernels {
//                               template <class T>
//                               struct AxpyLoops {  // what each loop computes, the shape behind each pointer
//                                 void (*add)(T* y, const T* x, int64_t n, T factor);
//                               };
//                               }
//                               TAPER_FLOAT_LOOPS(AxpyLoops)
//   core/kernels/isa/axpy.cpp   #include <taper/core/kernels/isa/axpy.h>
//                               namespace taper::kernels::TAPER_ISA {
//                               namespace {
//                               template <class T>
//                               void add(T* y, const T* x, int64_t n, T factor) {
//                                 TAPER_VECTORISE for (int64_t i = 0; i < n; ++i) y[i] += factor * x[i];
//                               }
//                               template <class T>
//                               constexpr AxpyLoops<T> kLoops{add};
//                               }
//                               TAPER_DEFINE_FLOAT_LOOPS(AxpyLoops, kLoops)
//                               }
//   anywhere else               #include <taper/core/kernels/isa/axpy.h>
//                               kernels::loops<AxpyLoops<T>>().add(y, x, n, factor);
//
// Rules for these .cpp files (tests/isa_symbols.sh checks the first):
// - No inline function or template from outside: the linker may keep the avx512 copy for the whole program, which then
//   dies on an older machine. Include <cstdint>, the headers of tables and those whose functions are all local to the
//   including file (math.h, vectors.h, lanes.h, division.h) alone, or intrinsics where compilers need them; helpers go
//   into the anonymous namespace; __builtin_sqrt and the like instead of <cmath>.
// - No allocation, no exceptions, no threads: the caller cuts the work into pieces (core/parallel.h).
// - Plain loops over contiguous memory, for the compiler to vectorise; -O3 without -ffast-math, so a sum is vectorised
//   only when it is written as separate lanes (lanes.h). math.h has exp, log, tanh, ... that vectorise.
// - The same bits whatever the width of vectors: a sum is of as many lanes with each. Compilers fuse no product with an
//   addition (-ffp-contract=off), for they would choose differently in a loop and in what is left of it; where it pays,
//   multiply_add() of math.h says which, or the file stands with those of CMakeLists.txt whose every product is added
//   to one sum and goes nowhere else. tests/same_bits compares the sets.
// - Only what pays: floating-point types. Integers live in the baseline (core/kernels/elementwise_int.cpp).
#pragma once

#include <taper/core/float_types.h>

#include <cstdint>

namespace taper::kernels {

enum class Isa : int8_t { Baseline, Avx2, Avx512 };

// The best set of this machine, or the one that the environment variable TAPER_ISA names (baseline, avx2 or avx512;
// never more than the machine has). The same for the life of the program.
Isa isa();
// The best set of this machine, whatever TAPER_ISA says.
Isa machine();
// "avx2", as TAPER_ISA names it.
const char* name(Isa set);

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

// The sets that are visible here, as X(namespace, ...).
#if defined(TAPER_ISA)
#define TAPER_FOR_EACH_ISA(X, ...) X(TAPER_ISA, __VA_ARGS__)
#elif defined(TAPER_X86_DISPATCH)
#define TAPER_FOR_EACH_ISA(X, ...) X(baseline, __VA_ARGS__) X(avx2, __VA_ARGS__) X(avx512, __VA_ARGS__)
#else
#define TAPER_FOR_EACH_ISA(X, ...) X(baseline, __VA_ARGS__)
#endif

#define TAPER_TABLE(set, unused)  \
  namespace taper::kernels::set { \
  template <class Loops>          \
  struct Table {                  \
    static const Loops loops;     \
  };                              \
  }
TAPER_FOR_EACH_ISA(TAPER_TABLE, )
#undef TAPER_TABLE

// In the header: Family<float>, ... are tables.
#define TAPER_FLOAT_LOOPS(Family) TAPER_FOR_EACH_FLOAT(TAPER_DECLARE_TABLES, Family)
#define TAPER_DECLARE_TABLES(T, Name, Family) TAPER_FOR_EACH_ISA(TAPER_DECLARE_TABLE, T, Family)
#define TAPER_DECLARE_TABLE(set, T, Family) \
  template <>                               \
  const taper::kernels::Family<T> taper::kernels::set::Table<taper::kernels::Family<T>>::loops;

// In the source, in the namespace TAPER_ISA: they are tables<float>, ...
#define TAPER_DEFINE_FLOAT_LOOPS(Family, tables) TAPER_FOR_EACH_FLOAT(TAPER_DEFINE_TABLE, Family, tables)
#define TAPER_DEFINE_TABLE(T, Name, Family, tables) \
  template <>                                       \
  const Family<T> Table<Family<T>>::loops = tables<T>;

namespace taper::kernels {

// The type that loops over elements of T compute in; they convert where they load and where they store.
template <class T>
struct ComputeType {
  using type = T;
};
template <class T>
using compute_t = typename ComputeType<T>::type;

#if !defined(TAPER_ISA)
// loops<Family<T>>(): the table for this machine.
template <class Loops>
const Loops& loops() {
#if defined(TAPER_X86_DISPATCH)
  const Isa best = isa();
  if (best == Isa::Avx512) return avx512::Table<Loops>::loops;
  if (best == Isa::Avx2) return avx2::Table<Loops>::loops;
#endif
  return baseline::Table<Loops>::loops;
}
#endif

}  // namespace taper::kernels
