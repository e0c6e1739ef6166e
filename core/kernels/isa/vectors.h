// Vector registers. Only for files in core/kernels/isa/: everything here is local to the including file. Compilers keep
// arrays of scalars in memory, where accumulators must not be, hence vector types.
#pragma once

#include <taper/core/kernels/isa/isa.h>

namespace taper::kernels::TAPER_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif
// How many T a register holds.
template <class T>
constexpr int kVectorLanes = kVectorBytes / static_cast<int>(sizeof(T));

template <class T, int W>
struct VectorOf {
  typedef T type __attribute__((vector_size(W * sizeof(T))));
};
template <class T>
struct VectorOf<T, 1> {
  using type = T;
};
// W values of T: those of a register, another power of 2, or a number as it is.
template <class T, int W = kVectorLanes<T>>
using Vector = typename VectorOf<T, W>::type;

// W elements of memory, as values of L.
template <class L, int W, class T>
Vector<L, W> load(const T* x) {
  if constexpr (W == 1) {
    return static_cast<L>(*x);
  } else {
    Vector<T, W> v;
    __builtin_memcpy(&v, x, sizeof v);
    return __builtin_convertvector(v, Vector<L, W>);
  }
}
// As many as fill a register in the type that T is computed in.
template <class T>
Vector<compute_t<T>> load(const T* x) {
  return load<compute_t<T>, kVectorLanes<compute_t<T>>>(x);
}
template <int W, class L, class T>
void store(T* x, Vector<L, W> v) {
  if constexpr (W == 1) {
    *x = static_cast<T>(v);
  } else {
    const auto converted = __builtin_convertvector(v, Vector<T, W>);
    __builtin_memcpy(x, &converted, sizeof converted);
  }
}

}  // namespace
}  // namespace taper::kernels::TAPER_ISA
